import invariant from "./invariant";
const url = process.env.REDIS_URL;
invariant(url, "REDIS_URL missing");
invariant(url.startsWith("redis"), () => `bad scheme`);
export default { realtime: { driver: "redis", url } };
