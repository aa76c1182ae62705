type Env = Partial<Record<"REDIS_URL" | "REDIS_PREFIX", string>>;
const pick = <K extends keyof Env>(env: Env, ...names: K[]) => names.map((name) => env[name]);
export const createConfig = ({ ...env }: Env) => {
  const [url, prefix = "passed"] = pick(env, "REDIS_URL", "REDIS_PREFIX");
  return { realtime: { driver: url ? "redis" : "memory", url, keyPrefix: prefix } };
};
