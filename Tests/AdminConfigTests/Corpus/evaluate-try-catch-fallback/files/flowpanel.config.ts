function redisUrl(): string | null {
  try {
    const url = new URL(process.env.REDIS_URL!);
    if (url.protocol !== "redis:" && url.protocol !== "rediss:") throw new TypeError("scheme");
    return url.href;
  } catch (error) {
    return error instanceof TypeError && error.message === "scheme" ? "redis://scheme" : null;
  } finally {
    console.log("checked");
  }
}
const url = redisUrl();
export default { realtime: url ? { driver: "redis", url } : { driver: "memory" } };
