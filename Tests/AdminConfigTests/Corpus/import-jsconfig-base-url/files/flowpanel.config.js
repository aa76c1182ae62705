import { url } from "lib/redis";
import { defineAdmin } from "flowpanel";
export default defineAdmin({ realtime: { driver: "redis", url } });
