const realtime = (() => {
  if (process.env.DISABLE_REALTIME === "1") return { driver: "memory" as const };
  const url = process.env.REDIS_URL;
  if (url) { return { driver: "redis" as const, url }; }
  throw new Error("Set REDIS_URL or DISABLE_REALTIME=1");
})();
export default { realtime };
