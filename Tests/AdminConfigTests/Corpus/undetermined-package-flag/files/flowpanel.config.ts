import { defineAdmin } from "@flowpanel/kit";
import { flags } from "@acme/flags";
export default defineAdmin({ realtime: flags.redis ? { driver: "redis", url: process.env.REDIS_URL } : { driver: "memory" } });
