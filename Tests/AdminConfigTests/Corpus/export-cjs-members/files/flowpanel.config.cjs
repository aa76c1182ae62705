module.exports.resources = {};
module.exports.realtime = { driver: "memory" };
if (process.env.REDIS_URL) {
  module.exports.realtime = { driver: "redis", url: process.env.REDIS_URL };
}
