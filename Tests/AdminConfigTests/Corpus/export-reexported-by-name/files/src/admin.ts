export const adminConfig = { realtime: { driver: "redis", url: process.env.REDIS_URL } };
