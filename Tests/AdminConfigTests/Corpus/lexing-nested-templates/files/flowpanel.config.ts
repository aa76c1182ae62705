const host = "cache", tls = !!process.env.REDIS_TLS;
const auth = (user?: string, password?: string) => user ? `${user}${password ? `:${password}` : ""}@` : "";
const url = `redis${tls ? "s" : ``}://${auth(`app${`}`}`, `p\`w${"`"}`)}${host}:${{ port: 6_379 }.port}/${[`${0}`].map((n) => `${n}`)[0]}`;
export default { realtime: { driver: "redis", url } };
