// Changes to an object or to the environment that take a detour: a cast, an array, a loop, a call. What is followed gives
// what JavaScript gives, and what is not followed leaves nothing known that it may have changed.
import AdminConfig
import Facts
import Testing

@Suite struct Detours {
  private static let object = #"const o = { driver: "redis", r: { driver: "redis" } };"#

  private func drivers(_ change: String) throws -> [String] {
    try ["o.driver", "o.r.driver"].map { expression in
      try settings(DriverCase(expression, after: "\(Self.object)\n\(change)", is: "").source).shownDriver
    }
  }

  @Test(
    "An object that is changed by a detour has its new value",
    arguments: [
      #"(o as any).driver = "memory""#, #"(<any>o).driver = "memory""#, #"((o as any)).driver &&= "memory""#,
      #"(o as any)["driver"] = "memory""#, #"(true ? o : x).driver = "memory""#, #"({ o }).o.driver = "memory""#,
      #"[o][0].driver = "memory""#, #"({ a: [o] }).a[0].driver = "memory""#,
      #"Object.values({ o })[0].driver = "memory""#, #"Object.values({ a: { o } })[0].o.driver = "memory""#,
      #"[o].forEach(r => { r.driver = "memory" })"#, #"[o]?.forEach?.(r => { r.driver = "memory" })"#,
      #"[o]["forEach"](r => { r.driver = "memory" })"#, #"[o].map<void>(r => { r.driver = "memory" })"#,
      #"Object.values({ o }).forEach(r => { r.driver = "memory" })"#,
      #"const list = [o]; list.forEach(r => { r.driver = "memory" })"#,
      #"for (const r of [o]) r.driver = "memory""#, #"for (const r of [{ o }]) r.o.driver = "memory""#,
      #"for (const r of Object.values({ o })) r.driver = "memory""#, "o.driver = 'memory'; f({ ...o, r: 1 })",
      #"const list = [o]; for (const r of list) r.driver = "memory""#, "o.driver = 'memory'; Object.freeze(o)",
      #"Object.assign(o, { driver: "memory" })"#, #"new Map([["o", o]]).get("o").driver = "memory""#,
      #"(({ r: { ...rest }, ...all }) => { o.driver = all.driver && "memory" })(o)"#,
    ])
  func changed(_ change: String) throws {
    #expect(try drivers(change) == ["memory", "redis"])
  }

  @Test(
    "An object that something not followed may have changed is unknown",
    arguments: [
      #"(x ? y : o).driver = "memory""#, #"(x ?? o).driver = "memory""#, #"(x && o).r.driver = "memory""#,
      "[x, [o as any]].flat().forEach(change)", "(o as any).change()", "o.change()",
      "for await (const r of [o]) change(r)",
      "f({ o })", "f([o])", "f({ a: o })", "f(x, [o as any])", "f(x ? o : y)", "f(x ?? o)", "f((o))", "new F({ o })",
      "f(<any>o)", "f(...[o])", "f(...x, o)", "[o].forEach(f)", "Promise.resolve(o).then(f)",
      "const all = [o, ...x]; all[0].driver = 'memory'", "const all = { o, ...x }; all.o.driver = 'memory'",
      "[o].find(() => x).driver = 'memory'", "[o].filter(() => x)[0].driver = 'memory'",
      "let r = o; while (x) { r = {} } r.driver = 'memory'", "let r = {}; if (x) r = o; r.driver = 'memory'",
      "const g = () => o; f(g())", "setTimeout(() => { o.driver = 'memory'; o.r = x })", "const { o: p } = f({ o })",
      "switch (x) { case 1: f(o) }", "try { g(o) } catch { h(o) }", "o[x] = 'memory'", "Object.assign(o, x)",
      "class A { constructor(p) { this.p = p } }; f(new A(o))", "f(function () { return { o } })",
    ])
  func unknown(_ change: String) throws {
    let found = try drivers(change)
    #expect(found[0] == "?", "\(found)")
    #expect(found[1] != "memory")
    let reason = try settings(DriverCase("o.driver", after: "\(Self.object)\n\(change)", is: "?").source)
    #expect(reason.driver.outcome.unseen?.location?.line == 2)
  }

  @Test(
    "What an object holds is unknown where only that may have been changed",
    arguments: [
      "f(Object.freeze(o))", "f({ a: { ...o } })", "f(o.r)", "(x ? y : o.r).driver = 'memory'", "const { r } = o; f(r)",
    ])
  func inner(_ change: String) throws {
    #expect(try drivers(change) == ["redis", "?"])
  }

  @Test(
    "A variable that is set by a detour has its new value",
    arguments: [
      #"(process.env as any).X = "memory""#, #"(process.env as any)["X"] = "memory""#,
      #"(process as any).env.X = "memory""#, #"(<any>process.env).X = "memory""#,
      #"[process.env][0].X = "memory""#, #"const name = "X"; process.env[name] = "memory""#,
      #"Object.assign(process.env, { X: "memory" })"#, #"const p = process; p.env.X = "memory""#,
      #"import { env } from "node:process"; env.X = "memory""#, "process.env.X &&= 'memory'",
    ])
  func setVariables(_ change: String) throws {
    let example = DriverCase("process.env.X", after: change, is: "memory")
    #expect(try settings(example.source, ["X": "redis"]).shownDriver == "memory")
  }

  @Test(
    "The variables that something not followed may have set are unknown",
    arguments: [
      "delete (process.env as any).X", "(process.env as any)[name] = 1", "(process.env) = x",
      "[process.env].forEach(e => change(e))", "for (const e of [process.env]) change(e)",
      "Object.values({ a: process.env }).forEach(change)", "f({ env: process.env })", "f(process.env!)",
      "Object.assign(process.env, x)", "if (x) process.env.X = 'memory'",
    ])
  func environment(_ change: String) throws {
    let example = DriverCase("process.env.X", after: change, is: "?")
    #expect(try settings(example.source, ["X": "redis"]).shownDriver == "?")
  }

  @Test(
    "What only reads leaves an object and the environment known",
    arguments: [
      #"(process.env as any).Y = "memory""#, "f(process.env.Y)", "f({ y: process.env.Y })",
      "[process.env.Y, process.env.Z].filter(Boolean).forEach(f)", "for (const y of [process.env.Y]) f(y)",
      "for (const y of Object.entries(process.env)) f(y)", "let n = 0; if (o.driver) ++n",
      "let n = 0; if (process.env.X) --n",
      "JSON.stringify({ o }).concat()", "console.log({ o }, [o])", "defineAdmin({ o })", "f(JSON.stringify({ o }))",
      "f({ o: 1 })", "f((o) => { g() })", "(o.driver as string).trim()", "f(function () { return { r: 1 } })",
      "let d: (typeof o)['driver'] = 'memory'", "x[o.driver].y = 1", "let a, b, c = [1, 2]; if (o) { c }\n[a, b] = c",
    ])
  func reading(_ statement: String) throws {
    for expression in ["process.env.X", "o.driver"] {
      let example = DriverCase(expression, after: "\(Self.object)\n\(statement);", is: "redis")
      let found = try settings(example.source, ["X": "redis"])
      #expect(found.shownDriver == "redis", "\(found.driverReason)")
    }
  }

  @Test("A change of the exports behind a cast is seen")
  func exports() throws {
    let source = #"module.exports = { realtime: { driver: "memory" } }; "#
    #expect(try settings(source + "(module.exports as any).realtime = x", path: "c.cts").shownDriver == "?")
    // `exports` is the object that `module.exports` was before: what is done to it is exported no more.
    #expect(try settings(source + "(exports as any).default = x", path: "c.cts").shownDriver == "memory")
  }
}
