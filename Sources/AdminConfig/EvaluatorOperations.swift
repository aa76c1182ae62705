/// The part of the evaluator that combines values: operators, templates, and the calls that are known.
extension Evaluator {
  /// Whether a value counts as true (ECMAScript 7.1.2); nil where the value is unknown.
  func isTruthy(_ result: Evaluation) -> Bool? {
    switch result.value {
    case .undefined, .null: false
    case .boolean(let boolean): boolean
    case .number(let number): number != 0 && !number.isNaN
    case .string(let text): !text.isEmpty
    case .object, .array, .opaque, .environment, .builtin, .method, .module: true
    case .imported, .unknown: nil
    }
  }

  /// Why a value is not known, or not of a kind that can be computed with.
  func reason(_ result: Evaluation) -> Unknown {
    switch result.value {
    case .unknown(let reason): reason
    case .imported(let name, let module, let local):
      .cause(
        "`\((local == "default" ? name : local).prefix(80))`, imported from \"\(module.prefix(200))\", which is not followed",
        offset: result.offset)
    case .module(let module):
      .cause("the module \"\(module.prefix(200))\", which is not followed", offset: result.offset)
    case .opaque(let phrase): .cause(phrase, offset: result.offset)
    case .builtin(let name), .method(let name, _): .cause("`\(name)`, which is not followed", offset: result.offset)
    default: .cause("\(kind(of: result.value)), which is not computed with", offset: result.offset)
    }
  }

  /// What kind of value it is, in a phrase.
  func kind(of value: Value) -> String {
    switch value {
    case .undefined: "`undefined`"
    case .null: "`null`"
    case .boolean(let boolean): "`\(boolean)`"
    case .number: "a number"
    case .string(""): "an empty string"
    case .string: "a string"
    case .array: "an array"
    case .object, .environment, .module: "an object"
    case .opaque, .builtin, .method, .imported, .unknown: "a value that is not followed"
    }
  }

  /// The result where a value would have decided and is not known.
  func undecided(_ decider: Evaluation) -> Evaluation {
    Evaluation(value: .unknown(reason(decider)), offset: decider.offset, variables: decider.variables)
  }

  func not(_ operand: Evaluation, at offset: Int) -> Evaluation {
    guard let holds = isTruthy(operand) else { return undecided(operand) }
    return Evaluation(value: .boolean(!holds), offset: offset, variables: operand.variables)
  }

  func negate(_ operand: Evaluation, at offset: Int) -> Evaluation {
    guard case .number(let number) = operand.value else { return undecided(operand) }
    return Evaluation(value: .number(-number), offset: offset, variables: operand.variables)
  }

  mutating func binary(_ kind: BinaryOperator, _ left: ExpressionID, _ right: ExpressionID, at offset: Int)
    -> Evaluation
  {
    let first = evaluate(left)
    switch kind {
    case .coalesce:
      switch first.value {
      case .undefined, .null: return evaluate(right).depending(on: first.variables)
      case .unknown, .imported: return undecided(first)
      default: return first
      }
    case .or, .and:
      guard let holds = isTruthy(first) else { return undecided(first) }
      return holds == (kind == .or) ? first : evaluate(right).depending(on: first.variables)
    case .strictlyEqual, .strictlyNotEqual, .equal, .notEqual:
      let second = evaluate(right)
      let isLoose = kind == .equal || kind == .notEqual
      let variables = first.variables.union(second.variables)
      guard let equal = areEqual(first.value, second.value, isLoose: isLoose) else {
        return undecidedPair(first, second)
      }
      let holds = equal == (kind == .equal || kind == .strictlyEqual)
      return Evaluation(value: .boolean(holds), offset: offset, variables: variables)
    case .add: return add(first, evaluate(right), at: offset)
    case .uncomputed(let symbol):
      let second = evaluate(right)
      return unknown(
        "the operator `\(symbol)`, which is not computed", at: offset,
        variables: first.variables.union(second.variables))
    }
  }

  private func undecidedPair(_ first: Evaluation, _ second: Evaluation) -> Evaluation {
    let isFirst = if case .unknown = first.value { true } else if case .imported = first.value { true } else { false }
    let isSecond =
      if case .unknown = second.value { true } else if case .imported = second.value { true } else { false }
    return undecided(isSecond && !isFirst ? second : first).depending(on: first.variables.union(second.variables))
  }

  /// Equality (ECMAScript 7.2.14 and 7.2.15) of values that are no objects; nil for all others.
  private func areEqual(_ left: Value, _ right: Value, isLoose: Bool) -> Bool? {
    switch (left, right) {
    case (.undefined, .undefined), (.null, .null): true
    case (.undefined, .null), (.null, .undefined): isLoose
    case (.boolean(let left), .boolean(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    // Swift compares by canonical equivalence, JavaScript by code units.
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.unknown, _), (_, .unknown), (.imported, _), (_, .imported): nil
    case (.undefined, _), (.null, _), (_, .undefined), (_, .null): false
    case (.boolean, .number), (.boolean, .string), (.number, .boolean), (.number, .string), (.string, .boolean),
      (.string, .number):
      isLoose ? nil : false
    default: nil
    }
  }

  private func add(_ left: Evaluation, _ right: Evaluation, at offset: Int) -> Evaluation {
    if case .number(let first) = left.value, case .number(let second) = right.value {
      return Evaluation(
        value: .number(first + second), offset: offset, variables: left.variables.union(right.variables))
    }
    let isText = if case .string = left.value { true } else if case .string = right.value { true } else { false }
    guard isText else { return undecidedPair(left, right) }
    return concatenate([left, right], at: offset)
  }

  mutating func template(_ texts: [String], _ substitutions: [ExpressionID], at offset: Int) -> Evaluation {
    var parts = [Evaluation(value: .string(texts[0]), offset: offset)]
    for (substitution, text) in zip(substitutions, texts.dropFirst()) {
      parts.append(evaluate(substitution))
      parts.append(Evaluation(value: .string(text), offset: offset))
    }
    return concatenate(parts, at: offset)
  }

  private func concatenate(_ parts: [Evaluation], at offset: Int) -> Evaluation {
    var result = Evaluation(value: .undefined, offset: offset)
    var whole = ""
    var firstUnknown: Unknown?
    for part in parts {
      result.variables.formUnion(part.variables)
      result.textSources.formUnion(part.textSources)
      if let text = text(of: part), whole.utf8.count + text.utf8.count <= Limit.stringBytes {
        whole += text
      } else if firstUnknown == nil {
        firstUnknown =
          text(of: part) == nil ? reason(part) : .cause("a longer text than is computed", offset: offset)
      }
    }
    result.value = firstUnknown.map { .unknown($0) } ?? .string(whole)
    return result
  }

  /// A value as text (ECMAScript 7.1.17); nil for objects and what is not known.
  func text(of result: Evaluation) -> String? {
    switch result.value {
    case .undefined: "undefined"
    case .null: "null"
    case .boolean(let boolean): boolean ? "true" : "false"
    case .number(let number): numberText(number)
    case .string(let text): text
    default: nil
    }
  }

  // MARK: Calls

  mutating func call(
    _ function: Evaluation, _ callee: ExpressionID, _ arguments: [Expression.Element], at offset: Int
  ) -> Evaluation {
    guard step(arguments.count) else { return unknown("more expressions than are followed", at: offset) }
    if isDefineAdmin(function.value) {
      var admin = argument(0, of: arguments, at: offset).depending(on: function.variables)
      admin.offset = offset
      return admin
    }
    switch function.value {
    case .builtin("Object.freeze"): return argument(0, of: arguments, at: offset)
    case .builtin("Boolean"):
      let value = argument(0, of: arguments, at: offset)
      guard let holds = isTruthy(value) else { return undecided(value) }
      return Evaluation(value: .boolean(holds), offset: offset, variables: value.variables)
    case .builtin("String"):
      if arguments.isEmpty { return Evaluation(value: .string(""), offset: offset) }
      return concatenate([argument(0, of: arguments, at: offset)], at: offset)
    case .builtin("require"):
      let module = argument(0, of: arguments, at: offset)
      if case .string(let name) = module.value {
        return module.textSources.isEmpty
          ? Evaluation(value: .module(name), offset: offset, variables: module.variables)
          : unknown("a module named by a variable", at: offset, variables: module.variables)
      }
    case .method(let name, let text):
      return method(name, of: text, function, arguments, at: offset)
    case .unknown, .imported: return undecided(function)
    default: break
    }
    return unknown("a call of \(describe(callee)), which is not followed", at: offset, variables: function.variables)
  }

  /// `defineAdmin` returns the object it is given. One from a file of the project may be something else of that name.
  private func isDefineAdmin(_ value: Value) -> Bool {
    switch value {
    case .builtin("defineAdmin"): return true
    case .imported("defineAdmin", let module, _): return isPackage(module)
    case .imported("default", let module, let local): return local == "defineAdmin" && isPackage(module)
    default: return false
    }
  }

  private func isPackage(_ module: String) -> Bool {
    !["./", "../", "/", "#", "~", "@/"].contains { module.hasPrefix($0) } && module != "." && module != ".."
  }

  private mutating func argument(_ index: Int, of arguments: [Expression.Element], at offset: Int) -> Evaluation {
    for element in arguments.prefix(index + 1) {
      if case .spread = element { return unknown("arguments with a spread, which is not followed", at: offset) }
    }
    guard index < arguments.count, case .value(let id) = arguments[index] else {
      return Evaluation(value: .undefined, offset: offset)
    }
    return evaluate(id)
  }

  private func describe(_ callee: ExpressionID) -> String {
    switch program.nodes[callee.index].expression {
    case .name(let name): "`\(name.prefix(80))(…)`"
    case .property(_, let name, _): "`.\(name.prefix(80))(…)`"
    default: "a function"
    }
  }

  private mutating func method(
    _ name: String, of text: String, _ function: Evaluation, _ arguments: [Expression.Element], at offset: Int
  ) -> Evaluation {
    var result = Evaluation(value: .undefined, offset: offset, variables: function.variables)
    guard let method = StringMethod(rawValue: name) else { return undecided(function) }
    switch method {
    case .trim, .toLowerCase, .toUpperCase:
      guard arguments.isEmpty, let value = method.apply(to: text) else {
        return unknown("a call of `.\(name)(…)`, which is not followed", at: offset, variables: function.variables)
      }
      result.value = .string(value)
      result.textSources = function.textSources
    case .startsWith, .endsWith, .includes:
      let other = argument(0, of: arguments, at: offset)
      result.variables.formUnion(other.variables)
      guard arguments.count == 1, case .string(let part) = other.value else {
        return undecided(other).depending(on: result.variables)
      }
      result.value = .boolean(method.test(text, part))
    }
    return result
  }
}

/// The methods of strings that are computed.
enum StringMethod: String {
  case trim, toLowerCase, toUpperCase, startsWith, endsWith, includes

  /// The changed text; nil outside ASCII, where the two languages' tables may differ.
  func apply(to text: String) -> String? {
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    switch self {
    case .toLowerCase: return text.lowercased()
    case .toUpperCase: return text.uppercased()
    default:
      let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
      let trimmed = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
      return String(decoding: Array(trimmed), as: UTF8.self)
    }
  }

  /// Whether a part stands in the text, compared byte by byte as JavaScript compares code units.
  func test(_ text: String, _ part: String) -> Bool {
    let text = Array(text.utf8)
    let part = Array(part.utf8)
    switch self {
    case .startsWith: return text.starts(with: part)
    case .endsWith: return text.reversed().starts(with: part.reversed())
    default:
      return part.count <= text.count && (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }
  }
}
