function makeEnv(source: NodeJS.ProcessEnv) {
  let reads = 0;
  return {
    get(name: string, fallback?: string) { reads += 1; return source[name] ?? fallback; },
    count: () => reads,
  };
}
const env = makeEnv(process.env);
const url = env.get("REDIS_URL", "redis://fallback");
const { count } = env;
env.get("OTHER");
export default { realtime: { driver: "redis", url, keyPrefix: `reads-${count()}` } };
