import { env } from "./env";
export default { realtime: env ? { driver: "redis", url: env.REDIS_URL } : { driver: "memory" } };
