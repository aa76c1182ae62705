import * as envalid from "envalid";
const env = envalid.cleanEnv(process.env, {
  NODE_ENV: envalid.str({ choices: ["development", "test", "production"] }),
  REDIS_URL: envalid.url({ devDefault: "redis://localhost:6379" }),
});
export default { realtime: { driver: "redis", url: env.REDIS_URL, keyPrefix: env.isProduction ? "live" : "dev" } };
