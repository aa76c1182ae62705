const env = Bun.env;
export default { realtime: env.REDIS_URL ? { driver: "redis", url: Bun.env["REDIS_URL"] } : { driver: "memory" } };
