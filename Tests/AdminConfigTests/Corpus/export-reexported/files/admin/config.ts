import { defineAdmin } from "flowpanel";
import { url } from "../lib/redis";
export default defineAdmin({ realtime: { driver: "redis", url } });
