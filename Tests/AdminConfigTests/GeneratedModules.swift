// Plain JavaScript modules made from a seed, whose value node gives too: typed expressions, so that what is computed is
// seldom an error, under bounds, so that no loop is endless and no text grows past a page.

/// Writes one module.
struct ModuleGenerator {
  /// What an expression or a variable is. `any` has no operations of its own beyond those that every value has.
  enum Kind: CaseIterable { case number, text, flag, numbers, texts, record, any }

  private struct Variable {
    var name: String
    var kind: Kind
    var isConstant: Bool
  }

  struct Function {
    var name: String
    var parameters: [Kind]
    var result: Kind
  }

  var random: SeededGenerator
  private var variables: [Variable] = []
  var functions: [Function] = []
  private var names = 0
  /// How many loops, functions and branches are around.
  private var nesting = 0
  /// Whether variables of the environment stand where constants would.
  let readsMuch: Bool

  init(seed: UInt64, readsMuch: Bool = false) {
    random = SeededGenerator(state: seed)
    self.readsMuch = readsMuch
  }

  /// A CommonJS module whose `realtime.url` is a JSON text of what it computed.
  mutating func module() -> String {
    var lines = random.next() % 2 == 0 ? [#""use strict";"#] : []
    for _ in 0..<Int.random(in: 4...12, using: &random) { lines += statement() }
    let last = expression(Kind.allCases.randomElement(using: &random) ?? .any, depth: 3)
    let shown = variables.suffix(10).map(\.name) + ["last: \(last)"]
    let url = "JSON.stringify({ \(shown.joined(separator: ", ")) })"
    lines.append("module.exports = { realtime: { driver: \"redis\", url: \(url) } };")
    return lines.joined(separator: "\n") + "\n"
  }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

  mutating func pick(_ choices: String...) -> String { choices.randomElement(using: &random) ?? "" }

  private mutating func name() -> String {
    names += 1
    return pick("a", "value", "$", "_x", "list", "of", "get", "async") + "\(names)"
  }

  mutating func variable(_ kind: Kind, assignable: Bool = false) -> String? {
    variables.filter { $0.kind == kind && !(assignable && $0.isConstant) }.randomElement(using: &random)?.name
  }

  /// Statements in braces, whose variables end with them.
  private mutating func block(_ count: Int, declaring inner: [(String, Kind)] = [], extra: String = "") -> String {
    let outer = (variables, functions)
    variables += inner.map { Variable(name: $0.0, kind: $0.1, isConstant: true) }
    nesting += 1
    var lines: [String] = []
    for _ in 0..<count { lines += statement() }
    nesting -= 1
    (variables, functions) = outer
    return "{\n\((lines + (extra.isEmpty ? [] : [extra])).joined(separator: "\n"))\n}"
  }
}

extension ModuleGenerator {
  private mutating func statement() -> [String] {
    if readsMuch, nesting < 2, chance(5) { return [chance(2) ? attempt() : early()] }
    let choice = Int.random(in: 0..<(nesting < 2 ? 30 : 18), using: &random)
    switch choice {
    case 0..<9: return [declaration()]
    case 9..<15: return [assignment()]
    case 15: return [destructuring()]
    case 16: return [textSwitch()]
    case 17: return [swap()]
    case 18, 19: return [condition()]
    case 20, 21: return [countingLoop()]
    case 22: return [forOf()]
    case 23: return [whileLoop()]
    case 24: return [thrownAndCaught()]
    case 25, 26: return [function()]
    case 27: return [counter()]
    case 28: return [instance()]
    default: return [labelledLoop()]
    }
  }

  private mutating func declare(_ kind: Kind, _ keyword: String? = nil) -> (keyword: String, name: String) {
    let keyword = keyword ?? (chance(2) ? "let" : chance(4) && nesting == 0 ? "var" : "const")
    let name = name()
    variables.append(Variable(name: name, kind: kind, isConstant: keyword == "const"))
    return (keyword, name)
  }

  private mutating func declaration() -> String {
    let kind = Kind.allCases.randomElement(using: &random) ?? .any
    let value = bounded(expression(kind, depth: 3), kind)
    let (keyword, name) = declare(kind)
    return "\(keyword) \(name) = \(value)\(pick(";", "", " // it's", "; /* ` */"))"
  }

  /// What is stored is short, so that nothing doubles in a loop for long.
  private func bounded(_ expression: String, _ kind: Kind) -> String {
    switch kind {
    case .text: "(\(expression)).slice(0, 40)"
    case .numbers, .texts: "(\(expression)).slice(0, 8)"
    default: expression
    }
  }

  private mutating func assignment() -> String {
    let kind = [Kind.number, .number, .text, .flag, .numbers, .texts, .record].randomElement(using: &random) ?? .text
    if kind == .record, let record = variable(.record) {
      let value = scalar(2)
      return [
        "\(record).\(key()) = \(value);", "\(record)[\(text(1))] = \(value);", "delete \(record).\(key());",
        "Object.assign(\(record), { \(key()): \(value) });", "\(record)[\"\(key())\"] ??= \(value);",
      ].randomElement(using: &random) ?? ""
    }
    if kind == .numbers || kind == .texts, let list = variable(kind) {
      let value = expression(kind == .numbers ? .number : .text, depth: 1)
      return [
        "if (\(list).length < 9) \(list).push(\(value));", "\(list)[0] = \(value);", "\(list).pop();",
        "\(list).reverse();", "\(list).splice(1, 1, \(value));",
      ].randomElement(using: &random) ?? ""
    }
    guard let target = variable(kind, assignable: true) else { return declaration() }
    switch kind {
    case .number: return "\(target) \(pick("=", "+=", "-=", "*=", "%=", "??=", "||=", "|=")) \(number(2));"
    case .flag: return "\(target) \(pick("=", "&&=", "||=", "??=")) \(flag(2));"
    default:
      return chance(2)
        ? "\(target) = (\(target) + \(text(2))).slice(-30);" : "\(target) ||= \(bounded(text(2), .text));"
    }
  }

  private mutating func destructuring() -> String {
    let record = record(2), list = chance(2) ? numbers(2) : texts(2), defaults = (scalar(1), scalar(1))
    let first = name(), rest = name(), head = name(), tail = name()
    for (name, kind) in [(first, Kind.any), (rest, .record), (head, .any), (tail, .any)] {
      variables.append(Variable(name: name, kind: kind, isConstant: true))
    }
    return """
      const { \(key()): \(first) = \(defaults.0), ...\(rest) } = \(record);
      const [\(head) = \(defaults.1), , ...\(tail)] = \(list);
      """
  }

  private mutating func textSwitch() -> String {
    let subject = text(1), cases = (texts: text(1), numbers: number(1))
    let (_, name) = declare(.text, "let")
    return """
      let \(name) = "none";
      switch (\(subject)) {
        case \(cases.texts): \(name) += "1";
        case "a": \(name) += "2"; \(pick("break;", ""))
        \(pick("default: \(name) = String(\(cases.numbers));", "case \(cases.texts): break;"))
        case "REDIS": \(name) += "3";
      }
      """
  }

  private mutating func swap() -> String {
    let left = number(1), right = number(1)
    let (_, first) = declare(.number, "let"), (_, second) = declare(.number, "let")
    return "let [\(first), \(second)] = [\(left), \(right)];\n[\(first), \(second)] = [\(second), \(first)]"
  }

  private mutating func condition() -> String {
    let test = flag(2)
    let first = block(2)
    guard chance(2) else { return "if (\(test)) \(first)" }
    return "if (\(test)) \(first) else \(block(1))"
  }

  private mutating func countingLoop() -> String {
    let index = name()
    let test = pick("\(index) === 1", "\(index) > 2", "\(index) % 2 === 0")
    let leave = chance(2) ? "if (\(test)) \(pick("continue", "break"));\n" : ""
    let body = block(2, declaring: [(index, .number)])
    return "for (let \(index) = 0; \(index) < \(pick("0", "2", "4")); \(index)++) {\n\(leave)\(body)\n}"
  }

  private mutating func forOf() -> String {
    let item = name()
    if chance(3) { return "for (const \(item) in \(record(1))) \(block(1, declaring: [(item, .text)]))" }
    return chance(2)
      ? "for (const \(item) of (\(texts(1))).slice(0, 4)) \(block(2, declaring: [(item, .text)]))"
      : "for (const \(item) of (\(numbers(1))).slice(0, 4)) \(block(2, declaring: [(item, .number)]))"
  }

  private mutating func whileLoop() -> String {
    let count = name()
    let body = block(1, declaring: [(count, .number)])
    return chance(2)
      ? "let \(count) = 3;\nwhile (\(count)-- > 0) \(body)"
      : "let \(count) = 0;\ndo { \(count)++; \(body) } while (\(count) < 3);"
  }

  private mutating func labelledLoop() -> String {
    let label = name(), first = name(), second = name()
    let (_, sum) = declare(.number, "let")
    return """
      let \(sum) = 0;
      \(label): for (const \(first) of [1, 2, 3]) for (const \(second) of [1, 2, 3]) {
        if (\(first) * \(second) \(pick("> 3", "=== 2", "% 3 === 0"))) \(pick("continue", "break")) \(label);
        \(sum) += \(first) * 10 + \(second);
      }
      """
  }

  private mutating func thrownAndCaught() -> String {
    let test = flag(2), message = text(2), body = block(1)
    let (_, name) = declare(.text, "let")
    let error = pick("Error", "TypeError", "RangeError")
    return """
      let \(name) = "";
      try {
        \(name) += "t";
        if (\(test)) throw new \(error)(\(message));
        \(body)
      } catch (error) {
        \(name) += error.name + (error instanceof TypeError) + error.message.slice(0, 20);
      }\(pick("", " finally { \(name) += \"f\" }"))
      """
  }

  /// What throws for some values without saying so.
  private mutating func attempt() -> String {
    let value = pick(
      "new URL(\(text(0))).host", "String(JSON.parse(\(text(0))))", "process.env.MISSING.length + \"\"",
      "decodeURIComponent(\(text(0)))", "process.env.FLAG.trim()")
    let body = block(1), other = block(1)
    let (_, name) = declare(.text, "let")
    return """
      let \(name) = "n";
      try {
        \(name) = \(value);
        \(body)
      } catch \(other)\(pick("", " finally { \(name) += \"f\" }"))
      """
  }

  /// A function and a loop that are left early, and what they change outside.
  private mutating func early() -> String {
    let test = flag(1), inner = flag(0), value = text(1), body = block(1), last = block(1)
    let (_, first) = declare(.text, "let"), (_, second) = declare(.text, "let")
    let called = name(), item = name()
    return """
      let \(first) = "1", \(second) = "2";
      const \(called) = () => {
        for (const \(item) of (\(value)).split("/")) {
          if (\(item) === "redis:") { \(first) += "r"; \(pick("continue", "break", "return", "if (\(inner)) return")) }
          if (\(test)) { \(pick("break", "return 1", "continue", body)) }
          \(second) = \(first) + \(item);
        }
        \(pick("if (\(inner)) return 2;", ""))
        \(second) += "3";
        \(last)
      };
      \(called)();
      """
  }

  /// A function that gives one kind for some others. Its body sees only what stands before it.
  private mutating func function() -> String {
    let kinds: [Kind] = [.number, .text, .flag]
    let parameters = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      (name(), kinds.randomElement(using: &random) ?? .text)
    }
    let result = (kinds + [.numbers, .record]).randomElement(using: &random) ?? .text
    let early = flag(1), earlyValue = expression(result, depth: 1)
    let list = parameters.map { name, kind in chance(3) ? "\(name) = \(expression(kind, depth: 1))" : name }
    let outer = variables
    variables += parameters.map { Variable(name: $0.0, kind: $0.1, isConstant: false) }
    let value = expression(result, depth: 2)
    variables = outer
    let body =
      "{\nif (\(early)) return \(earlyValue);\n\(block(1, declaring: parameters))\nreturn \(bounded(value, result));\n}"
    let called = name()
    functions.append(Function(name: called, parameters: parameters.map(\.1), result: result))
    let parentheses = "(\(list.joined(separator: ", ")))"
    return chance(2) ? "function \(called)\(parentheses) \(body)" : "const \(called) = \(parentheses) => \(body);"
  }

  private mutating func counter() -> String {
    let start = number(1), step = number(1), make = name(), made = name()
    let (_, total) = declare(.number, "const")
    return """
      const \(make) = (start, step = 1) => {
        let count = start;
        return { next: () => (count += step), get count() { return count } };
      };
      const \(made) = \(make)(\(start)\(pick("", ", \(step)")));
      \(made).next(); \(made)\(pick(".next()", "?.next?.()", "[\"next\"]()"));
      const \(total) = \(made).count;
      """
  }

  private mutating func instance() -> String {
    let base = name() + "Base", derived = name() + "Derived"
    let secret = number(1), label = bounded(text(1), .text), given = (scalar(1), scalar(1))
    let (_, object) = declare(.record, "const")
    return """
      class \(base) {
        #secret = \(secret); label = \(label)
        static made = 0
        constructor(extra) { this.extra = extra; \(base).made++ }
        get secret() { return this.#secret }
        describe() { return `${this.label}:${this.extra}` }
      }
      class \(derived) extends \(base) {
        constructor() { super(\(given.0)); this.made = \(base).made }
        describe() { return super.describe() + "!" }
      }
      const \(object) = { ...new \(pick(base, derived))(\(given.1)), text: new \(derived)().describe() };
      \(object).secret = new \(base)().secret;
      """
  }
}
