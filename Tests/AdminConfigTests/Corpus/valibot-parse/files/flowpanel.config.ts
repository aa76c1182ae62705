import { defineAdmin } from "@flowpanel/kit";
import { env } from "./env";
export default defineAdmin({ realtime: { driver: "redis", url: env.REDIS_URL, keyPrefix: env.PREFIX } });
