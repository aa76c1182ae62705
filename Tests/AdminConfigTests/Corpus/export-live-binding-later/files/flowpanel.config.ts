let config: object = { realtime: { driver: "memory" } };
export { config as default };
config = { realtime: { driver: "redis", url: "redis://late:6379" } };
