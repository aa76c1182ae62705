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
  "let url = 'x'; function set() { if (process.env.A === 'a') return; url = 'y' } if (process.env.A) set(); module.exports = { realtime: { url } }",
  "let url = 'x'; const log = (m) => { return m }; function set() { try { if (process.env.A) return } finally { log() } url = 'y' } set(); module.exports = { realtime: { url } }",
  "const o = {}; if (process.env.A) o.b = 1; module.exports = { realtime: { url: Object.keys(o).length ? 'y' : 'x' } }",
  "module.exports = { realtime: { url: ['x', 'y'].sort((a, b) => process.env.A ? (a < b ? 1 : -1) : 0)[0] } }",
  "module.exports = { realtime: { url: Array.from({ length: process.env.A ? 2 : 1 }, (_, i) => i).join('') } }",
  "let url = 'x'; const run = (f) => f && f(); run(process.env.A ? () => { url = 'y' } : null); module.exports = { realtime: { url } }",
  "const l = []; if (process.env.A) l.push('y'); module.exports = { realtime: { url: l.at(-1) ?? 'x' } }",
]

/// Modules whose driver is a literal that `A` does not touch.
private let untouched: [String] = [
  "const list = []; for (const o of (process.env.A ?? '').split(',')) if (o) list.push(o); module.exports = { list, realtime: { driver: 'redis' } }",
  "let n = 0; for (let i = 0; i < Number(process.env.A ?? 2); i++) n++; const realtime = { driver: 'redis' }; module.exports = { n, realtime }",
  "let conf; try { const title = process.env.A ? process.env.A.trim() : 'Admin'; conf = { title, realtime: { driver: 'redis' } } } catch { conf = { realtime: { driver: 'memory' } } } module.exports = conf",
  "let conf; const opts = process.env.A ? { tls: true } : { tls: false }; try { conf = { tls: opts.tls, realtime: { driver: 'redis' } } } catch { conf = {} } module.exports = conf",
  "let conf; try { if (!process.env.A) throw new Error('A'); conf = { realtime: { driver: 'redis' } } } catch (e) { console.error(e); process.exit(1) } module.exports = conf",
  "const db = { production: { driver: 'pg' }, development: { driver: 'sqlite' } }[process.env.A ?? 'development']; module.exports = { db, realtime: { driver: 'redis', ...(process.env.A ? { keyPrefix: process.env.A } : {}) } }",
  "const cache = process.env.A ? { driver: 'file' } : { driver: 'none' }; module.exports = { cache, realtime: { driver: 'redis', ...(process.env.A && { keyPrefix: 'x' }) } }",
  "let driver = 'redis'; const log = process.env.A ? console.log : () => {}; log('starting'); module.exports = { realtime: { driver } }",
  "let driver = 'redis'; const use = process.env.NODE_ENV === 'test' ? () => { driver = 'memory' } : () => {}; const log = process.env.A ? () => 1 : () => 2; use(); log(); module.exports = { realtime: { driver } }",
  "const drivers = ['redis', 'memory']; if (process.env.A) drivers.push('b'); module.exports = { realtime: { driver: drivers[0] } }",
  "const m = new Map(); m.set('driver', 'redis'); if (process.env.A) m.set('b', 1); module.exports = { realtime: { driver: m.get('driver') } }",
  "const freeze = (o) => { for (const k of Object.keys(o)) if (o[k] && typeof o[k] === 'object') freeze(o[k]); return Object.freeze(o) }; module.exports = freeze({ title: process.env.A ?? 'x', ...(process.env.A && { s: { dsn: process.env.A } }), realtime: { driver: 'redis' } })",
  "const slug = (s) => s.toLowerCase(); const label = slug(process.env.A ?? 'x'); switch (process.env.A) { case 'a': console.log(1); break; default: console.log(2) } module.exports = { label, realtime: { driver: 'redis' } }",
  "function seed() { if (process.env.A) return []; const rows = []; for (let i = 0; i < 120; i++) rows.push(Array(100000).fill(0)); return rows } const driver = 'redis'; module.exports = { seed: process.env.A ? seed() : 0, realtime: { driver } }",
]

/// Modules that start without `A`, which is set here.
private let notRequired: [String] = [
  "const bool = (n, d) => { const v = process.env[n]; if (v === undefined) return d; if (v === 'true') return true; if (v === 'false') return false; throw new Error(n) }; module.exports = { realtime: { driver: bool('A', false) ? 'redis' : 'memory' } }",
  "const p = Number(process.env.A === 'true' ? 1 : 3000); if (!Number.isInteger(p)) throw new Error('A'); module.exports = { realtime: { driver: 'redis' } }",
  "let o; try { o = JSON.parse(process.env.A || '{}') } catch { throw new Error('A') } module.exports = { realtime: { driver: o.driver ?? 'redis' } }",
]

@Suite struct Dependency {
  @Test("A URL that a variable decides knows the variable, set or not", arguments: dependent)
  func known(source: String) throws {
    for value in [nil, "a", "b", "redis://h", "{}", "url"] {
      let found = try settings(source, value.map { ["A": $0] } ?? [:], path: "flowpanel.config.cjs")
      guard case .known = found.url.outcome else {
        // It throws, or calls what is not there.
        #expect(value != nil && (found.failure != nil || source.contains("return1()")), "A is \(value ?? "not set")")
        continue
      }
      #expect(found.url.variables.map(\.name) == ["A"], "A is \(value ?? "not set")")
    }
  }

  @Test("A literal that a variable does not touch does not depend on it", arguments: untouched)
  func untouchedLiteral(source: String) throws {
    for value in [nil, "a", "true"] {
      let found = try settings(source, value.map { ["A": $0] } ?? [:], path: "flowpanel.config.cjs")
      guard found.failure == nil else {
        #expect(value == nil && source.contains("process.exit(1)"), "\(String(describing: found.failure))")
        continue
      }
      #expect(found.driver.value == "redis", "\(found.driverReason)")
      #expect(!found.driver.variables.map(\.name).contains("A"), "A is \(value ?? "not set")")
    }
  }

  @Test("A variable without which the config starts is not required", arguments: notRequired)
  func startsWithout(source: String) throws {
    let found = try settings(source, ["A": "true"], path: "flowpanel.config.cjs")
    #expect(found.reads.first { $0.name == "A" }?.need != .failsWithout)
  }

  @Test("A variable without which the config throws is required, wherever the decision stands")
  func required() throws {
    let source = """
      const need = (name) => { const value = process.env[name]; if (!value) throw new Error(name); return value };
      const url = need("A");
      if (process.env.B === undefined) throw new Error("B");
      module.exports = { realtime: { driver: "redis", url } };
      """
    let found = try settings(source, ["A": "true", "B": ""], path: "flowpanel.config.cjs")
    #expect(found.reads.map(\.need) == [.failsWithout, .failsWithout])
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
      #expect(
        base.driver.variables.isEmpty, "seed \(seed): a literal driver depends on \(base.driver.variables)\n\(text)")
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
    #expect(compared == moduleCount * choices.count && changed > moduleCount / 2, "\(changed) of \(compared)")
  }
}
