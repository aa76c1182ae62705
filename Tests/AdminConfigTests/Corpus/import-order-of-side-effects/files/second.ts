import { registry } from "./registry";
if (process.env.REDIS_URL) registry.realtime = { driver: "redis", url: process.env.REDIS_URL };
