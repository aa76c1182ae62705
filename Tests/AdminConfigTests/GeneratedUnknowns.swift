// Modules that lean on a package which is not followed: whatever it gives, does to what it is handed and calls decides
// what they compute. Every loop is under a bound, so that each ends whatever the package gives.

/// Writes one module whose variables may depend on `flags`, a package that is not followed.
struct UnknownModuleGenerator {
  private var random: SeededGenerator
  private var functions: [String] = []
  private var names = 0
  private var nesting = 0
  private var statements = 0
  private var isInFunction = false
  private var isAsync = false
  private var loops: [String] = []
  private var isInLoop = false
  private var isInSwitch = false

  /// The variables whose values are compared.
  static let outputs = [
    "n0", "n1", "n2", "n3", "o0", "o1", "o2", "o3.x", "l0", "l1", "[...m0]", "[...s0]", "k0.x", "last",
  ]

  init(seed: UInt64) { random = SeededGenerator(state: seed) }

  /// The statements of a module, and whether they stand in an asynchronous function.
  mutating func module() -> (body: String, isAsync: Bool) {
    isAsync = chance(4)
    isInFunction = false
    var lines = [
      "let fuel = 12, n0 = 0, n1 = 1, n2 = 2, n3 = 3, last = 0;",
      "const cap = v => typeof v === \"string\" ? v.slice(0, 30) : v;",
      "const o0 = { x: 1, y: 2 }, o1 = { x: 3, inner: o0 }, o2 = { x: 4, get y() { return n0 }, set z(v) { n1 = v } };",
      "const o3 = o0, l0 = [1, 2, 3], l1 = [o1, 5], m0 = new Map([[\"x\", 1]]), s0 = new Set([1]);",
      "class K { x = 1; set(v) { this.x = v; n2 = 7 } get y() { return this.x } }; const k0 = new K();",
    ]
    for _ in 0..<int(2...6) { lines += [statement()] }
    lines.append("last = \(expression(2));")
    return (lines.joined(separator: "\n"), isAsync)
  }

  private mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  private mutating func chance(_ one: Int) -> Bool { int(1...one) == 1 }
  private mutating func pick(_ choices: String...) -> String { random.pick(choices) }
  private mutating func name(_ prefix: String) -> String {
    names += 1
    return "\(prefix)_\(names)"
  }

  // MARK: Expressions

  private mutating func number() -> String { pick("n0", "n1", "n2", "n3") }
  private mutating func object() -> String { pick("o0", "o1", "o2", "o3", "o1.inner", "k0", "l1[0]") }
  private mutating func list() -> String { pick("l0", "l1") }
  private mutating func key() -> String { pick("x", "y", "x", "w") }

  private mutating func unknown() -> String {
    switch int(0...13) {
    case 0...4: pick("flags.a", "flags.b", "pick.c")
    case 5: "flags.f(\(number()))"
    case 6: "flags.f(\(object()))"
    case 7: "pick(\(list()))"
    case 8: "flags.f(\(callback()))"
    case 9: "new flags.F(\(pick(object(), number(), callback())))"
    case 10: "flags.f({ \(key()): \(object()) })"
    case 11: "pick(\(pick("m0", "s0", "K", "k0")))"
    case 12: isAsync ? "(await flags.f(\(pick(object(), callback()))))" : "flags.f`a${\(object())}b`"
    default: "flags.a?.[\(expression(1))]"
    }
  }

  private mutating func condition() -> String {
    if chance(2) { return pick("flags.a", "flags.b", "!pick.c", "flags.f()", "flags.a === \(number())") }
    return "\(expression(1)) \(pick("<", "===", ">", "!==", "==")) \(expression(1))"
  }

  private mutating func callback() -> String {
    if !functions.isEmpty, chance(3) || statements > 12 { return random.pick(functions) }
    if statements > 12 { return "(v => { \(number()) = \(pick("v", "5", "1")) })" }
    let outer = (isInFunction, loops, isInLoop, isInSwitch, isAsync)
    defer { (isInFunction, loops, isInLoop, isInSwitch, isAsync) = outer }
    (isInFunction, loops, isInLoop, isInSwitch, isAsync) = (true, [], false, false, false)
    nesting += 2
    defer { nesting -= 2 }
    switch int(0...4) {
    case 0: return "(v => { \(number()) = \(pick("v", "5", "1")) })"
    case 1: return "(() => \(object()))"
    case 2: return "(v => { \(statement()) \(number())++; return \(expression(1)) })"
    case 3: return "(function (v) { \(statement()) })"
    default: return "((v = \(expression(0))) => v)"
    }
  }

  private mutating func target() -> String {
    switch int(0...6) {
    case 0...3: number()
    case 4: "\(object()).\(key())"
    case 5: "\(list())[\(pick("0", "1", "flags.a", "\(number()) & 3"))]"
    default: "\(object())[\(pick("flags.b", "\"x\"", "flags.a"))]"
    }
  }

  private mutating func expression(_ depth: Int) -> String {
    if depth == 0 || nesting > 6 || statements > 20 {
      return chance(9)
        ? pick("flags.a", "flags.b", "pick.c")
        : pick("0", "1", "2", "\"x\"", number(), number(), number(), "\(object()).\(key())", "\(list())[0]", "null")
    }
    nesting += 1
    defer { nesting -= 1 }
    switch int(0...32) {
    case 0...3: return expression(0)
    case 4, 5: return unknown()
    case 6: return "(\(condition()) ? \(expression(depth - 1)) : \(expression(depth - 1)))"
    case 7: return "(\(expression(depth - 1)) \(pick("??", "||", "&&")) \(expression(depth - 1)))"
    case 8: return "(\(target()) = \(expression(depth - 1)))"
    case 9: return "(\(number()) \(pick("??=", "||=", "&&=")) \(expression(depth - 1)))"
    case 10: return "\(number())++"
    case 11: return "cap(\(expression(depth - 1)) + \(expression(depth - 1)))"
    case 12: return "\(object())?.\(key())"
    case 13: return "flags.a?.(\(number())++)"
    case 14: return functions.isEmpty ? number() : "\(random.pick(functions))(\(expression(depth - 1)))"
    case 15: return "\(list()).\(pick("push", "unshift", "includes", "indexOf"))(\(expression(depth - 1)))"
    case 16:
      return "\(list()).\(pick("map", "filter", "forEach"))(\(callback()))?.length"
    case 17:
      return "[\(expression(depth - 1)), \(expression(depth - 1))].\(pick("some", "findIndex", "every"))(\(callback()))"
    case 18: return "Object.\(pick("keys", "values", "entries"))(\(object())).length"
    case 19: return "m0.\(pick("get", "has", "delete"))(\(pick("\"x\"", "flags.a", expression(depth - 1))))"
    case 20: return "cap(JSON.stringify({ \(key()): \(expression(depth - 1)), ...\(object()) }))"
    case 21: return "(\"\(key())\" in \(object()))"
    case 22: return "typeof \(expression(depth - 1))"
    case 23: return "(\(condition()) ? \(object()) : \(object())).\(key())"
    case 24: return "\(list()).reduce((t, v) => t + (v === \(expression(0)) ? 1 : 0), 0)"
    case 25: return "cap(`${\(expression(depth - 1))}`)"
    case 26: return "(k0.set(\(expression(depth - 1))), k0.y)"
    case 27: return "\(object())[\(pick("flags.a", "flags.b"))]"
    case 28: return "s0.has(\(expression(depth - 1)))"
    case 29: return "Object.assign({}, \(object()), \(pick("flags.a", object()))).\(key())"
    case 30: return "\(list()).slice().sort((v, w) => \(pick("v - w", "flags.a", "flags.f(v)"))).length"
    case 31: return "\(list()).at(\(expression(0)))"
    default: return isAsync ? "(await \(expression(depth - 1)))" : expression(depth - 1)
    }
  }

  // MARK: Statements

  private mutating func block(_ range: ClosedRange<Int> = 1...3) -> String {
    nesting += 1
    defer { nesting -= 1 }
    let outer = functions
    defer { functions = outer }
    return "{ \((0..<int(range)).map { _ in statement() }.joined(separator: " ")) }"
  }

  private mutating func loopBody(label: String? = nil) -> String {
    let outer = (loops, isInLoop, isInSwitch)
    defer { (loops, isInLoop, isInSwitch) = outer }
    if let label { loops.append(label) }
    isInLoop = true
    isInSwitch = false
    return block()
  }

  private mutating func jump() -> String {
    var choices: [String] = []
    if isInLoop { choices += ["break;", "continue;"] }
    if isInSwitch { choices.append("break;") }
    for label in loops { choices += ["break \(label);", "continue \(label);"] }
    if isInFunction { choices += ["return \(expression(1));", "return;"] }
    if choices.isEmpty { return "\(number()) = \(expression(1));" }
    return random.pick(choices)
  }

  private mutating func statement() -> String {
    statements += 1
    let choice = int(0...(nesting > 3 || statements > 12 ? 13 : 36))
    switch choice {
    case 0...4: return "\(number()) = \(expression(2));"
    case 5: return "\(object()).\(key()) = \(expression(1));"
    case 6: return "\(target()) = \(pick(object(), expression(1)));"
    case 7: return "\(expression(2));"
    case 8: return "\(unknown());"
    case 9: return "if (\(condition())) \(jump())"
    case 10: return "if (\(condition())) \(number()) = \(expression(0)); else \(number()) = \(expression(0));"
    case 11:
      return pick(
        "delete \(object()).\(key());", "m0.set(\(expression(0)), \(expression(0)));",
        "s0.add(\(expression(0)));", "Object.assign(\(object()), { x: \(expression(0)) });", "\(list()).pop();",
        "\(list()).push(\(object()));", "\(list()).length = 1;", "m0.clear();")
    case 12: return chance(3) ? "if (\(condition())) throw \(expression(0));" : "\(number())++;"
    case 13:
      let value = name("c")
      return
        "{ const \(value) = \(pick(object(), unknown(), "\(condition()) ? \(object()) : \(object())", "\(object())[flags.a]", "{ ...\(object()) }")); if (\(value)) \(value).\(key()) = \(expression(0)); }"
    case 14...17: return "if (\(condition())) \(block())\(chance(2) ? " else \(block())" : "")"
    case 18...20:
      return "try \(tried()) catch (e) \(block(0...2))\(chance(4) ? " finally \(block(1...1))" : "")"
    case 21:
      guard isInFunction else { return "try { try \(tried()) finally \(block(1...2)) } catch { \(statement()) }" }
      return "try \(tried()) finally { \(statement()) \(pick("", jump())) }"
    case 22:
      return
        "for (const v of \(pick("[...l0]", "[1, 2]", "flags.a", "[...l1]", "[\(expression(1)), 2]"))) \(loopBody())"
    case 23: return "for (const v in \(pick("o0", "o1", "flags.a"))) \(loopBody())"
    case 24: return "for (let i = 0; i < 2; i++) \(loopBody())"
    case 25:
      return
        "for (let i = 0; \(condition()) && fuel-- > 0; \(pick("i++", "\(number()) = \(expression(0))"))) \(loopBody())"
    case 26: return "while (fuel-- > 0 && \(condition())) \(loopBody())"
    case 27: return "do \(loopBody()) while (\(condition()) && fuel-- > 0);"
    case 28:
      let label = name("L")
      return "\(label): for (const v of [1, 2]) { \(inner(label)) }"
    case 29...30:
      let outer = (isInSwitch, functions)
      isInSwitch = true
      defer { (isInSwitch, functions) = outer }
      return
        "switch (\(pick("flags.a", expression(1), "n0"))) { case \(expression(0)): \(statement()) \(pick("break;", "")) "
        + "case 1: \(statement()) \(statement()) \(pick("", "default: \(statement())")) case \(expression(0)): \(statement()) }"
    case 31...33: return function()
    case 34:
      let (first, second) = (name("d"), name("d"))
      return
        "{ const { x: \(first) = \(expression(1)), ...\(second) } = \(pick(object(), "{ ...\(object()), ...flags.a }", object())); \(number()) = \(first); \(object()).y = \(second).x; }"
    case 35:
      return
        "[\(target()), \(number()) = \(expression(1))] = \(pick("l0", "l1", "flags.a", "[\(expression(1)), \(unknown())]"));"
    default:
      let label = name("B")
      return "\(label): { \(statement()) if (\(condition())) break \(label); \(statement()) }"
    }
  }

  private mutating func inner(_ label: String) -> String {
    "for (const w of [1, 2]) \(loopBody(label: label)) \(statement())"
  }

  private mutating func tried() -> String {
    let before = statement(), after = statement()
    return "{ \(before) \(pick("\(unknown());", "if (\(condition())) throw \(expression(0));", statement())) \(after) }"
  }

  private mutating func function() -> String {
    let outer = (isInFunction, loops, isInLoop, isInSwitch, isAsync)
    let name = name("f")
    (isInFunction, loops, isInLoop, isInSwitch, isAsync) = (true, [], false, false, false)
    nesting += 1
    let body = "\(statement()) \(statement()) \(jump()) \(statement()) return \(expression(1));"
    nesting -= 1
    (isInFunction, loops, isInLoop, isInSwitch, isAsync) = outer
    functions.append(name)
    return "function \(name)(v) { \(body) } \(number()) = \(name)(\(expression(0)));"
  }
}
