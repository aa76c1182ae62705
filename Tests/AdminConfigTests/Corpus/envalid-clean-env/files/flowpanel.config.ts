import { env } from "./env";
export default {
  realtime: env.REALTIME
    ? { driver: env.DRIVER, url: env.REDIS_URL, keyPrefix: `${env.PREFIX}:${env.PORT + 1}:${env.RATIO * 2}` }
    : { driver: "memory" },
};
