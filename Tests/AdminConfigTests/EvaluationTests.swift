// What expressions are worth, as JavaScript defines it, and when they are unknown.
import AdminConfig
import Facts
import Testing

@Suite struct Evaluation {
  @Test(
    "An expression has the value that JavaScript gives it",
    arguments: [
      DriverCase(#""redis""#, is: "redis"),
      DriverCase("'memory'", is: "memory"),
      DriverCase("`redis`", is: "redis"),
      DriverCase(#""re\x64\u0069\u{73}""#, is: "redis"),
      DriverCase("\"re\\\ndis\"", is: "redis"),
      DriverCase(#"process.env.X ? "redis" : "memory""#, is: "memory"),
      DriverCase(#"process.env.X ? "redis" : "memory""#, under: ["X": ""], is: "memory"),
      DriverCase(#"process.env.X ? "redis" : "memory""#, under: ["X": "0"], is: "redis"),
      DriverCase(#"process.env.X ?? "memory""#, under: ["X": "redis"], is: "redis"),
      DriverCase(#"process.env.X ?? "memory""#, is: "memory"),
      DriverCase(#"process.env.X || "memory""#, under: ["X": ""], is: "memory"),
      DriverCase(#"undefined ?? "redis""#, is: "redis"),
      DriverCase(#"null ?? "redis""#, is: "redis"),
      DriverCase(#"(process.env.X ?? "redis") === "" ? "memory" : "redis""#, under: ["X": ""], is: "memory"),
      DriverCase(#"process.env["X"] === "on" ? "redis" : "memory""#, under: ["X": "on"], is: "redis"),
      DriverCase(#"process.env?.X !== "on" ? "redis" : "memory""#, under: ["X": "on"], is: "memory"),
      DriverCase(#"import.meta.env.X ? "redis" : "memory""#, under: ["X": "1"], is: "redis"),
      DriverCase(#"Bun.env.X ? "redis" : "memory""#, under: ["X": "1"], is: "redis"),
      DriverCase(#"env.X ? "redis" : "memory""#, after: "const env = process.env;", under: ["X": "1"], is: "redis"),
      DriverCase(
        #"env.X ? "redis" : "memory""#, after: #"import { env } from "node:process";"#, under: ["X": "1"], is: "redis"),
      DriverCase(#"!process.env.X ? "redis" : "memory""#, is: "redis"),
      DriverCase(#"!!process.env.X && "redis" || "memory""#, is: "memory"),
      DriverCase(#"process.env.X == null ? "memory" : "redis""#, is: "memory"),
      DriverCase(#"process.env.X != undefined ? "redis" : "memory""#, under: ["X": ""], is: "redis"),
      DriverCase("`${\"re\"}${`di${\"s\"}`}`", is: "redis"),
      DriverCase(#"`${process.env.X}` === "undefined" ? "memory" : "redis""#, is: "memory"),
      DriverCase(#""re" + "dis""#, is: "redis"),
      DriverCase(#""a" + 1 + null + true === "a1nulltrue" ? "redis" : "memory""#, is: "redis"),
      DriverCase(#"1_000 === 1e3 && 0x10 === 16 && .5 === 0.5 ? "redis" : "memory""#, is: "redis"),
      DriverCase(#"-1 ? "redis" : "memory""#, is: "redis"),
      DriverCase(#"1 === "1" ? "memory" : "redis""#, is: "redis"),
      DriverCase(
        #"process.env.X?.trim().toLowerCase() === "yes" ? "redis" : "memory""#, under: ["X": " YES "], is: "redis"),
      DriverCase(#"process.env.X?.trim().toLowerCase() === "yes" ? "redis" : "memory""#, is: "memory"),
      DriverCase(#"process.env.X?.startsWith("redis") ? "redis" : "memory""#, under: ["X": "rediss://h"], is: "redis"),
      DriverCase(#"Boolean(process.env.X) ? "redis" : "memory""#, is: "memory"),
      DriverCase(#"String(process.env.X) === "undefined" ? "memory" : "redis""#, is: "memory"),
      DriverCase(#""redis" as const"#, is: "redis"),
      DriverCase(#"("redis" as string as Driver | undefined)!"#, is: "redis"),
      DriverCase(#"<Driver>"redis""#, is: "redis"),
      DriverCase(#""redis" satisfies Driver<Map<string, number>>["kind"]"#, is: "redis"),
      DriverCase(#"(process.env.X as string) ? "redis" : "memory""#, is: "memory"),
      DriverCase(
        #"drivers[process.env.X ? 1 : 0]"#, after: #"const drivers = ["memory", "redis"] as const"#, under: ["X": "1"],
        is: "redis"),
      DriverCase(
        #"table[process.env.X!]"#, after: #"const table = { prod: "redis", "dev": "memory" }"#, under: ["X": "prod"],
        is: "redis"),
      DriverCase(#"a.b?.["c"]"#, after: #"const a = Object.freeze({ b: { c: "redis" } })"#, is: "redis"),
      DriverCase(#"a?.b.c.d ?? "memory""#, after: "const a = undefined", is: "memory"),
      DriverCase("D", after: #"const { D = "redis" } = process.env"#, is: "redis"),
      DriverCase(
        "d", after: #"const { D: d } = process.env as Record<string, string>"#, under: ["D": "memory"], is: "memory"),
      DriverCase("driver", after: #"export const driver: "redis" | "memory" = "redis""#, is: "redis"),
      DriverCase("driver", after: #"let driver = "redis""#, is: "redis"),
      DriverCase("b", after: "const a = 'redis', b = a", is: "redis"),
      DriverCase("pick()", after: #"function pick() { return "redis" }"#, is: "redis"),
      DriverCase("pick()", after: #"const pick = () => "redis""#, is: "redis"),
      DriverCase(#"1 < 2 ? "redis" : "memory""#, is: "redis"),
      DriverCase("driver", after: #"let driver = "memory"; if (process.env.X) driver = "redis""#, is: "memory"),
      DriverCase("driver", after: #"let driver = "memory"; function f() { driver += "x" }"#, is: "memory"),
      DriverCase("driver", after: #"let driver = "memory"; [driver] = ["redis"]"#, is: "redis"),
      DriverCase("driver", after: #"let driver = "memory"; for (driver of ["redis"]) {}"#, is: "redis"),
      DriverCase("driver", after: #"var driver = "memory"; var driver = "redis""#, is: "redis"),
      DriverCase("o.driver", after: #"const o = { driver: "memory" }; o.driver = "redis""#, is: "redis"),
      DriverCase("o.driver", after: #"const o = { driver: "memory" }; { o["driver"] ??= "redis" }"#, is: "memory"),
      DriverCase(
        "o.r.driver", after: #"const o = { r: { driver: "memory" } }; const r = o.r; r.driver = "redis""#, is: "redis"),
      DriverCase(
        "o.driver", after: #"const o = { driver: "memory" }; console.log(o, JSON.stringify(o))"#, is: "memory"),
      DriverCase("process.env.X", after: #"process.env.X = "redis""#, under: ["X": "memory"], is: "redis"),
      DriverCase("process.env.X", after: #"process.env.Y ||= "redis""#, under: ["X": "memory"], is: "memory"),
      DriverCase(
        "process.env.X", after: #"const env = process.env; env.X = "redis""#, under: ["X": "memory"], is: "redis"),
      DriverCase(#"process.env.X ?? "memory""#, after: #"import "dotenv/config""#, under: ["X": "redis"], is: "redis"),
      DriverCase("(0, 'redis')", is: "redis"),
      DriverCase(#"/\/[/"]/.source ? "x" : "y""#, is: "x"),
      DriverCase(#"8 / 2 / 2 ? "redis" : "memory""#, is: "redis"),
    ])
  func value(_ example: DriverCase) throws {
    let found = try settings(example.source, example.environment)
    #expect(found.shownDriver == example.expected, "\(found.driverReason)")
  }

  @Test(
    "What is not followed makes the value unknown and never wrong",
    arguments: [
      DriverCase("flags.realtime", after: #"import { flags } from "some-flags""#, is: "?"),
      DriverCase(#"flags ? "redis" : "memory""#, after: #"import flags from "some-flags""#, is: "?"),
      DriverCase(#"flags.on && "redis""#, after: #"import * as flags from "some-flags""#, is: "?"),
      DriverCase(#"typeof x === "string" ? "redis" : "memory""#, is: "?"),
      DriverCase("new Driver('redis')", is: "?"),
      DriverCase("undeclared", is: "?"),
      DriverCase("a", after: "const a = b; const b = a", is: "?"),
      DriverCase("o.driver", after: #"const o = { driver: "memory" }; delete o.driver"#, is: "?"),
      DriverCase("o.driver", after: #"const o = { driver: "memory" }; Object.assign(o, other)"#, is: "?"),
      DriverCase("o.driver", after: #"const o = { driver: "memory" }; enhance(o)"#, is: "?"),
      DriverCase("process.env.X", after: "Object.assign(process.env, other)", under: ["X": "memory"], is: "?"),
      DriverCase(#"process.env.X ?? "memory""#, after: #"import "dotenv/config""#, is: "?"),
      DriverCase("process.env[name]", after: #"import { name } from "./name""#, is: "?"),
      DriverCase(#"import.meta.env.PROD ? "redis" : "memory""#, is: "?"),
      DriverCase("({}).constructor", is: "?"),
      DriverCase("12", is: "?"),
      DriverCase("0b12 + 'x'", is: "?"),
      DriverCase("{ driver: 1 }", is: "?"),
      DriverCase("undefined", is: "?"),
      DriverCase("f`redis`", is: "?"),
      DriverCase("@ @ 'redis'", is: "?"),
      DriverCase("'redis' 'memory'", is: "?"),
      DriverCase("`\\u{zz}`", is: "?"),
    ])
  func unknown(_ example: DriverCase) throws {
    let found = try settings(example.source, example.environment)
    #expect(found.shownDriver == example.expected, "\(found.driverReason)")
    if example.expected == "?" { #expect(found.driver.outcome.unseen?.location != nil) }
  }

  @Test("The reason for an unknown value names what it depends on, and where that is")
  func reasons() throws {
    let found = try settings(
      """
      import { flags } from "some-flags";
      export default defineAdmin({ realtime: { driver: flags.realtime } });
      """)
    #expect(
      found.driver.outcome.unseen
        == Unseen(
          .notUnderstood,
          #"`realtime.driver` depends on `flags`, imported from "some-flags", which is not followed"#,
          at: Location(file: "flowpanel.config.ts", line: 2, column: 50)))
    #expect(found.isSet.value == true)
  }

  @Test("A value names every variable it depended on, those of conditions too")
  func variables() throws {
    let text = """
      const { REDIS_URL: url, PREFIX = "fp" } = process.env;
      export default defineAdmin({
        realtime: process.env.ON === "1" ? { driver: url ? "redis" : "memory", url, keyPrefix: PREFIX } : undefined,
      });
      """
    let on = try settings(text, ["ON": "1", "REDIS_URL": ""])
    #expect(on.driver.variables == [VariableUse("ON", .set), VariableUse("REDIS_URL", .empty)])
    #expect(on.keyPrefix.variables == [VariableUse("ON", .set), VariableUse("PREFIX", .unset)])
    #expect(on.isSet.variables == [VariableUse("ON", .set)])
    let off = try settings(text)
    #expect(off.isSet.value == false)
    #expect(off.driver.variables == [VariableUse("ON", .unset)])
  }

  @Test("An early end of an optional chain depends on the variable that ended it")
  func optionalChain() throws {
    let found = try settings(DriverCase(#"process.env.X?.trim().toLowerCase() ?? "memory""#, is: "").source)
    #expect(found.driver.variables == [VariableUse("X", .unset)])
  }

  @Test("A key that a condition may have overwritten depends on the condition")
  func spreadConditions() throws {
    let text = """
      export default { realtime: { driver: "memory" }, ...(process.env.X && { realtime: { driver: "redis" } }) };
      """
    let without = try settings(text)
    #expect(without.shownDriver == "memory")
    #expect(without.driver.variables == [VariableUse("X", .unset)])
    #expect(try settings(text, ["X": "1"]).shownDriver == "redis")
  }

  @Test("Where the environment is not known, what depends on it is unknown for that reason and the rest is known")
  func unknownEnvironment() throws {
    let config = try module(
      Array(
        #"export default defineAdmin({ realtime: { driver: "redis", url: process.env.REDIS_URL, keyPrefix: "fp" } })"#
          .utf8),
      path: "c.ts")
    let reason = Unseen(.missing, "web-1.env does not exist", at: Location(file: "m.yaml", line: 3))
    let found = config.realtime(under: .unknown(reason))
    #expect(found.shownDriver == "redis")
    #expect(found.shownPrefix == "fp")
    #expect(found.url.outcome == .unknown(reason))
    #expect(found.url.variables == [VariableUse("REDIS_URL", .unknown)])
  }

  @Test("Evaluation ends after a bounded number of steps, with an unknown value")
  func bounded() throws {
    var text = "const a0 = { v: process.env.X }\n"
    for level in 1...40 { text += "const a\(level) = { v: a\(level - 1).v + a\(level - 1).v }\n" }
    let found = try settings(text + "export default { realtime: { driver: a40.v } }", ["X": "x"])
    #expect(found.shownDriver == "?")
  }
}
