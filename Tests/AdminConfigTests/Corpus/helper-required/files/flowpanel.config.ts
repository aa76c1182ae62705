import { defineAdmin } from "@flowpanel/kit";
import { required } from "./src/env";
export default defineAdmin({ realtime: { driver: "redis", url: required("REDIS_URL") } });
