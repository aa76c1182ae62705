import { url } from "./generated/redis";
export default { realtime: { driver: "redis", url, keyPrefix: "fp" } };
