const parsed = new URL(process.env.REDIS_URL ?? "redis://localhost");
const database = Number(parsed.pathname.slice(1) || 0);
const scheme = parsed.searchParams.get("tls") === "1" ? "rediss" : parsed.protocol.replace(":", "");
const credentials = parsed.username ? `${parsed.username}:${decodeURIComponent(parsed.password)}@` : "";
export default {
  realtime: { driver: "redis", url: `${scheme}://${credentials}${parsed.hostname}:${parsed.port || 6379}/${database + 1}` },
};
