import { defineAdmin } from "flowpanel";
export default defineAdmin({ realtime: { driver: "redis", url: process.env.REDIS_URL } ;
