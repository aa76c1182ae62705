import { env } from "node:process";
import { defineAdmin } from "flowpanel";
export const runtime = "nodejs";
export default defineAdmin({ realtime: { driver: "redis", url: env.REDIS_URL ?? env["KV_URL"] } });
