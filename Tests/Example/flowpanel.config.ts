import { defineAdmin } from "@flowpanel/kit";

const redisUrl = process.env.REDIS_URL;

export default defineAdmin({
  resources: {},
  // Without REDIS_URL this instance would keep its events to itself.
  realtime: redisUrl ? { driver: "redis", url: redisUrl, keyPrefix: "fp" } : { driver: "memory" },
});
