import { isEdge } from "@acme/runtime";
export default {
  realtime: isEdge
    ? { driver: "redis", url: "redis://edge:6379", keyPrefix: "same" }
    : { driver: "redis", url: process.env.REDIS_URL, keyPrefix: "same" },
};
