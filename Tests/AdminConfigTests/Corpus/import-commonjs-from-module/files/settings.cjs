exports.driver = "redis";
exports.url = process.env.REDIS_URL;
exports.prefix = "interop";
