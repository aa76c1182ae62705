import { driver } from "./realtime";
export const url = () => driver === "redis" ? process.env.REDIS_URL : undefined;
