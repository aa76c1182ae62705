const { VITE_PREFIX = "vite" } = import.meta.env;
export default { realtime: { driver: "redis", url: import.meta.env.REDIS_URL, keyPrefix: VITE_PREFIX } };
