const [, , mode] = process.argv;
const fallback = process.env.DRIVER;
export default { realtime: { driver: fallback ?? (mode === "--redis" ? "redis" : "memory") } };
