const url = process.env.REDIS_URL.trim();
export default { realtime: { driver: "redis", url } };
