export default { realtime: { driver: "kafka", url: process.env.REDIS_URL, keyPrefix: null } };
