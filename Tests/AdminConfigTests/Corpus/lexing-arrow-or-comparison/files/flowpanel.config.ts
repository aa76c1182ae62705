const few = 3, many = 9;
const f = (a: number, b = (c: number): number => c) => (d: number) => ({ sum: a + b(d) });
const pick = <K extends keyof T, T extends Record<string, unknown>>(key: K, value: T): T[K] => value[key];
const smaller = few < many, both = (few < many) === (many > (few));
const sum = f(1)(2).sum;
const shifted = many >> 1 >>> 1;
export default {
  realtime: smaller && both
    ? { driver: pick("driver", { driver: "redis" }), url: process.env.REDIS_URL, keyPrefix: `n${sum}-${shifted}` }
    : { driver: "memory" },
};
