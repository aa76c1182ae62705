const canary = Math.random() < 0.1;
const started = Date.now();
export default { realtime: { driver: canary ? "redis" : "memory", keyPrefix: `t${started}` } };
