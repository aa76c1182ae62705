export const registry: { realtime?: unknown } = {};
