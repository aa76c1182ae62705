class Settings {
  static #instance?: Settings;
  static get instance() { return (this.#instance ??= new Settings()); }
  #url = process.env.REDIS_URL;
  private constructor() {}
  get realtime() { return this.#url ? { driver: "redis", url: this.#url } : { driver: "memory" }; }
}
class Child { constructor(readonly settings = Settings.instance) {} toConfig() { return { realtime: this.settings.realtime }; } }
export default new Child().toConfig();
