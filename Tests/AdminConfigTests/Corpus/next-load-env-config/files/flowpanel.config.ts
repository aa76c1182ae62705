import { loadEnvConfig } from "@next/env";
loadEnvConfig(process.cwd());
export default { realtime: { driver: "redis", url: process.env.REDIS_URL, keyPrefix: process.env.PREFIX } };
