const names = ["REDIS_URL", "REDIS_TLS_URL", "KV_URL"];
const url = names.map((name) => process.env[name]).find((value) => value?.length);
const hosts = (process.env.HOSTS ?? "b,a").split(",").filter(Boolean).sort();
const total = hosts.reduce((sum, host) => sum + host.length, 0);
const realtime = hosts.some((host) => host === "a") && ["a", "z"].includes(hosts[0]!)
  ? { driver: "redis", url: url ?? `redis://${hosts.join("+")}`, keyPrefix: String(total) }
  : { driver: "memory" };
export default { realtime };
