const d = "redis";
export { d as driver };
