abstract class Source {
  abstract read(name: string): string | undefined;
  require(name: string): string;
  require(name: string, fallback: string): string;
  require(name: string, fallback?: string): string {
    const value = this.read(name) ?? fallback;
    if (value === undefined) throw new Error(`Missing ${name}`);
    return value;
  }
}
class ProcessSource extends Source {
  override read(name: string) { return process.env[name]; }
}
function prefix(name: string): string;
function prefix(name: string, separator: string): string;
function prefix(name: string, separator = ":") { return `${name}${separator}`; }

const source: Source = new ProcessSource();
export default { realtime: { driver: source.require("DRIVER", "redis"), url: source.require("REDIS_URL"), keyPrefix: prefix("fp") } };
