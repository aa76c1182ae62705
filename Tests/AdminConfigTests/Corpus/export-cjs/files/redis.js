exports.url = process.env.REDIS_URL;
