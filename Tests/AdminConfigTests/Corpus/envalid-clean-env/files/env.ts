import { bool, cleanEnv, num, port, str, url } from "envalid";
export const env = cleanEnv(process.env, {
  REDIS_URL: url(),
  DRIVER: str({ choices: ["redis", "memory"], default: "redis" }),
  PREFIX: str({ default: "fp", desc: "prefix of the keys" }),
  PORT: port({ default: 3000 }),
  RATIO: num({ default: 0.5 }),
  REALTIME: bool({ default: true }),
});
