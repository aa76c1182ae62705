import { Injectable, Column } from "some-framework";

@Injectable({ scope: { a: 1 } })
@(Injectable as any)
export class UserService<T extends { id: string } = { id: string }> extends Object implements A, B<T> {
  @Column({ type: "text" }) readonly name!: string;
  @Column() accessor title = "}";
  static #count = 0;
  declare meta: unknown;
  private async *rows?(): AsyncGenerator<T> { yield* []; }
  constructor(@Column() private readonly db: Map<string, T>, public override x?: number) { super(); }
  get [Symbol.toStringTag](): string { return `User`; }
  protected abstract_(): asserts this is { x: number } {}
  static { const ready = `}`; }
}
interface A { a?(this: A, ...rest: string[]): void; new (x: number): A; (call: string): number; readonly [key: string]: unknown }
interface B<in out T> extends A { b: T; get c(): string; set c(v: string) }

class Options {
  static readonly driver = "redis" as const;
  constructor(private readonly source: NodeJS.ProcessEnv, readonly prefix = "cls") {}
  get url(): string | undefined { return this.source.REDIS_URL; }
}
const options = new Options(process.env);

export default { realtime: { driver: Options.driver, url: options.url, keyPrefix: options.prefix } };
