const { env } = process;
const url = env.REDIS_URL ?? env.KV_URL;
const prefix = env.PREFIX || "fp";
const enabled = env.REALTIME !== "off" && Boolean(url);
export default { realtime: enabled ? { driver: "redis", url, keyPrefix: prefix } : undefined };
