export const env = { REDIS_URL: "redis://wrong" };
