Object.defineProperty(exports, "__esModule", { value: true });
const realtime = {};
realtime.driver = "redis";
realtime.url = process.env.REDIS_URL;
exports.default = { realtime };
exports.default.realtime.keyPrefix = "piece";
