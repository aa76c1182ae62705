import { rollout } from "@acme/flags";
let driver = "memory";
let url: string | undefined = process.env.REDIS_URL;
const keyPrefix = "arm";
if (rollout("realtime")) {
  driver = "redis";
  console.log("on");
}
export default { realtime: { driver, url, keyPrefix } };
