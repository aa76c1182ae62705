const nodes = (process.env.REDIS_NODES ?? "").split(",");
let url = "";
for (const node of nodes) {
  const trimmed = node.trim();
  if (!trimmed || trimmed.startsWith("#")) continue;
  url = `redis://${trimmed}`;
  break;
}
let prefix = "";
for (let index = 0, total = nodes.length; index < total; index++) prefix += index;
const seen: string[] = [];
for (const name in { a: 1, b: 2 }) seen.push(name);
while (prefix.length < 4) { prefix = prefix + seen.join(""); }
export default { realtime: url ? { driver: "redis", url, keyPrefix: prefix } : { driver: "memory" } };
