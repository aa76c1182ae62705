const port = parseInt(process.env.REDIS_PORT ?? "6379", 10);
const database = Number(process.env.REDIS_DB) || 0;
const tls = /^(1|true|yes)$/i.test(process.env.REDIS_TLS ?? "");
if (Number.isNaN(port) || port < 1 || port > 65535) throw new RangeError(`REDIS_PORT must be a port, got ${JSON.stringify(process.env.REDIS_PORT)}`);
export default { realtime: { driver: "redis", url: `redis${tls ? "s" : ""}://cache:${port + 0}/${database}`, keyPrefix: `${port > 6379}` } };
