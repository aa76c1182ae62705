// What a package decides that is not followed is never shown as known, in the least modules that once did.
import AdminConfig
import Testing

@Suite struct Unknowns {
  private static let preamble =
    #"const flags = require("flags"); let z = 0, n = 0; const o = { x: 1, y: 2 }, l = [1]; "#

  @Test(
    "What an unknown value may have decided is unknown",
    arguments: [
      // Leaving twice, and what is again what it was before.
      "function f() { if (flags.a) return; z = 1; if (flags.b) return; z = 0 } f()",
      "function f() { if (flags.a) { z = 1; if (flags.b) return } else { if (flags.c) return; z = 1 } } f()",
      "function f() { for (const v of [1, 2]) { z = v; if (flags.a) return } } f()",
      "for (let i = 0; flags.a; i = 5) { if (i === 0) z = 1 }", "for (; flags.a; z = 0) { z = 1; break }",
      "A: for (const v of [1, 2]) for (const w of [1, 2]) { if (flags.a) continue A; z = v }",
      "switch (1) { case 1: if (flags.a) break; z = 1; if (flags.b) break; z = 0 }",
      // Errors that are caught.
      "try { z = 1; flags.f(); z = 0 } catch {}", "try { await flags.p } catch { z = 1 }",
      "function f() { try { flags.f(); z = 1 } finally { return } } f()",
      "try { if (flags.a) throw 1; else throw 2 } catch (e) { z = e }", "try { const [a] = flags.a } catch { z = 1 }",
      "try { flags.a.x = 1 } catch { z = 1 }", "try { z = 1; flags.f(); z = 0; throw 1 } catch {}",
      // What is called or held by the package.
      "flags.f(() => { if (flags.a) { z = 1; throw 1 } })", "flags.f(() => { z = 1; flags.g(); z = 0 })",
      "flags.on(() => { z = 1 }); z = 0; flags.emit()", "flags.keep(o); o.x = 0; flags.touch(); z = o.x",
      "flags.f({ get x() { z = 1 } })", "class K { m() { z = 1 } }; flags.f(new K())",
      "flags.f(class { constructor() { z = 1 } })", "const g = flags.a ? () => { z = 1 } : () => { z = 1 }; g()",
      "flags.f(() => o); z = o.x - 1", "const r = flags.f(o); o.x = 0; r.x = 2; z = o.x",
      "const e = new flags.F(o); o.x = 0; e.x = 1; z = o.x", "flags.a.x = o; flags.f(); z = o.x - 1",
      // Chains and callbacks that may not run.
      "flags.a?.(z = 1)", "flags.a?.[z = 1]", "[1, 2].some(v => { z = v; return flags.a })",
      "[1, 2].find(v => { z = v; return flags.a })",
      // Keys, their order, and what stands under a key that is not known.
      "if (flags.a) delete o.y; z = Object.keys(o).length - 2", "if (flags.a) o.w = 1; z = 'w' in o ? 0 : 1",
      "if (flags.a) { o.v = 1; o.w = 1 } else { o.w = 1; o.v = 1 } z = JSON.stringify(o)",
      "if (flags.a) Object.freeze(o); o.x = 0; z = o.x", "const p = { o }; p[flags.a].x = 2; z = o.x - 1",
      "const m = new Map([[flags.a, 1]]); m.set('o', o); m.get('o').x = 2; z = o.x - 1",
      "const a = [...flags.a]; a.push(o); o.x = 0; a[0].x = 1; z = o.x",
      "let p; const q = flags.a ? (p = { x: 0 }) : { x: 0 }; if (p) p.x = 1; z = q.x",
      "const s = { set v(w) { z = w } }; flags.f(s); z = 0; s.v = 1",
    ])
  func unknown(_ statements: String) throws {
    let isAsync = statements.contains("await ")
    let config = "{ realtime: { driver: String(z) } }"
    let source =
      isAsync
      ? "\(Self.preamble)module.exports = (async () => { \(statements); return \(config) })()"
      : "\(Self.preamble)\(statements); module.exports = \(config)"
    let found = try settings(source, path: "flowpanel.config.cjs")
    #expect(found.shownDriver == "?", "\(found)")
    #expect(found.failure == nil)
  }
}
