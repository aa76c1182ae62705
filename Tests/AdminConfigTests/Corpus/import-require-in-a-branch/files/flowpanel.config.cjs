let realtime = { driver: "memory" };
if (process.env.REDIS_URL) {
  realtime = require("./redis-" + "realtime.js").make("cjs");
}
module.exports = { realtime };
