// A variable's text must not become a name: not in a reason, not among the variables.
import AdminConfig
import Facts
import Testing

@Suite struct NamesFromVariables {
  @Test(
    "A variable's text is nowhere in what is returned, and only the variable itself is named",
    arguments: [
      "process.env[T]", "process.env?.[T]", "import.meta.env[T]", "Bun.env[T]", "process[T]", "[\"a\"][T]", "[][T]",
      "({})[T]", "({})[T].x", "({ ...other })[T]", "({ ...other })[T].x", "\"text\"[T]", "\"text\"[T]()",
      "(() => 1)[T]",
      "(5)[T]", "undefined[T]", "null[T]", "undefined?.[T].x", "Object[T]", "Object[T]({})", "module[T]", "module.a[T]",
      "named[T]", "require(T)", "require(T).x", "require(T).x()", "require(`./${T}`)", "require(\"./\" + T)[T]",
      "T.foo", "T.foo()", "T[T]", "T()", "`${T}${f()}`", "`${process.env[T]}`", "T + f()", "T + process.env[T]",
      "f(T)", "f(T)[T]", "({ [T]: 1 })[T]", "({ [T]: f() })[T]", "({ [T]: f() }).x", "({ [f(T)]: 1 }).x",
      "process.env[`A_${T}`]", "process.env[\"A_\" + T]", "process.env[T.trim().toLowerCase()]",
      "process.env[String(T)]", "process.env[T ?? \"A\"]", "process.env[({ a: T }).a]", "process.env[[T][0]]",
      "process.env[Object.freeze({ a: T }).a]", "destructured", "T === \"a\" ? 1 : f()", "-T", "T < 1", "new T()",
      "T.startsWith(f())", "Boolean(T)", "!T", "T && f()", "({ a: T })", "[T]", "/x/[T]", "T`x`",
    ])
  func canary(_ expression: String) throws {
    let preamble = """
      import * as module from "some-module"; import named from "some-module"; import { other } from "some-module";
      import "dotenv/config";
      const T = process.env.TOK; const { [T]: destructured } = process.env;
      """
    for text in ["CANARY-x", "+7031"] {
      for key in ["driver", "url", "keyPrefix", "client"] {
        let members = key == "driver" ? "driver: \(expression)" : "driver: 'redis', \(key): \(expression)"
        for whole in ["realtime: { \(members) }", "realtime: \(expression)", "...\(expression)"] {
          let found = try settings("\(preamble)\nexport default defineAdmin({ \(whole) })", ["TOK": text])
          var shown = "\(found)"
          dump(found, to: &shown)
          #expect(!shown.contains(text), "\(whole): \(shown)")
          let variables =
            found.isSet.variables + found.driver.variables + found.url.variables + found.keyPrefix.variables
          #expect(Set(variables.map(\.name)).isSubset(of: ["TOK"]), "\(whole)")
        }
      }
    }
  }

  @Test("A member that a variable names is unknown for that reason, at its place, and depends on the variable")
  func reason() throws {
    let found = try settings(
      "export default { realtime: { driver: 'redis', url: process.env[process.env.TOK] } }",
      ["TOK": "REDIS_URL", "REDIS_URL": "redis://h"])
    let reason = Unseen(
      .notUnderstood, "`realtime.url` depends on a member named by a variable",
      at: Location(file: "flowpanel.config.ts", line: 1, column: 52))
    #expect(found.url.outcome == .unknown(reason))
    #expect(found.url.variables == [VariableUse("TOK", .set)])
  }

  @Test("A module that a variable names is unknown for that reason")
  func moduleName() throws {
    let found = try settings("export default { realtime: { driver: require(process.env.TOK).x } }", ["TOK": "a"])
    #expect(found.driverReason == "`realtime.driver` depends on a module named by a variable")
    #expect(found.driver.variables == [VariableUse("TOK", .set)])
  }
}
