import { defineAdmin } from "@flowpanel/kit";
import { env } from "./env";
export default defineAdmin({ realtime: { driver: "redis", url: `redis://${env.REDIS_HOST}:${env.REDIS_PORT + 1}`, keyPrefix: env.NODE_ENV } });
