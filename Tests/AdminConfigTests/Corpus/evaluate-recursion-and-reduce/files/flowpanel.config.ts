const merge = (...parts: any[]): any =>
  parts.reduce((all, part) => {
    for (const [key, value] of Object.entries(part ?? {})) {
      all[key] = value && typeof value === "object" && !Array.isArray(value) ? merge(all[key], value) : value;
    }
    return all;
  }, {});
const base = { realtime: { driver: "memory", keyPrefix: "deep" } };
const production = { realtime: { driver: "redis", url: process.env.REDIS_URL } };
export default merge(base, process.env.NODE_ENV === "production" ? production : null);
