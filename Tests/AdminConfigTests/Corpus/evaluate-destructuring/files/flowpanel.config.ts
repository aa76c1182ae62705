const { REDIS_URL: url = "redis://default:6379", REDIS: { prefix = "none" } = { prefix: "nested" }, ...others } = process.env as any;
const [driver = "memory", , { name: [, second] = [] } = { name: ["x", "y"] }, ...rest] = ["redis", 1, undefined, 3, 4];
function realtime({ url, keyPrefix = `${prefix}-${second}-${rest.length}` }: { url: string; keyPrefix?: string }) {
  return { driver, url, keyPrefix, "extra": others.REDIS_URL };
}
export default { realtime: realtime({ url }) };
