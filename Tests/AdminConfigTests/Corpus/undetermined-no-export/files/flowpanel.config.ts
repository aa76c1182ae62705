export const realtime = { driver: "redis" };
