const path = require("node:path");
function make(keyPrefix) { return { driver: "redis", url: module.exports.url, keyPrefix }; }
module.exports = { make, url: process.env.REDIS_URL };
