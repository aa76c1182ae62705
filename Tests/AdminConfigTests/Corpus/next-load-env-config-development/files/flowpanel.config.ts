import nextEnv from "@next/env";
nextEnv.loadEnvConfig(process.cwd(), process.env.NODE_ENV !== "production");
export default { realtime: { driver: "redis", url: process.env.REDIS_URL ?? "redis://none" } };
