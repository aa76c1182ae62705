import { defineAdmin } from "flowpanel";

const config: any = { resources: {}, realtime: { driver: "memory" } };

if (process.env.NODE_ENV === "production") {
  config.realtime.driver = "redis";
  config.realtime["url"] = process.env.REDIS_URL;
  const { realtime } = config;
  realtime.keyPrefix = "mutated";
} else delete config.realtime;

export default defineAdmin(config);
