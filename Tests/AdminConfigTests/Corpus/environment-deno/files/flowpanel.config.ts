const url = Deno.env.get("REDIS_URL");
const has = Deno.env.has("REDIS_URL");
export default { realtime: has ? { driver: "redis", url } : { driver: "memory" } };
