// Every value knows the variables that it depended on: where another value of one variable makes a config give another
// URL, that variable is among those of the URL.
import AdminConfig
import Facts
import Testing

private let moduleCount = 400
/// What each variable is, and what it is instead; nil where it is not set.
private let choices: [(name: String, value: String?, other: String?)] = [
  ("NODE_ENV", "production", "development"), ("REDIS_URL", "redis://cache:6379/2", nil), ("PORT", "6379", "80"),
  ("FLAG", "true", nil), ("EMPTY", "", "full"), ("MISSING", nil, "there"),
]

/// Modules whose URL depends on `A`, whether it is set or not.
private let dependent: [String] = [
  "let url = 'x'; if (process.env.A) url = 'y'; module.exports = { realtime: { url } }",
  "let url = 'x'; if (process.env.A) { const parsed = new URL(process.env.A); url = 'y' } module.exports = { realtime: { url } }",
  "let url; try { new URL(process.env.A); url = 'y' } catch { url = 'x' } module.exports = { realtime: { url } }",
  "let url = 'x'; try { url = 'y' + process.env.A.length } catch {} module.exports = { realtime: { url } }",
  "let url = 'x'; try { JSON.parse(process.env.A); url = 'y' } catch {} module.exports = { realtime: { url } }",
  "const need = () => { if (!process.env.A) throw new Error('A') }; let url = 'x'; try { need(); url = 'y' } catch {} module.exports = { realtime: { url } }",
  "let url = 'x'; const set = () => { if (!process.env.A) return; url = 'y' }; set(); module.exports = { realtime: { url } }",
  "let url = 'x'; for (const part of (process.env.A ?? '').split('')) url = 'y'; module.exports = { realtime: { url } }",
  "let url = 'x'; for (const part of [1, 2]) { if (process.env.A) break; url = 'y' } module.exports = { realtime: { url } }",
  "let url = 'x', i = 0; while (i < Number(process.env.A ?? 0)) { i++; if (i === 4) url = 'y' } module.exports = { realtime: { url } }",
  "const urls = { b: 'y' }; module.exports = { realtime: { url: urls[process.env.A] } }",
  "const extra = process.env.A ? { url: 'y' } : {}; module.exports = { realtime: { url: 'x', ...extra } }",
  "const extra = process.env.A && { url: 'y' }; module.exports = { realtime: Object.assign({ url: 'x' }, extra) }",
  "function extra() { if (process.env.A) return { url: 'y' }; return {} } module.exports = { realtime: { url: 'x', ...extra() } }",
  "const extra = JSON.parse(process.env.A ?? '{}'); module.exports = { realtime: { url: 'x', ...extra } }",
  "const o = { url: 'x' }; o[process.env.A ?? 'other'] = 'y'; module.exports = { realtime: o }",
  "const o = { url: 'x' }; delete o[process.env.A]; module.exports = { realtime: o }",
  "const o = { url: 'x' }; if (process.env.A) delete o.url; module.exports = { realtime: o }",
  "const u = new URL('redis://h'); u.hostname = process.env.A ?? 'i'; module.exports = { realtime: { url: u.href } }",
  "const u = new URL('redis://h'); if (process.env.A) u.hostname = 'i'; module.exports = { realtime: { url: String(u) } }",
  "const m = new Map([['k', 'x']]); if (process.env.A) m.set('k', 'y'); module.exports = { realtime: { url: m.get('k') } }",
  "const m = new Map([['k', 'x']]); if (process.env.A) m.delete('k'); module.exports = { realtime: { url: m.get('k') } }",
  "const l = ['x']; if (process.env.A) l.unshift('y'); module.exports = { realtime: { url: l[0] } }",
  "const l = ['x']; if (process.env.A) l.length = 0; module.exports = { realtime: { url: l[0] } }",
  "const l = ['x', 'y']; if (process.env.A) l.reverse(); module.exports = { realtime: { url: l.join() } }",
  "const l = ['x', 'y'].filter((item) => process.env.A || item === 'x'); module.exports = { realtime: { url: l.at(-1) } }",
  "let url = 'x'; (process.env.A ? ['a'] : []).forEach(() => { url = 'y' }); module.exports = { realtime: { url } }",
  "let url = 'x'; process.env.A?.split('').map(() => { url = 'y' }); module.exports = { realtime: { url } }",
  "let url = 'x'; process.env.A && (url = 'y'); module.exports = { realtime: { url } }",
  "let url = 'x'; switch (process.env.A) { case undefined: break; default: url = 'y' } module.exports = { realtime: { url } }",
  "let url = 'x'; switch (process.env.A) { case 'b': url = 'y'; case 'c': break } module.exports = { realtime: { url } }",
  "const pick = ({ url = process.env.A ? 'y' : 'x' } = {}) => url; module.exports = { realtime: { url: pick() } }",
  "const pick = (first, url = 'x') => url; module.exports = { realtime: { url: pick(...(process.env.A ?? '').split('')) } }",
  "const pick = (...all) => all.length > 1 ? 'x' : 'y'; module.exports = { realtime: { url: pick(...(process.env.A ?? '').split(',')) } }",
  "class C { url = 'x'; constructor() { if (process.env.A) this.url = 'y' } } module.exports = { realtime: { url: new C().url } }",
  "const o = { get url() { return process.env.A ? 'y' : 'x' } }; module.exports = { realtime: { ...o } }",
  "const [url = 'x'] = process.env.A ? ['y'] : []; module.exports = { realtime: { url } }",
  "const { url = 'x' } = process.env.A ? { url: 'y' } : {}; module.exports = { realtime: { url } }",
  "const { other, ...rest } = process.env.A ? { url: 'y' } : {}; module.exports = { realtime: { url: rest.url ?? 'x' } }",
  "let url = 'x'; do { if (!process.env.A) break; url = 'y' } while (false); module.exports = { realtime: { url } }",
  "let url = 'x'; outer: for (const a of [1]) { for (const b of [1]) { if (!process.env.A) continue outer } url = 'y' } module.exports = { realtime: { url } }",
  "let url = 'x'; const run = (f) => f?.(); run(process.env.A ? () => { url = 'y' } : undefined); module.exports = { realtime: { url } }",
  "const f = process.env.A ? () => 'y' : () => 'x'; module.exports = { realtime: { url: f() } }",
  "let url = 'x'; try { if (process.env.A) throw new Error('y') } catch (error) { url = error.message } module.exports = { realtime: { url } }",
  "let url = 'x'; try { if (process.env.A) return1(); url = 'y' } catch { } module.exports = { realtime: { url } }",
  "let url; url ??= process.env.A && 'y'; url ??= 'x'; module.exports = { realtime: { url } }",
  "const url = ['A'].some((name) => name in process.env) ? 'y' : 'x'; module.exports = { realtime: { url } }",
  "let url = 'x'; const run = { a() { url = 'y' }, b() {} }; run[process.env.A ?? 'b']?.(); module.exports = { realtime: { url } }",
  "const url = ['x', 'y'].find((item) => item === (process.env.A ? 'y' : 'x')); module.exports = { realtime: { url } }",
  "const all = { a: { url: 'x' }, b: {} }; module.exports = { realtime: { url: 'z', ...all[process.env.A ?? 'b'] } }",
]

@Suite struct Dependency {
  @Test("A URL that a variable decides knows the variable, set or not", arguments: dependent)
  func known(source: String) throws {
    for value in [nil, "a", "b", "redis://h", "{}", "url"] {
      let found = try settings(source, value.map { ["A": $0] } ?? [:], path: "flowpanel.config.cjs")
      guard case .known = found.url.outcome else { continue }
      #expect(found.url.variables.map(\.name) == ["A"], "A is \(value ?? "not set")")
    }
  }

  @Test("A variable that changes a known URL is among its variables", arguments: [false, true])
  func flips(readsMuch: Bool) throws {
    var compared = 0, changed = 0
    for seed in 0..<moduleCount {
      var generator = ModuleGenerator(seed: UInt64(seed), readsMuch: readsMuch)
      let text = generator.module()
      let path = "flowpanel.config.cjs"
      let module = try ConfigModule(entry: path, files: configFiles([path: Array(text.utf8)]))
      var environment: [String: Secret] = [:]
      for choice in choices { environment[choice.name] = choice.value.map { Secret($0) } }
      let base = module.realtime(under: .known(environment))
      guard case .known(let known) = base.url.outcome else { continue }
      for choice in choices {
        var flipped = environment
        flipped[choice.name] = choice.other.map { Secret($0) }
        let other = module.realtime(under: .known(flipped))
        guard case .known(let changedURL) = other.url.outcome else { continue }
        compared += 1
        guard changedURL?.reveal() != known?.reveal() else { continue }
        changed += 1
        #expect(
          [base, other].allSatisfy { $0.url.variables.map(\.name).contains(choice.name) },
          "seed \(seed), \(choice.name): \(known?.reveal() ?? "-") or \(changedURL?.reveal() ?? "-"), by \(base.url.variables)\n\(text)"
        )
      }
    }
    // Comparing what never changes would show nothing.
    #expect(compared > moduleCount * 3 && changed > moduleCount / 4, "\(changed) of \(compared)")
  }
}
