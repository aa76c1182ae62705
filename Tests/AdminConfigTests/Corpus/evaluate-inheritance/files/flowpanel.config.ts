class Base { driver = "memory"; url?: string; constructor(protected prefix: string) { this.init(); } init() {} get keyPrefix() { return this.prefix; } }
class Redis extends Base {
  constructor() { super("base"); this.driver = "redis"; this.url = process.env.REDIS_URL; }
  override init() { super.init(); this.prefix += "+init"; }
  override get keyPrefix() { return super.keyPrefix + "!"; }
}
const made = new Redis();
export default { realtime: { driver: made.driver, url: made.url, keyPrefix: made.keyPrefix } };
