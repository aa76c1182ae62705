import { mutate } from "@acme/patch";
const base = { driver: "redis", keyPrefix: "copied" };
const realtime = { ...base, url: process.env.REDIS_URL };
mutate(base);
export default { realtime };
