declare const Deno: any;
const read = (name: string) =>
  typeof process !== "undefined" && process.env ? process.env[name] : typeof Deno !== "undefined" ? Deno.env.get(name) : undefined;
export default { realtime: { driver: "redis", url: read("REDIS_URL") } };
