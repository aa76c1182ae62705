export const driver = "redis";
