import { cache } from "@acme/cache";
const realtime = process.env.REDIS_URL ? { driver: "redis", url: process.env.REDIS_URL } : cache.settings;
export default { realtime };
