const builder = {
  settings: { driver: "memory" } as Record<string, string | undefined>,
  redis(url: string | undefined) { if (url) Object.assign(this.settings, { driver: "redis", url }); return this; },
  prefix(value: string) { this.settings.keyPrefix = value; return this; },
  build() { return { realtime: { ...this.settings } }; },
};
export default builder.redis(process.env.REDIS_URL).prefix("built").build();
