namespace Settings {
  const scheme = "redis";
  export const host = "cache";
  export namespace Realtime { export const driver = scheme as "redis"; export function url(port = 6379) { return `${scheme}://${host}:${port}`; } }
  export type Unused = { a: 1 };
}
namespace Settings.Keys { export const prefix = "ns"; }
declare namespace Ambient { const x: number; }
namespace OnlyTypes { export interface A { b: string } }

export default { realtime: { driver: Settings.Realtime.driver, url: Settings.Realtime.url(), keyPrefix: Settings.Keys.prefix } };
