const base = { driver: "memory", url: "redis://base", keyPrefix: "base" };
const overrides = process.env.REDIS_URL ? { driver: "redis", url: process.env.REDIS_URL } : {};
export default {
  realtime: { driver: "nothing" },
  ...{ realtime: { ...base, ...overrides, ...(process.env.REDIS_URL && { keyPrefix: "spread" }), ...undefined } },
};
