const response = await fetch(process.env.CONFIG_URL!);
const remote = (await response.json()) as { redis: string };
export default { realtime: { driver: "redis", url: remote.redis, keyPrefix: "remote" } };
