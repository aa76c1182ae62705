async function url(): Promise<string> {
  if (!process.env.REDIS_URL) throw new Error("no redis");
  return process.env.REDIS_URL;
}
export async function loadSettings() {
  try {
    return { realtime: Promise.resolve({ driver: "redis", url: await url() }) };
  } catch {
    return { realtime: { driver: "memory" } };
  }
}
