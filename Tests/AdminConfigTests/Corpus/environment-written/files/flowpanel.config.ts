process.env.REDIS_URL ??= "redis://written:6379";
if (process.env.NODE_ENV === "test") delete process.env.REDIS_URL;
const url = process.env.REDIS_URL;
export default { realtime: url ? { driver: "redis", url } : { driver: "memory" } };
