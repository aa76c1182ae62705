var first = typeof later + typeof declared;
export default { realtime: make() };
var later = "set";
function make() { return { driver: kind(), url: process.env.REDIS_URL, keyPrefix: `${first}-${later}` }; }
function kind() { if (true) { var driver = "redis"; } return driver; }
function declared() {}
