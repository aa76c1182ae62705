export const enum RealtimeDriver { Memory = "memory", Redis = "redis" }
export const defaults: { [K in RealtimeDriver]?: string } = { [RealtimeDriver.Redis]: process.env.REDIS_URL };
