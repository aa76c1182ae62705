// The expressions of generated modules, each of one kind, from the variables and functions that are in scope.

extension ModuleGenerator {
  mutating func expression(_ kind: Kind, depth: Int) -> String {
    if depth > 0, chance(8) {
      return "(\(flag(depth - 1)) ? \(expression(kind, depth: depth - 1)) : \(expression(kind, depth: depth - 1)))"
    }
    if depth > 0, chance(6), let function = functions.filter({ $0.result == kind }).randomElement(using: &random) {
      let given = function.parameters.map { expression($0, depth: depth - 1) }
      return "\(function.name)(\(given.joined(separator: ", ")))"
    }
    switch kind {
    case .number: return number(depth)
    case .text: return text(depth)
    case .flag: return flag(depth)
    case .numbers: return numbers(depth)
    case .texts: return texts(depth)
    case .record: return record(depth)
    case .any: return any(depth)
    }
  }

  mutating func scalar(_ depth: Int) -> String {
    expression([.number, .text, .flag].randomElement(using: &random) ?? .text, depth: depth)
  }

  mutating func key() -> String { pick("a", "b", "url", "keyPrefix", "default", "class", "x1") }

  mutating func number(_ depth: Int) -> String {
    if chance(3), let name = variable(.number) { return name }
    guard depth > 0 else {
      return pick("0", "1", "2", "7", "-3", "10", "0.5", "1e3", "0x1F", "1_000", "6379", "-0.25", ".75", "0b101")
    }
    let next = depth - 1
    switch Int.random(in: 0..<15, using: &random) {
    case 0: return "(\(number(next)) \(pick("+", "-", "*")) \(number(next)))"
    case 1: return "(\(number(next)) / \(pick("2", "4", "-8")) % 100)"
    case 2: return "Math.\(pick("floor", "ceil", "round", "trunc", "abs"))(\(number(next)))"
    case 3: return "Math.\(pick("max", "min"))(\(number(next)), ...\(numbers(next)))"
    case 4: return "(\(text(next))).length"
    case 5: return "(\(numbers(next))).reduce((sum, x) => sum + x, \(number(next)))"
    case 6: return "parseInt(\(text(next)), \(pick("10", "16")))"
    case 7: return "Number(\(scalar(next)))"
    case 8: return "((\(numbers(next)))[\(pick("0", "1", "-1", "9"))] ?? \(number(next)))"
    case 9: return "(\(number(next)) \(pick("&", "|", "^", "<<", ">>", ">>>")) \(pick("1", "3", "5")))"
    case 10: return "(\(pick("-", "+", "~"))(\(scalar(next))))"
    case 11: return "(\(text(next))).\(pick("indexOf", "lastIndexOf"))(\(text(next)))"
    case 12: return "((\(record(next))).\(key())?.length ?? \(number(next)))"
    case 13: return "((x, y = \(number(next))) => x * 2 + y)(\(number(next)))"
    default: return "(\(texts(next))).\(pick("length", "findIndex((t) => t > \"b\")", "filter(Boolean).length"))"
    }
  }

  mutating func text(_ depth: Int) -> String {
    if chance(3), let name = variable(.text) { return name }
    guard depth > 0 else {
      if readsMuch, chance(3) {
        return "String(process.env.\(pick("REDIS_URL", "MISSING", "EMPTY", "PORT", "FLAG", "NODE_ENV")))"
      }
      return pick(
        #""""#, #""a""#, #"'it\'s'"#, #""redis://cache:6379/2""#, #""REDIS""#, #"" b\t""#, #""é\u00df""#, "`t`",
        #""12px""#,
        #""x,y,,z""#, #""\x41\"\\""#, "process.env.NODE_ENV", #""0""#)
    }
    let next = depth - 1
    switch Int.random(in: 0..<19, using: &random) {
    case 0: return "(\(text(next)) + \(scalar(next)))"
    case 1: return "`${\(any(next))}-${\(text(next))}`"
    case 2: return "(\(text(next))).\(pick("toUpperCase", "toLowerCase", "trim", "trimStart", "trimEnd", "toString"))()"
    case 3: return "(\(text(next))).\(pick("slice", "substring"))(\(pick("1", "-3", "0, 2", "2, -1", "3, 1")))"
    case 4: return "(\(text(next))).\(pick("padStart", "padEnd"))(\(pick("3", "6, \"ab\"")))"
    case 5: return "(\(text(next))).\(pick("replace", "replaceAll"))(\(text(0)), (\(text(next))).slice(0, 9))"
    case 6:
      return "(\(text(next))).split(\(pick("\",\"", "\"\"", "/[,:]/", "\"/\""))).join(\(pick("\"-\"", "\"\"", "")))"
    case 7: return "String(\(any(next)))"
    case 8: return "(\(texts(next))).join(\(pick("\"+\"", "")))"
    case 9: return "((\(texts(next)))[\(pick("0", "2"))] ?? \(text(next)))"
    case 10: return "(process.env.\(pick("REDIS_URL", "MISSING", "EMPTY", "PORT")) \(pick("??", "||")) \(text(next)))"
    case 11: return "JSON.stringify(\(record(next)))"
    case 12: return "typeof (\(any(next)))"
    case 13:
      return "((\(text(next))).\(pick("charAt(1)", #"at(-1)?.trim() ?? "none""#, "repeat(2)", "concat(1, true)")))"
    case 14: return "(\(numbers(next))).join(\";\")"
    case 15: return "(\(text(next))).replace(/[a-e]+/g, (match) => `<${match.length}>`)"
    case 16: return "(({ \(pick("PORT", "MISSING", "NODE_ENV")): x = \(text(next)) }) => x)(process.env)"
    case 17: return "(() => { try { return String(JSON.parse(\(text(next)))) } catch { return \(text(next)) } })()"
    default: return "(\(flag(next)) && \(text(next)) || \(text(next)))"
    }
  }

  mutating func flag(_ depth: Int) -> String {
    if chance(3), let name = variable(.flag) { return name }
    guard depth > 0 else {
      if readsMuch, chance(2) {
        return pick(
          "!!process.env.FLAG", "(process.env.MISSING !== undefined)", "(process.env.NODE_ENV === \"production\")",
          "(Number(process.env.PORT) > 100)", "!process.env.EMPTY")
      }
      return pick("true", "false", "!0", "!!process.env.EMPTY")
    }
    let next = depth - 1
    switch Int.random(in: 0..<13, using: &random) {
    case 0: return "(\(number(next)) \(pick("<", ">", "<=", ">=", "===", "!==")) \(number(next)))"
    case 1: return "(\(text(next)) \(pick("<", ">=", "===", "!=")) \(text(next)))"
    case 2: return "(\(text(next))).\(pick("includes", "startsWith", "endsWith"))(\(text(next)))"
    case 3: return "!(\(any(next)))"
    case 4: return "(\(flag(next)) \(pick("&&", "||", "===")) \(flag(next)))"
    case 5: return "(\(texts(next))).includes(\(text(next)))"
    case 6: return "Boolean(\(any(next)))"
    case 7: return "(\"\(key())\" in \(record(next)))"
    case 8: return "(\(numbers(next))).\(pick("some", "every"))((x) => x > \(number(next)))"
    case 9: return "Array.isArray(\(any(next)))"
    case 10: return "/\(pick("^r", #"\d+"#, "[/}]", "s$"))/\(pick("", "i")).test(\(text(next)))"
    case 11: return "(\(scalar(next)) == \(scalar(next)))"
    default: return "(process.env.\(pick("FLAG", "PORT", "MISSING")) === \(pick("\"true\"", "undefined")))"
    }
  }

  mutating func numbers(_ depth: Int) -> String {
    if chance(3), let name = variable(.numbers) { return name }
    guard depth > 0 else { return pick("[]", "[3, 1, 2]", "[1, , 3].filter(() => true)", "[-1, 0.5]", "[10, 9, 1]") }
    let next = depth - 1
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return "[\(number(next)), ...\(numbers(next)), \(number(next))]"
    case 1: return "(\(numbers(next))).map((x\(pick("", ", i"))) => x * 2 + \(number(next)))"
    case 2: return "(\(numbers(next))).filter((x) => x \(pick(">", "<=", "!==")) \(number(next)))"
    case 3: return "(\(numbers(next))).\(pick("slice(1)", "slice(-2)", "concat(1, [2])", "flatMap((x) => [x, x])"))"
    case 4: return "[...\(numbers(next))].filter((x) => Number.isFinite(x)).sort((a, b) => a - b)"
    case 5: return "Array.from({ length: \(pick("0", "2", "3")) }, (_, i) => i * \(number(next)))"
    case 6: return "(\(texts(next))).map((t) => t.length)"
    case 7: return "[...\(numbers(next))].reverse()"
    case 8: return "[\(number(next)), [\(number(next))]].flat()"
    default: return "[\(number(next)), \(number(next))]"
    }
  }

  mutating func texts(_ depth: Int) -> String {
    if chance(3), let name = variable(.texts) { return name }
    guard depth > 0 else {
      return pick("[]", "[\"b\", \"a\"]", "[\"Z\", \"é\", \"a\", \"10\", \"9\"]", "[\"redis\", \"\"]")
    }
    let next = depth - 1
    switch Int.random(in: 0..<9, using: &random) {
    case 0: return "[\(text(next)), ...\(texts(next))]"
    case 1: return "(\(text(next))).split(\(pick("\",\"", "\"\"", "/\\s*[,:]\\s*/"))).slice(0, 6)"
    case 2: return "(\(texts(next))).map((t\(pick("", ", i"))) => t + \(scalar(next)))"
    case 3: return "(\(texts(next))).filter(\(pick("Boolean", "(t) => t.length > 1", "(t, i) => i % 2")))"
    case 4: return "Object.keys(\(record(next)))"
    case 5: return "[...\(texts(next))].sort()"
    case 6: return "Object.entries(\(record(next))).map(([key, value]) => `${key}=${value}`)"
    case 7: return "[...(\(text(next))).slice(0, 4)]"
    default: return "[...new Set([\(text(next)), \(text(next)), \(text(next))])]"
    }
  }

  mutating func record(_ depth: Int) -> String {
    if chance(3), let name = variable(.record) { return chance(2) ? name : "({ ...\(name) })" }
    guard depth > 0 else {
      return pick("({})", "({ a: 1 })", "({ b: \"x\", 2: [], a: null })", "({ url: undefined, x1: [1] })")
    }
    let next = depth - 1
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return "({ \(key()): \(any(next)), \(key()): \(any(next)) })"
    case 1: return "({ ...\(record(next)), \(key()): \(any(next)) })"
    case 2: return "({ [\(text(next))]: \(scalar(next)), ...(\(flag(next)) && { \(key()): \(scalar(next)) }) })"
    case 3: return "({ ...{ get \(key())() { return \(scalar(next)) } } })"
    case 4: return "Object.assign({}, \(record(next)), { \(key()): \(any(next)) })"
    case 5: return "Object.fromEntries((\(texts(next))).map((t, i) => [t, i]))"
    case 6: return "({ ...Object.freeze({ n: \(number(next)), nested: \(record(next)) }) })"
    default: return "(({ \(key()): dropped, ...kept }) => kept)(\(record(next)))"
    }
  }

  mutating func any(_ depth: Int) -> String {
    if chance(4), let name = variable(.any) { return name }
    let kinds: [Kind] = [.number, .text, .flag, .numbers, .texts, .record]
    if chance(12) { return pick("null", "undefined", "NaN") }
    return expression(kinds.randomElement(using: &random) ?? .text, depth: depth)
  }
}
