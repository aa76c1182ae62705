import type { AdminConfig } from "@flowpanel/kit";

export default {
  resources: {},
  realtime: { driver: "redis", url: process.env.REDIS_URL!, keyPrefix: "shop" },
} satisfies AdminConfig;
