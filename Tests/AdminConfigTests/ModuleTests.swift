// Whole modules: how they export, and what is stepped over on the way.
import AdminConfig
import Facts
import Testing

private let memory = #"{ realtime: { driver: "memory" } }"#
private let redis = #"{ realtime: { driver: "redis", url: process.env.REDIS_URL! } }"#
private let chosen = """
  import { defineAdmin } from "flowpanel";
  const url = process.env.REDIS_URL;
  export default defineAdmin({ realtime: url ? { driver: "redis", url } : { driver: "memory" } });
  """

@Suite struct Modules {
  @Test(
    "A module gives its settings in whichever form it exports them",
    arguments: [
      ModuleCase("export default defineAdmin(\(memory))", driver: "memory", url: "-", keyPrefix: "-"),
      ModuleCase(
        #"import { defineAdmin as d } from "@flowpanel/kit"; export default d(\#(memory));"#, driver: "memory"),
      ModuleCase(#"import defineAdmin from "flowpanel"; export default defineAdmin(\#(memory))"#, driver: "memory"),
      ModuleCase(#"import * as fp from "flowpanel"; export default fp.defineAdmin(\#(memory))"#, driver: "memory"),
      ModuleCase(#"import { defineAdmin } from "./admin"; export default defineAdmin(\#(memory))"#, driver: "?"),
      ModuleCase(#"import { wrap } from "wrap"; export default wrap(defineAdmin(\#(memory)))"#, driver: "?"),
      ModuleCase("function defineAdmin(x) { return {} }\nexport default defineAdmin(\(memory))", driver: "memory"),
      ModuleCase("export default \(memory) satisfies AdminConfig", driver: "memory"),
      ModuleCase(
        "const config: Admin<A, { b: 1 }> = \(memory)\nexport default defineAdmin<Session>(config)", driver: "memory"),
      ModuleCase(
        "const config = defineAdmin(\(memory) as const satisfies X)\nexport { config as default }", driver: "memory"),
      ModuleCase("const config = \(memory)\nexport { config as default, type Config }\nfoo()", driver: "memory"),
      ModuleCase(#"export { default } from "./other""#, driver: "?"),
      ModuleCase("export default () => (\(memory))", driver: "memory"),
      ModuleCase("export default function config() { return 1 }", driver: "?"),
      ModuleCase("export default class {}", driver: "?"),
      ModuleCase("export default await defineAdmin(\(memory))", driver: "memory"),
      ModuleCase("module.exports = \(memory)", driver: "memory", path: "flowpanel.config.cjs"),
      ModuleCase("exports.default = \(memory)", driver: "memory", path: "flowpanel.config.cjs"),
      ModuleCase("module.exports = \(memory); module.exports = other", driver: "?", path: "flowpanel.config.cjs"),
      ModuleCase("if (x) { module.exports = other }\nmodule.exports = \(memory)", driver: "memory", path: "c.cjs"),
      ModuleCase("module.exports = \(memory)\nmodule.exports.realtime = other", driver: "?", path: "c.cjs"),
      ModuleCase(
        #"const { defineAdmin: d } = require("flowpanel"); module.exports = d(\#(memory))"#, driver: "memory",
        path: "c.cjs"),
      ModuleCase(
        "import fp = require('flowpanel')\nexport = fp.defineAdmin(\(memory))", driver: "memory", path: "c.cts"),
      ModuleCase("\u{FEFF}#!/usr/bin/env node\nexport default \(memory)", driver: "memory"),
      ModuleCase("export default defineAdmin({ adapter })", driver: "memory", url: "-", keyPrefix: "-"),
      ModuleCase("export default defineAdmin({ realtime: undefined })", driver: "memory"),
      ModuleCase("export default defineAdmin({ realtime: false })", driver: "?"),
      ModuleCase("export default defineAdmin({ realtime: 'redis' })", driver: "?"),
      ModuleCase("export default defineAdmin()", driver: "?"),
    ])
  func exports(_ example: ModuleCase) throws { try check(example) }

  @Test(
    "Later keys win, and what may overwrite a key makes it unknown",
    arguments: [
      ModuleCase(
        #"import base from "./base"; export default { ...base, realtime: { driver: "redis" } }"#, driver: "redis"),
      ModuleCase(#"import base from "./base"; export default { realtime: { driver: "redis" }, ...base }"#, driver: "?"),
      ModuleCase(#"import base from "./base"; export default { ...base }"#, driver: "?"),
      ModuleCase(#"const base = \#(memory); export default { realtime: 1, ...base }"#, driver: "memory"),
      ModuleCase(#"export default { realtime: { driver: "memory" }, realtime: { driver: "redis" } }"#, driver: "redis"),
      ModuleCase(#"export default { realtime: { driver: "memory" }, [unknown()]: 1 }"#, driver: "?"),
      ModuleCase(#"export default { [unknown()]: 1, realtime: { driver: "memory" } }"#, driver: "memory"),
      ModuleCase(#"export default { ["real" + "time"]: { "driver": "memory" } }"#, driver: "memory"),
      ModuleCase("export default { get realtime() { return 1 } }", driver: "?"),
      ModuleCase("export default { realtime() { return 1 } }", driver: "?"),
      ModuleCase("export default { __proto__: base }", driver: "?"),
      ModuleCase("export default { realtime: { driver: 'redis', ; } }", driver: "?"),
      ModuleCase("const realtime = { driver: 'redis' }; export default { realtime }", driver: "redis"),
    ])
  func keys(_ example: ModuleCase) throws { try check(example) }

  @Test(
    "The URL and the key prefix are what the driver would get",
    arguments: [
      ModuleCase("export default \(redis)", under: ["REDIS_URL": "redis://h/1"], driver: "redis", url: "redis://h/1"),
      ModuleCase("export default \(redis)", driver: "redis", url: "-"),
      ModuleCase("export default \(redis)", under: ["REDIS_URL": ""], driver: "redis", url: ""),
      ModuleCase(chosen, under: ["REDIS_URL": "redis://h"], driver: "redis", url: "redis://h", keyPrefix: "-"),
      ModuleCase(chosen, under: ["REDIS_URL": ""], driver: "memory", url: "-"),
      ModuleCase(chosen, driver: "memory", url: "-"),
      ModuleCase(
        #"import { need } from "./env"; export default { realtime: { driver: "redis", url: need("REDIS_URL") } }"#,
        under: ["REDIS_URL": "redis://h"], driver: "redis", url: "?", keyPrefix: "-"),
      ModuleCase("export default { realtime: { driver: 'redis', url: null } }", driver: "redis", url: "-"),
      ModuleCase("export default { realtime: { driver: 'redis', url: 5 } }", driver: "redis", url: "?"),
      ModuleCase("export default { realtime: { driver: 'memory', url: unknown() } }", driver: "memory", url: "-"),
      ModuleCase("export default { realtime: { driver: 'redis', client: new Redis() } }", driver: "redis", url: "?"),
      ModuleCase(
        "export default { realtime: { driver: 'redis', client: makeClient(), url: process.env.U } }",
        under: ["U": "redis://h"], driver: "redis", url: "?"),
      ModuleCase(
        "export default { realtime: { ...base, driver: 'redis', client: undefined, url: process.env.U } }",
        under: ["U": "redis://h"], driver: "redis", url: "redis://h"),
      ModuleCase(
        "export default { realtime: { ...base, driver: 'redis' } }", driver: "redis", url: "?", keyPrefix: "?"),
      ModuleCase(
        "export default { realtime: { driver: 'redis', url: `redis://${process.env.H}:${6379}/0` } }",
        under: ["H": "h"],
        driver: "redis", url: "redis://h:6379/0"),
      ModuleCase(
        "export default { realtime: { driver: 'redis', url: `redis://${process.env.H}` } }", driver: "redis",
        url: "redis://undefined"),
      ModuleCase(
        "export default { realtime: { driver: 'redis', keyPrefix: `fp:${1}` } }", driver: "redis", keyPrefix: "fp:1"),
      ModuleCase("export default { realtime: { driver: 'redis', keyPrefix: f() } }", driver: "redis", keyPrefix: "?"),
    ])
  func urls(_ example: ModuleCase) throws { try check(example) }

  @Test(
    "What is no configuration is stepped over, whatever it is written in",
    arguments: [
      "// it's\n/* `${ */",
      "import type { A } from 'a'\nimport b, { type C, d as e } from 'b'\nimport 'side-effect'",
      "import data from './x.json' with { type: 'json' }",
      "interface A<T = { x: 1 }> extends B<T> { don: 't'; f(): void }",
      "type A = { a: 'x' } | (<T>(a: T) => T extends string ? 1 : 2)\ntype B = `a${string}`",
      "enum E { A = 'a' }\nconst enum F { B }\ndeclare module 'x' { export const y: 1 }\nnamespace N { let a = 1 }",
      "declare const g: { a: 1 }\nabstract class A<T extends { a: 1 }> extends B<{ c: 2 }> { accessor x = 1; abstract f(): void }",
      "@decorator({ a: 1 })\nexport class A { @prop() x!: string; static { a() } #p = /}/ }",
      "function f(a: { b: 1 } = { b: 1 }): a is { b: 1 } { return `}${ '}' }` }\nfunction g(): void\nfunction g(x?: 1) {}",
      "export async function* h<T>() { yield /[/]}/g }",
      "if (a) { b } else if (c) d()\nelse e()\nfor (const x of y) z()\nwhile (a) b\ndo { c } while (d)\ntry { a } catch { b } finally { c }",
      "const re = a / b / c, s = x ? /'/ : /`/g\nlet n = 0xFF_FFn, m = 1_0.5e-3",
      "const f = async <T,>(x: T): Promise<Map<string, T>> => { return x }\nconst g = (a, b) => a ? { b } : c\nconst h = x => y => z",
      "const t = tag`a${ { b: `c${d}` } }e`\nlabel: for (;;) { break label }",
      "const x = a\n  ? b\n  : c\nconst y = a\n  .b()\n  ?.c",
      "foo()\nbar\n++baz\n!function () {}()",
      "export * from './a'\nexport { b } from './b'\nexport type { C } from './c'\nexport type D = 1",
      "let caf\u{E9} = '\u{1F600}', \u{5909}\u{6570} = 1;\u{00A0}\u{2028}",
      "a = b as unknown as C; (d as any).e = <F>g; h = i!",
      "const o = { async *f() {}, get [x]() { return 1 }, set y(v) {}, 'q-r': 1, 2: 3, async: 1, get: 2, if: 3, f<T>(a: T): T { return a } }",
      "if (a < b && c > d) { e(f < g, h > i) }",
    ])
  func steppedOver(_ preamble: String) throws {
    let found = try settings("\(preamble)\nexport default defineAdmin(\(redis))\n", ["REDIS_URL": "redis://h"])
    #expect(found.shownDriver == "redis")
    #expect(found.shownURL == "redis://h")
  }

  @Test("Values that are not understood leave their neighbours known")
  func neighbours() throws {
    let found = try settings(
      """
      export default defineAdmin({
        adapter: drizzle(db, { schema }),
        auth: async <K, V>(req: Request, map: Map<K, V>): Promise<void> => { if (a < b) throw /re/ },
        broken: 1 2 3,
        resources: [users, { list: (x) => x.map((y) => ({ ...y })) }],
        icon: class extends React.Component<{ a: 1 }> {},
        realtime: { driver: "redis", extra: new Foo<Bar>({}).baz[0], keyPrefix: "fp" },
      });
      """)
    #expect(found.shownDriver == "redis")
    #expect(found.shownPrefix == "fp")
  }

  @Test(
    "JSX is stepped over in files that may hold it, and generics are not taken for it",
    arguments: ["flowpanel.config.tsx", "flowpanel.config.js", "flowpanel.config.mjs"])
  func elements(_ path: String) throws {
    let found = try settings(
      """
      const Icon = () => <svg viewBox="0 0 1 1" {...props}><path d='M"0' /> don't {a ? <b>it's {`}`}</b> : null}</svg>;
      const f = <>text ` " ' </>;
      const less = a < b, pick = <T,>(x: T) => x;
      export default defineAdmin({ logo: <Logo a={{ b: 1 }}/>, realtime: { driver: "redis" } });
      """, path: path)
    #expect(found.shownDriver == "redis")
  }

  @Test("Old type assertions and generic arrows are read in plain TypeScript")
  func assertions() throws {
    let found = try settings(
      "const f = <T>(x: T) => x\nconst a = <Foo<Bar>>{ driver: 'redis' }\nexport default { realtime: a }")
    #expect(found.shownDriver == "redis")
  }

  private func check(_ example: ModuleCase) throws {
    let found = try settings(example.source, example.environment, path: example.path)
    #expect(found.shownDriver == example.driver, "\(found.driverReason)")
    if let url = example.url { #expect(found.shownURL == url) }
    if let prefix = example.keyPrefix { #expect(found.shownPrefix == prefix) }
  }
}
