const realtime: { driver?: string; url?: string; keyPrefix?: string } = { url: process.env.REDIS_URL };
realtime.driver ??= realtime.url ? "redis" : "memory";
realtime.url ||= "redis://localhost";
realtime.keyPrefix &&= "never";
realtime.keyPrefix ??= "set";
export default { realtime };
