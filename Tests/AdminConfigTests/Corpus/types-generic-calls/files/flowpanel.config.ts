const create = <const T>(value: T) => value;
function choose<T, U = T>(this: void, first: T | undefined, second: U): T | U { return first ?? second; }
const chosen = choose<string, string>(process.env.REDIS_URL, "redis://fallback:6379");
const maker = choose<string>;
const table = new Map<string, Array<{ name: string }>>([["fp", [{ name: "gen" }]]]);
export default create<{ realtime: unknown }>({
  realtime: { driver: maker("redis", "memory"), url: chosen, keyPrefix: table.get("fp")![0]!.name },
});
