const type = "redis", of = process.env.REDIS_URL, get = "g", set = "s", async = "a", from = "f", as = "as";
const declare = (namespace: string) => namespace, abstract = { module: 1, static: 2, enum: 3 };
type Of = { of: typeof of };
const let_ = async + get + set + from + as + declare("n") + abstract.enum;
export default { realtime: { driver: type, url: of, keyPrefix: let_ } };
