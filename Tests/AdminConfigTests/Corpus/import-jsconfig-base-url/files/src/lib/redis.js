export const url = process.env.REDIS_URL;
