import { defineAdmin } from "flowpanel";
import { env } from "../config/env";
export default defineAdmin({ realtime: { driver: "redis", url: env.redis } });
