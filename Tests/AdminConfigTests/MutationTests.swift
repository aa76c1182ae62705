// Changes to an object or to the environment that take a detour: a cast, an array, a loop, a call.
import AdminConfig
import Facts
import Testing

@Suite struct Detours {
  private static let object = #"const o = { driver: "redis", r: { driver: "redis" } };"#

  @Test(
    "An object that is changed by a detour is unknown",
    arguments: [
      #"(o as any).driver = "memory""#, #"(<any>o).driver = "memory""#, #"((o as any)).driver ||= "memory""#,
      #"(o as any)["driver"] = "memory""#, "delete (o as any).driver", "(o as any).driver++", "--(o as any).driver",
      #"delete o?.["driver"]"#, #"(x ? y : o).driver = "memory""#, #"(Object.freeze(o) as any).driver = "memory""#,
      #"({ o }).o.driver = "memory""#, #"[o][0].driver = "memory""#, #"({ a: [o] }).a[0].driver = "memory""#,
      #"Object.values({ o })[0].driver = "memory""#, #"Object.values({ a: { o } })[0].o.driver = "memory""#,
      #"[o].forEach(r => { r.driver = "memory" })"#, #"[o]?.forEach?.(r => { r.driver = "memory" })"#,
      #"[o]["forEach"](r => { r.driver = "memory" })"#, #"[o].map<void>(r => { r.driver = "memory" })"#,
      #"if (x) [o].forEach(r => { r.driver = "memory" })"#, #"[x, [o as any]].flat().forEach(change)"#,
      #"Object.values({ o }).forEach(r => { r.driver = "memory" })"#, "(o as any).change()", "o.change()",
      #"const list = [o]; list.forEach(r => { r.driver = "memory" })"#,
      #"for (const r of [o]) r.driver = "memory""#, #"for (const r of [x, { o }]) r.o.driver = "memory""#,
      #"for (const r of Object.values({ o })) r.driver = "memory""#, "for await (const r of [o]) change(r)",
      #"const list = [o]; for (const r of list) r.driver = "memory""#,
      "f({ o })", "f([o])", "f({ a: o })", "f({ a: { ...o } })", "f(x, [o as any])", "f(x ? o : y)", "f(x ?? o)",
      "f(Object.freeze(o))", "f((o))", "new F({ o })", "f(<any>o)",
    ])
  func objects(_ change: String) throws {
    for expression in ["o.driver", "o.r.driver"] {
      let found = try settings(DriverCase(expression, after: "\(Self.object)\n\(change)", is: "?").source)
      #expect(found.shownDriver == "?")
      #expect(found.driver.outcome.unseen?.location?.line == 2)
    }
  }

  @Test(
    "The variables that are set by a detour are unknown",
    arguments: [
      #"(process.env as any).X = "memory""#, #"(process.env as any)["X"] = "memory""#,
      #"(process as any).env.X = "memory""#, #"(<any>process.env).X = "memory""#, "delete (process.env as any).X",
      "(process.env as any)[name] = 1", "(process.env) = {}", "[process.env].forEach(e => change(e))",
      "for (const e of [process.env]) change(e)", "Object.values({ a: process.env }).forEach(change)",
      "f({ env: process.env })", "f(process.env!)", #"[process.env][0].X = "memory""#,
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
      "for (const y of Object.entries(process.env)) f(y)", "if (o.driver) ++n", "if (process.env.X) --n",
      "JSON.stringify({ o }).concat()", "console.log({ o }, [o])", "defineAdmin({ o })", "f(JSON.stringify({ o }))",
      "f({ o: 1 })", "f((o) => { g() })", "(o.driver as string).trim()", "f(function () { return { o } })",
      "let d: (typeof o)['driver'] = 'memory'", "table[o.driver].x = 1", "if (o) { x }\n[a, b] = c",
    ])
  func reading(_ statement: String) throws {
    for expression in ["process.env.X", "o.driver"] {
      let example = DriverCase(expression, after: "\(Self.object)\n\(statement);", is: "redis")
      let found = try settings(example.source, ["X": "redis"])
      #expect(found.shownDriver == "redis", "\(found.driverReason)")
    }
  }

  @Test("A change of the exports behind a cast makes everything unknown")
  func exports() throws {
    for change in ["(module.exports as any).realtime = x", "(exports as any).default = x"] {
      let source = #"module.exports = { realtime: { driver: "memory" } }; "# + change
      #expect(try settings(source, path: "c.cts").shownDriver == "?")
    }
  }
}
