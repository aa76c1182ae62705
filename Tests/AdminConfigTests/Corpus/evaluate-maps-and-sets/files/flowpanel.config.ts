const drivers = new Map([["production", "redis"], ["development", "memory"]]);
const allowed = new Set<string>(["redis", "memory"]);
const driver = drivers.get(process.env.NODE_ENV ?? "development") ?? "memory";
if (!allowed.has(driver)) throw new Error("unreachable");
export default { realtime: { driver, url: process.env.REDIS_URL, keyPrefix: `${drivers.size}${[...drivers.keys()].join("|")}` } };
