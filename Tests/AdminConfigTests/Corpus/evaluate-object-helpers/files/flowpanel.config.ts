const defaults = Object.freeze({ driver: "redis", keyPrefix: "frozen" });
const fromEnvironment = Object.fromEntries(
  Object.entries({ url: process.env.REDIS_URL, keyPrefix: process.env.PREFIX }).filter(([, value]) => value !== undefined),
);
const realtime = Object.assign({}, defaults, { url: "redis://assigned" }, fromEnvironment);
const keys = Object.keys(realtime).length + Object.values(defaults).length;
export default Object.freeze({ realtime: { ...realtime, keyPrefix: `${realtime.keyPrefix}${keys}` } });
