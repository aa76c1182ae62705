const total = 12, g = 2, i = 3;
const half = total / g / i; // 2
const port = /:(\d+)(?=\/|$)/.exec(process.env.REDIS_URL ?? "")?.[1] ?? "6379";
const quotes = "it's".replace(/['"`/]/g, "") + [/[/}]/].length;
const ratio = (total) / g; const match = /}/g.test("}");
if (half) /re"gex/.test(quotes);
let x = 4
x /= g
const after = x++ / 2 / 1;
export default {
  realtime: { driver: match ? "redis" : "memory", url: `redis://cache:${port}/${half + ratio}`, keyPrefix: `${quotes}:${after}` },
};
