const loadUrl = async (): Promise<string | undefined> => process.env.REDIS_URL;

export default async () => {
  const url = await loadUrl();
  return { realtime: url ? { driver: "redis", url } : { driver: "memory" } };
};
