const env = {
  get redisUrl() { return process.env.REDIS_URL; },
  get hasRedis() { return !!this.redisUrl; },
  get broken(): never { throw new Error("never read"); },
};
export default {
  get realtime() { return env.hasRedis ? { driver: "redis", get url() { return env.redisUrl; } } : { driver: "memory" }; },
};
