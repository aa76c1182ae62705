let config = { realtime: { driver: "memory" } };
export default config;
config = { realtime: { driver: "redis" } };
