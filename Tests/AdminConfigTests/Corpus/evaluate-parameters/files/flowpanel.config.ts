function redis(url = process.env.REDIS_URL, { prefix = "p", ...more }: { prefix?: string; db?: number } = {}, ...suffixes: string[]) {
  return { driver: "redis", url: more.db === undefined ? url : `${url}/${more.db}`, keyPrefix: [prefix, ...suffixes].join(":") };
}
export default { realtime: redis(undefined, { db: 3 }, "x", ...["y", "z"]) };
