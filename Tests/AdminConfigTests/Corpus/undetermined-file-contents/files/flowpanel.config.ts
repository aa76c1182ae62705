import fs, { existsSync, readFileSync } from "node:fs";
const secret = readFileSync("/run/secrets/redis_password", "utf8").trim();
const driver = existsSync("/run/secrets/redis_password") ? "redis" : "memory";
export default { realtime: { driver, url: `redis://:${secret}@cache:6379`, keyPrefix: fs ? "fs" : "fs" } };
