import { env } from "./env";
export default { realtime: { driver: "redis", url: env.REDIS_URL } };
