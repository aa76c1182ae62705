export const env = { redis: process.env.REDIS_URL };
