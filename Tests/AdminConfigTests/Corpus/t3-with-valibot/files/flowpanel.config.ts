import { defineAdmin } from "@flowpanel/kit";
import { env } from "./env.mjs";
export default defineAdmin({ realtime: { driver: "redis", url: env.REDIS_URL } });
