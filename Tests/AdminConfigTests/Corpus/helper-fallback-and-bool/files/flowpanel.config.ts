import * as read from "./src/env";
const realtime = read.bool("REALTIME_REDIS", true)
  ? { driver: "redis", url: read.env("REDIS_URL", "redis://localhost:6379"), keyPrefix: read.env("REALTIME_PREFIX") }
  : { driver: "memory" };
export default { realtime };
