import Facts

/// Evaluates expressions of one program under one environment. It only looks values up and combines them: nothing of the
/// program is run. Every way out that is not understood ends in an unknown value.
struct Evaluator {
  let program: Program
  let environment: ConfigEnvironment
  private(set) var steps = 0
  private var depth = 0
  private var named: [String: Evaluation] = [:]
  private var inProgress: Set<String> = []

  init(_ program: Program, under environment: ConfigEnvironment) {
    self.program = program
    self.environment = environment
  }

  func unknown(_ phrase: String, at offset: Int, variables: Set<String> = []) -> Evaluation {
    Evaluation(value: .unknown(.cause(phrase, offset: offset)), offset: offset, variables: variables)
  }

  /// The value of an expression, where it comes from, and what it depended on.
  mutating func evaluate(_ id: ExpressionID) -> Evaluation {
    let node = program.nodes[id.index]
    guard step(), depth < Limit.evaluationDepth else {
      return unknown("more expressions than are followed", at: node.offset)
    }
    depth += 1
    defer { depth -= 1 }
    func plain(_ value: Value) -> Evaluation { Evaluation(value: value, offset: node.offset) }
    switch node.expression {
    case .string(let text): return plain(.string(text))
    case .number(let number): return plain(.number(number))
    case .boolean(let boolean): return plain(.boolean(boolean))
    case .null: return plain(.null)
    case .importMeta: return plain(.builtin("import.meta"))
    case .name(let name): return lookUp(name, at: node.offset)
    case .array(let elements): return plain(.array(elements))
    case .object(let members): return object(members, at: node.offset)
    case .template(let texts, let substitutions): return template(texts, substitutions, at: node.offset)
    case .opaque(let phrase, let isTruthy): return isTruthy ? plain(.opaque(phrase)) : unknown(phrase, at: node.offset)
    case .optionalChain(let inner):
      var result = evaluate(inner)
      result.endsChain = false
      return result
    case .property(let base, let name, let isOptional):
      let object = chainBase(base, isOptional: isOptional)
      return object.endsChain ? object : property(plain(.string(name)), of: object, at: node.offset)
    case .element(let base, let key, let isOptional):
      let object = chainBase(base, isOptional: isOptional)
      return object.endsChain ? object : property(evaluate(key), of: object, at: node.offset)
    case .call(let callee, let arguments, let isOptional):
      let function = chainBase(callee, isOptional: isOptional)
      return function.endsChain ? function : call(function, callee, arguments, at: node.offset)
    case .not(let operand): return not(evaluate(operand), at: node.offset)
    case .negate(let operand): return negate(evaluate(operand), at: node.offset)
    case .binary(let kind, let left, let right): return binary(kind, left, right, at: node.offset)
    case .conditional(let condition, let then, let otherwise):
      let decider = evaluate(condition)
      guard let holds = isTruthy(decider) else { return undecided(decider) }
      return evaluate(holds ? then : otherwise).depending(on: decider.variables)
    }
  }

  /// Counts one step; false once there were too many.
  mutating func step(_ count: Int = 1) -> Bool {
    steps += count
    return steps <= Limit.evaluationSteps
  }

  /// The object of an access; where `?.` meets nothing, the chain's early end.
  private mutating func chainBase(_ id: ExpressionID, isOptional: Bool) -> Evaluation {
    var base = evaluate(id)
    switch base.value {
    case .undefined where isOptional, .null where isOptional:
      base.value = .undefined
      base.endsChain = true
    default: break
    }
    return base
  }

  // MARK: Names

  private mutating func lookUp(_ name: String, at offset: Int) -> Evaluation {
    if let result = named[name] { return result }
    guard let binding = program.bindings[name] else { return global(name, at: offset) }
    guard inProgress.insert(name).inserted else { return unknown("`\(name)`, which depends on itself", at: offset) }
    defer { inProgress.remove(name) }
    var result = evaluate(binding, name: name, at: offset)
    if let mutation = program.mutations.changed[name], isObject(result.value) {
      result = unknown(mutation.phrase, at: mutation.offset, variables: result.variables)
    }
    named[name] = result
    return result
  }

  private func isObject(_ value: Value) -> Bool {
    switch value {
    case .object, .array: true
    default: false
    }
  }

  private mutating func evaluate(_ binding: Binding, name: String, at offset: Int) -> Evaluation {
    switch binding {
    case .imported(name: "default", module: "process"), .imported(name: "default", module: "node:process"),
      .namespace(module: "process"), .namespace(module: "node:process"):
      return Evaluation(value: .builtin("process"), offset: offset)
    case .imported(name: "env", module: "process"), .imported(name: "env", module: "node:process"):
      return Evaluation(value: .environment(isBundler: false), offset: offset)
    case .imported(let exported, let module):
      return Evaluation(value: .imported(exported, module: module, local: name), offset: offset)
    case .namespace(let module): return Evaluation(value: .module(module), offset: offset)
    case .opaque(let phrase, let place): return unknown(phrase, at: place)
    case .variable(let initial, let isConstant, _):
      return reassignment(of: name, isConstant: isConstant) ?? evaluate(initial)
    case .destructured(let object, let key, let fallback, let isConstant, _):
      if let reassigned = reassignment(of: name, isConstant: isConstant) { return reassigned }
      let base = evaluate(object)
      let result = property(Evaluation(value: .string(key), offset: base.offset), of: base, at: base.offset)
      guard case .undefined = result.value, let fallback else { return result }
      return evaluate(fallback).depending(on: result.variables)
    }
  }

  private func reassignment(of name: String, isConstant: Bool) -> Evaluation? {
    guard !isConstant, let mutation = program.mutations.reassigned[name] else { return nil }
    return unknown(mutation.phrase, at: mutation.offset)
  }

  private func global(_ name: String, at offset: Int) -> Evaluation {
    func plain(_ value: Value) -> Evaluation { Evaluation(value: value, offset: offset) }
    switch name {
    case "undefined": return plain(.undefined)
    case "process", "Bun", "Object", "Boolean", "String", "require", "defineAdmin": return plain(.builtin(name))
    default: return unknown("`\(name.prefix(80))`, which this file does not define", at: offset)
    }
  }

  // MARK: Objects

  private mutating func object(_ members: [Expression.Member], at offset: Int) -> Evaluation {
    var object = ObjectValue()
    for member in members {
      guard step() else { return unknown("more expressions than are followed", at: offset) }
      switch member {
      case .property(let key, let value):
        object.properties[key] = ObjectValue.Property(content: .expression(value))
      case .computed(let key, let value):
        let name = evaluate(key)
        if let text = text(of: name) {
          object.variables.formUnion(name.variables)
          object.properties[text] = ObjectValue.Property(content: .expression(value), variables: name.variables)
        } else {
          object.overwriteAll(with: reason(name), variables: name.variables)
        }
      case .spread(let value): spread(evaluate(value), into: &object)
      }
    }
    return Evaluation(value: .object(object), offset: offset)
  }

  private mutating func spread(_ result: Evaluation, into object: inout ObjectValue) {
    var decidedBy = result.variables
    if case .object(let source) = result.value { decidedBy.formUnion(source.variables) }
    _ = step(object.properties.count)
    if !decidedBy.isEmpty {
      object.variables.formUnion(decidedBy)
      for key in object.properties.keys { object.properties[key]?.variables.formUnion(decidedBy) }
    }
    switch result.value {
    case .undefined, .null, .boolean, .number, .string(""): return
    case .object(let source):
      _ = step(source.properties.count)
      if let others = source.others { object.overwriteAll(with: others, variables: decidedBy) }
      for (key, property) in source.properties {
        object.properties[key] = property
        object.properties[key]?.variables.formUnion(decidedBy)
      }
    default: object.overwriteAll(with: reason(result), variables: decidedBy)
    }
  }

  /// The value of a key of anything.
  mutating func property(_ key: Evaluation, of base: Evaluation, at offset: Int) -> Evaluation {
    let variables = base.variables.union(key.variables)
    if case .unknown = base.value { return base.depending(on: variables) }
    guard let name = text(of: key) else {
      return Evaluation(value: .unknown(reason(key)), offset: offset, variables: variables)
    }
    if !key.textSources.isEmpty, !mayBeNamedByVariable(name, of: base.value) {
      return unknown("a member named by a variable", at: offset, variables: variables)
    }
    func plain(_ value: Value) -> Evaluation { Evaluation(value: value, offset: offset, variables: variables) }
    switch base.value {
    case .object(let object):
      guard let property = object.properties[name] else {
        let all = variables.union(object.variables)
        if let reason = object.others { return Evaluation(value: .unknown(reason), offset: offset, variables: all) }
        // Every object inherits a few members, `toString` and the like.
        if Self.inherited.contains(name) {
          return unknown("the inherited member `\(name)`", at: offset, variables: all)
        }
        return Evaluation(value: .undefined, offset: base.offset, variables: all)
      }
      let all = variables.union(property.variables)
      switch property.content {
      case .expression(let id): return evaluate(id).depending(on: all)
      case .unknown(let reason): return Evaluation(value: .unknown(reason), offset: offset, variables: all)
      }
    case .environment(let isBundler): return variable(name, isBundler: isBundler, at: offset).depending(on: variables)
    case .builtin("process") where name == "env", .builtin("Bun") where name == "env":
      return plain(.environment(isBundler: false))
    case .builtin("import.meta") where name == "env": return plain(.environment(isBundler: true))
    case .builtin("Object") where name == "freeze": return plain(.builtin("Object.freeze"))
    case .module(let module): return plain(.imported(name, module: module, local: name))
    case .string(let text) where StringMethod(rawValue: name) != nil:
      var method = plain(.method(name, of: text))
      method.textSources = base.textSources
      return method
    case .array(let elements): return element(name, of: elements, at: offset).depending(on: variables)
    default:
      return Evaluation(value: .unknown(memberReason(name, of: base, at: offset)), offset: offset, variables: variables)
    }
  }

  /// A variable's text may choose a member of the module's own objects and arrays, whose keys the file shows. Anywhere else
  /// it would end up as a name in a message.
  private func mayBeNamedByVariable(_ name: String, of value: Value) -> Bool {
    switch value {
    case .object: !Self.inherited.contains(name)
    case .array: Int(name).map { $0 >= 0 && String($0) == name } ?? false
    default: false
    }
  }

  private static let inherited: Set<String> = [
    "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
    "__proto__",
  ]

  private func memberReason(_ name: String, of base: Evaluation, at offset: Int) -> Unknown {
    switch base.value {
    case .imported, .opaque: reason(base)
    case .undefined, .null: .cause("`\(name.prefix(80))` of a value that is not there", offset: offset)
    default: .cause("the member `\(name.prefix(80))`, which is not followed", offset: offset)
    }
  }

  private mutating func element(_ name: String, of elements: [Expression.Element], at offset: Int) -> Evaluation {
    guard let position = Int(name), String(position) == name, position >= 0 else {
      return unknown("the member `\(name.prefix(80))` of an array, which is not followed", at: offset)
    }
    _ = step(min(position, elements.count))
    for element in elements.prefix(position + 1) {
      if case .spread(let id) = element {
        return unknown("an array with a spread, which is not followed", at: program.nodes[id.index].offset)
      }
    }
    guard position < elements.count, case .value(let id) = elements[position] else {
      return Evaluation(value: .undefined, offset: offset)
    }
    return evaluate(id)
  }

  // MARK: The environment

  private func variable(_ name: String, isBundler: Bool, at offset: Int) -> Evaluation {
    let fixed = ["MODE", "PROD", "DEV", "SSR", "BASE_URL"]
    if isBundler, fixed.contains(name) {
      return unknown("`import.meta.env.\(name)`, which the bundler sets", at: offset)
    }
    var result = Evaluation(value: .undefined, offset: offset, variables: [name], textSources: [name])
    if let mutation = program.mutations.variables[name] ?? program.mutations.environment {
      result.value = .unknown(.cause(mutation.phrase, offset: mutation.offset))
      return result
    }
    switch environment {
    case .unknown(let reason): result.value = .unknown(.environment(reason))
    case .known(let variables):
      if let secret = variables[name] {
        result.value = .string(secret.reveal())
      } else if let loader = program.modules.first(where: { Self.loaders.contains($0.name) }) {
        result.value = .unknown(
          .cause(
            "`\(name.prefix(80))`, which is not set and which \"\(loader.name)\" may read from a file",
            offset: loader.offset))
      }
    }
    return result
  }

  /// Packages that fill `process.env` from files while the config is loaded.
  private static let loaders: Set<String> = [
    "dotenv", "dotenv/config", "dotenv-flow", "dotenv-flow/config", "@next/env",
  ]

  /// How a variable stands in the environment.
  func use(of name: String) -> VariableUse {
    switch environment {
    case .unknown: VariableUse(name, .unknown)
    case .known(let variables): VariableUse(name, variables[name].map { $0.isEmpty ? .empty : .set } ?? .unset)
    }
  }
}
