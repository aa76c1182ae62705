export = { url: process.env.REDIS_URL, prefix: "cts" };
