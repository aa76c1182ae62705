/// The part of the interpreter that knows the global names: what they stand for and what they have.
extension Interpreter {
  /// The methods that values have by their type.
  /// The functions on values without identity that throw for some of them.
  static let throwing: Set<String> = [
    "BigInt", "RegExp", "atob", "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "normalize",
    "repeat",
    "toFixed", "toPrecision", "toString",
  ]
  static let methods: [String: Set<String>] = [
    "String": [
      "at", "charAt", "charCodeAt", "codePointAt", "concat", "endsWith", "includes", "indexOf", "lastIndexOf",
      "localeCompare", "match", "matchAll", "normalize", "padEnd", "padStart", "repeat", "replace", "replaceAll",
      "search", "slice", "split", "startsWith", "substr", "substring", "toLocaleLowerCase", "toLocaleUpperCase",
      "toLowerCase", "toString", "toUpperCase", "trim", "trimEnd", "trimLeft", "trimRight", "trimStart", "valueOf",
    ],
    "Number": ["toExponential", "toFixed", "toLocaleString", "toPrecision", "toString", "valueOf"],
    "Boolean": ["toString", "valueOf"],
    "Array": [
      "at", "concat", "entries", "every", "fill", "filter", "find", "findIndex", "findLast", "findLastIndex", "flat",
      "flatMap", "forEach", "includes", "indexOf", "join", "keys", "lastIndexOf", "map", "pop", "push", "reduce",
      "reduceRight", "reverse", "shift", "slice", "some", "sort", "splice", "toReversed", "toSorted", "toSpliced",
      "toString", "unshift", "values", "with",
    ],
    "Map": ["clear", "delete", "entries", "forEach", "get", "has", "keys", "set", "values"],
    "Set": ["add", "clear", "delete", "entries", "forEach", "has", "keys", "values"],
    "URLSearchParams": ["entries", "forEach", "get", "getAll", "has", "keys", "toString", "values"],
  ]

  /// The globals that are functions, and those that hold functions of these names.
  private static let functions: Set<String> = [
    "parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent", "encodeURI", "decodeURI",
    "btoa", "atob", "structuredClone", "Boolean", "Number", "String", "Object", "Array", "Map", "Set", "WeakMap",
    "WeakSet", "URL", "URLSearchParams", "RegExp", "Promise", "Function", "Error", "TypeError", "RangeError",
    "SyntaxError", "ReferenceError", "EvalError", "URIError", "BigInt",
  ]
  private static let namespaces: Set<String> = [
    "Math", "JSON", "console", "process", "Bun", "Deno", "globalThis", "global", "Reflect", "import.meta", "Deno.env",
  ]
  private static let members: [String: Set<String>] = [
    "Object": [
      "assign", "create", "defineProperty", "entries", "freeze", "fromEntries", "getOwnPropertyNames", "getPrototypeOf",
      "groupBy", "hasOwn", "is", "isFrozen", "keys", "preventExtensions", "seal", "values",
    ],
    "Array": ["from", "isArray", "of"],
    "String": ["raw"],
    "JSON": ["parse", "stringify"],
    "Number": ["isFinite", "isInteger", "isNaN", "isSafeInteger", "parseFloat", "parseInt"],
    "Math": [
      "abs", "ceil", "floor", "max", "min", "pow", "random", "round", "sign", "sqrt", "trunc", "cbrt", "exp", "log",
      "log10", "log2", "hypot",
    ],
    "Promise": ["all", "allSettled", "race", "reject", "resolve"],
    "URL": ["canParse", "parse"],
    "Reflect": ["get", "has", "ownKeys", "set"],
    "Deno.env": ["get", "has", "toObject"],
  ]

  /// Names that a server does not have: `typeof` of them is "undefined".
  private static let browserNames: Set<String> = [
    "window", "document", "localStorage", "sessionStorage", "HTMLElement", "XMLHttpRequest", "importScripts",
  ]

  func isUndeclared(_ key: Key) -> Bool { Self.browserNames.contains(text(key)) }

  func isNamespaceBuiltin(_ name: String) -> Bool { Self.namespaces.contains(name) }

  /// A known function or namespace; the same object each time.
  mutating func builtin(_ name: String, at place: Place) -> Tracked {
    if let id = builtins[name] { return Tracked(.object(id), at: place) }
    var object = HeapObject(.builtin(name), at: place)
    if name == "globalThis" { object.absent = .global }
    let id = allocate(object)
    builtins[name] = id
    return Tracked(.object(id), at: place)
  }

  /// What a name stands for that no module declares.
  mutating func global(_ key: Key, at place: Place) throws(Interruption) -> Tracked {
    let name = text(key)
    switch name {
    case "undefined": return Tracked(.undefined, at: place)
    case "NaN": return Tracked(.number(.nan), at: place)
    case "Infinity": return Tracked(.number(.infinity), at: place)
    case "require": return builtin("require", at: place)
    case "module", "exports": return commonModule(name, at: place)
    case "defineAdmin": return builtin("defineAdmin", at: place)
    case "global": return builtin("globalThis", at: place)
    default: break
    }
    if let id = builtins["globalThis"], let property = self[id].property(key) { return property.value }
    if Self.functions.contains(name) || Self.namespaces.contains(name) { return builtin(name, at: place) }
    if isUndeclared(key) { throw fail("ReferenceError", "\(name) is not defined", at: place) }
    let isKnown = Self.notFollowed.contains(name)
    if !isKnown { doubtStart("`\(name.prefix(80))`, which is not defined", at: place) }
    return unknown(
      "`\(name.prefix(80))`, which \(isKnown ? "is not followed" : "this file does not define")", at: place)
  }

  /// Globals of Node.js that are there and not followed.
  private static let notFollowed: Set<String> = [
    "Buffer", "Date", "Intl", "Symbol", "Proxy", "WeakRef", "fetch", "crypto", "performance", "setTimeout",
    "setInterval", "setImmediate", "queueMicrotask", "clearTimeout", "clearInterval", "AbortController", "TextEncoder",
    "TextDecoder", "Headers", "Request", "Response", "Uint8Array", "ArrayBuffer", "DataView", "eval", "__dirname",
    "__filename", "navigator",
  ]

  /// What a known function or namespace has under a key; nil where it is looked for as any other property.
  mutating func builtinProperty(
    _ name: String, _ key: Key, at place: Place
  ) throws(Interruption) -> Tracked? {
    let member = text(key)
    if Self.members[name]?.contains(member) == true { return builtin("\(name).\(member)", at: place) }
    switch (name, member) {
    case ("process", "env"), ("Bun", "env"): return processEnvironment(at: place)
    case ("import.meta", "env"): return bundlerEnvironment(at: place)
    case ("Deno", "env"): return builtin("Deno.env", at: place)
    case ("process", "exit"): return builtin("process.exit", at: place)
    case ("process", "on"), ("process", "once"), ("process", "cwd"), ("process", "emitWarning"):
      return builtin("process.\(member)", at: place)
    case ("process", "browser"): return Tracked(.undefined, at: place)
    case ("console", _): return builtin("console.\(member)", at: place)
    case ("Math", "PI"): return Tracked(.number(.pi), at: place)
    case ("Number", "MAX_SAFE_INTEGER"): return Tracked(.number(9_007_199_254_740_991), at: place)
    case ("Number", "NaN"): return Tracked(.number(.nan), at: place)
    case ("globalThis", _): return nil
    case ("URL", "prototype"), ("Object", "prototype"), ("Array", "prototype"), ("String", "prototype"):
      return unknown("`\(name).prototype`, which is not followed", at: place)
    case (_, "call"), (_, "apply"), (_, "bind"):
      return isNamespaceBuiltin(name) ? nil : builtin("Function#\(member)", at: place)
    case ("defineAdmin", _), ("require", _): break
    default: if let known = try packageProperty(name, member, at: place) { return known }
    }
    return unknown("`\(name).\(member.prefix(80))`, which is not followed", at: place)
  }

  // MARK: Calls

  /// Calls a known function; what it does not know how to compute is unknown.
  mutating func callBuiltin(
    _ name: String, this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    if let hash = name.firstIndex(of: "#") {
      let type = name[..<hash]
      let method = String(name[name.index(after: hash)...])
      switch type {
      case "Array": return try callArrayMethod(method, this, arguments, at: place)
      case "String": return try callString(method, this, arguments, at: place)
      case "Number", "Boolean": return try callPrimitive(method, this, arguments, at: place)
      case "Map", "Set": return try callCollection(method, this, arguments, at: place)
      case "Function": return try callFunctionMethod(method, this, arguments, at: place)
      case "RegExp": return try callRegularExpression(method, this, arguments, at: place)
      case "URL": return try text(of: this, at: place)
      case "URLSearchParams": return try callSearch(method, this, arguments, at: place)
      case "Promise": return try callPromise(method, this, arguments, at: place)
      default: return try callObjectMethod(method, this, arguments, at: place)
      }
    }
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "defineAdmin":
      var admin = try admin(first, at: place)
      admin.place = place
      return admin
    case "require":
      guard case .string(let module) = first.value, first.text.isEmpty else {
        doubt(unknownReason(first))
        let phrase = first.text.isEmpty ? "a module whose name is not known" : "a module named by a variable"
        return unknown(phrase, at: place, taint: first.taint)
      }
      return try load(module, at: place)
    case "process.exit":
      hasExited = shadows == 0
      explicitThrows += 1
      let code = try text(of: first, at: place).string ?? "0"
      let exit = fail(
        "Error", "process.exit(\(first.isUndefined ? "" : code)) is called", at: place, taint: first.taint)
      throw exit
    case "process.cwd": return unknown("the working folder", at: place)
    case "process.on", "process.once", "process.emitWarning":
      try escape(arguments, reason("a handler of `process`, which may run at any time", at: place))
      return builtin("process", at: place)
    case "Deno.env.get": return try element(processEnvironment(at: place), first, at: place)
    case "Deno.env.has":
      let value = try element(processEnvironment(at: place), first, at: place)
      if value.reason != nil { return value }
      return Tracked(.boolean(!value.isUndefined), at: place, taint: value.taint)
    case "Deno.env.toObject": return processEnvironment(at: place)
    case "Boolean":
      guard let holds = isTruthy(first) else { return keeping(first) }
      return Tracked(.boolean(holds), at: place, taint: first.taint)
    case "String":
      return arguments.isEmpty ? Tracked(.string(""), at: place) : try concatenate([first], at: place)
    case "Array": return try makeArray(arguments, at: place)
    case "Object": return first.isNullish ? newObject(.plain, at: place) : first
    case "String.raw":
      guard let texts = try iterate(try property(first, key("raw"), at: place), at: place) else {
        return keeping(first)
      }
      var parts: [Tracked] = []
      for (index, text) in texts.enumerated() {
        if index > 0, index < arguments.count { parts.append(arguments[index]) }
        parts.append(text)
      }
      return try concatenate(parts, at: place)
    case "RegExp", "Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError":
      return try constructBuiltin(name, arguments, at: place)
    case "structuredClone": return unknown("a clone", at: place, taint: first.taint)
    default: break
    }
    if name.hasPrefix("console.") { return Tracked(.undefined, at: place) }
    if name.hasPrefix("Object.") { return try callObjectFunction(String(name.dropFirst(7)), arguments, at: place) }
    if name.hasPrefix("Array.") { return try callArrayFunction(String(name.dropFirst(6)), arguments, at: place) }
    if name.hasPrefix("JSON.") { return try callJSON(String(name.dropFirst(5)), arguments, at: place) }
    if name.hasPrefix("Promise.") { return try callPromiseFunction(String(name.dropFirst(8)), arguments, at: place) }
    if name == "URL.canParse" {
      let url = try? constructBuiltin("URL", arguments, at: place)
      return Tracked(.boolean(url != nil), at: place, taint: first.taint)
    }
    if name == "Number", case .bigInteger(let digits) = first.value, let number = Double(digits) {
      return Tracked(.number(number), at: place, taint: first.taint)
    }
    if let result = try callPackage(name, this: this, arguments, at: place) { return result }
    return try compute(arguments, at: place, name) { callGlobal(name, $0) }
  }

  /// Computes with values without identity; unknown as soon as one of them is.
  mutating func compute(
    _ arguments: [Tracked], at place: Place, _ name: String, _ body: ([Scalar]) -> BuiltinResult?
  ) throws(Interruption) -> Tracked {
    var taint = Taint.none
    var texts = Taint.none
    var scalars: [Scalar] = []
    var problem: ReasonID?
    for argument in arguments {
      let value = scalar(argument) == nil ? try primitive(argument, at: place, prefersText: true) : argument
      taint = union(taint, value.taint)
      texts = union(texts, value.text)
      if let text = value.string { charge(2 * text.utf8.count) }
      if let scalar = scalar(value) { scalars.append(scalar) } else { problem = problem ?? unknownReason(value) }
    }
    if let problem {
      doubt(problem)
      try escape(arguments, problem)
      return Tracked(.unknown(problem), at: place, taint: taint)
    }
    if Self.throwing.contains(name) { mayThrow(on: taint) }
    // A regular expression may take as many steps of its own.
    if scalars.contains(where: { if case .regularExpression = $0 { true } else { false } }) { steps += 1000 }
    switch body(scalars) {
    case .value(let result): return track(result, at: place, taint, texts)
    case .throwsError(let kind, let message):
      // What a built-in says of a text may quote it.
      throw fail(kind, texts.isEmpty ? message : "\(name) does not accept its argument", at: place, taint: taint)
    case .notComputed(let phrase): return unknown("\(phrase), which is not computed", at: place, taint: taint)
    case nil:
      let reason = reason("a call of `\(name)(…)`, which is not followed", at: place)
      doubt(reason)
      try escape(arguments, reason)
      return Tracked(.unknown(reason), at: place, taint: taint)
    }
  }

  /// A built-in's result as a value.
  mutating func track(_ scalar: Scalar, at place: Place, _ taint: Taint, _ texts: Taint) -> Tracked {
    var result = Tracked(.undefined, at: place, taint: taint, text: texts)
    switch scalar {
    case .undefined: break
    case .null: result.value = .null
    case .boolean(let boolean):
      result.value = .boolean(boolean)
      result.text = .none
    case .number(let number): result.value = .number(number)
    case .string(let text):
      charge(2 * text.utf8.count)
      result.value = .string(text)
    case .list(let items): result.value = newArray(items.map { track($0, at: place, taint, texts) }, at: place).value
    case .regularExpression(let expression): result.value = newObject(.regularExpression(expression), at: place).value
    }
    return result
  }

  private mutating func callString(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    if method == "replace" || method == "replaceAll", arguments.count > 1, let id = arguments[1].object,
      self[id].isCallable
    {
      return try replace(this, arguments, all: method == "replaceAll", at: place)
    }
    if method == "match", let pattern = arguments.first, let id = pattern.object,
      case .regularExpression(let expression) = self[id].kind, !expression.isGlobal
    {
      return try callRegularExpression("exec", pattern, [this], at: place)
    }
    // A method without arguments of its own keeps where the text came from.
    let keepsPlace = ["trim", "toLowerCase", "toUpperCase", "toString", "trimEnd", "trimStart"].contains(method)
    var result = try compute([this] + arguments, at: place, ".\(method)") { scalars in
      guard case .string(let text)? = scalars.first else { return nil }
      return callStringMethod(method, on: text, Array(scalars.dropFirst()))
    }
    if keepsPlace { result.place = this.place }
    return result
  }

  private mutating func replace(
    _ this: Tracked, _ arguments: [Tracked], all: Bool, at place: Place
  ) throws(Interruption) -> Tracked {
    guard case .string(let text) = this.value, let pattern = scalar(arguments[0]) else {
      return try compute([this] + arguments, at: place, ".replace") { _ in nil }
    }
    var isGlobal = all
    if case .regularExpression(let expression) = pattern { isGlobal = expression.flags.contains("g") }
    guard let matches = replacementMatches(in: text, pattern: pattern, all: isGlobal) else {
      return unknown("a replacement, which is not computed", at: place, taint: this.taint)
    }
    let units = Array(text.utf16)
    var parts: [Tracked] = []
    var end = 0
    func piece(_ range: Range<Int>) -> Tracked {
      Tracked(.string(textOfUnits(units[range]) ?? ""), at: place, taint: this.taint, text: this.text)
    }
    for match in matches {
      parts.append(piece(end..<match.range.lowerBound))
      var given = [piece(match.range)]
      for capture in match.captures {
        given.append(
          Tracked(capture.map { .string($0) } ?? .undefined, at: place, taint: this.taint, text: this.text))
      }
      given += [Tracked(.number(Double(match.range.lowerBound)), at: place), this]
      parts.append(try call(arguments[1], this: Tracked(.undefined, at: place), given, at: place))
      end = match.range.upperBound
    }
    parts.append(piece(end..<units.count))
    return try concatenate(parts, at: place)
  }

  private mutating func callPrimitive(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    try compute([this] + arguments, at: place, ".\(method)") { scalars in
      switch scalars.first {
      case .number(let number)?: return callNumberMethod(method, on: number, Array(scalars.dropFirst()))
      case .boolean(let boolean)? where method == "toString": return .value(.string(boolean ? "true" : "false"))
      case .boolean(let boolean)?: return .value(.boolean(boolean))
      default: return nil
      }
    }
  }

  private mutating func callFunctionMethod(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    let receiver = arguments.first ?? Tracked(.undefined, at: place)
    let rest = Array(arguments.dropFirst())
    switch method {
    case "call": return try call(this, this: receiver, rest, at: place)
    case "apply":
      let list = rest.first ?? Tracked(.undefined, at: place)
      let values = list.isNullish ? [] : try iterate(list, at: place)
      guard let values else { return try callUnknown(this, this: receiver, unknownReason(list), list.taint, at: place) }
      return try call(this, this: receiver, values, at: place)
    default:
      guard let id = this.object else { return keeping(this) }
      return newObject(.bound(id, this: receiver, arguments: rest), at: place)
    }
  }

  /// `test` and `exec`, with the position that a global expression goes on from (22.2.7).
  private mutating func callRegularExpression(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    let subject = try text(of: arguments.first ?? Tracked(.undefined, at: place), at: place)
    guard case .string(let text) = subject.value, let id = this.object,
      case .regularExpression(let expression) = self[id].kind
    else { return try compute([subject, this], at: place, ".\(method)") { _ in nil } }
    let goesOn = expression.isGlobal || expression.isSticky
    let units = Array(text.utf16)
    var start = 0
    if goesOn {
      let last = try property(this, key("lastIndex"), at: place)
      guard case .number(let number) = last.value else { return keeping(last) }
      start = clampedInteger(number, to: 0...(units.count + 1))
    }
    steps += 1000
    let outcome = start > units.count ? MatchOutcome.noMatch : expression.firstMatch(in: units, from: start)
    var next = 0.0
    var result = Tracked(method == "test" ? .boolean(false) : .null, at: place, taint: subject.taint)
    switch outcome {
    case .gaveUp:
      return unknown("a regular expression that takes too many steps", at: place, taint: subject.taint)
    case .noMatch: break
    case .match(let match):
      next = Double(match.range.upperBound)
      result =
        method == "test"
        ? Tracked(.boolean(true), at: place, taint: subject.taint)
        : matched(match, of: expression, in: units, subject, at: place)
    }
    if goesOn {
      let position = Tracked(.number(next), at: place, taint: subject.taint)
      try set(key("lastIndex"), of: this, to: position, at: place)
    }
    return result
  }

  /// What `exec` gives for a match: its captures, with the position and the named groups.
  private mutating func matched(
    _ match: Match, of expression: RegularExpression, in units: [UInt16], _ subject: Tracked, at place: Place
  ) -> Tracked {
    func piece(_ range: Range<Int>?) -> Tracked {
      let value = range.flatMap { textOfUnits(units[$0]) }.map { Value.string($0) } ?? .undefined
      return Tracked(value, at: place, taint: subject.taint, text: subject.text)
    }
    let captures = match.captures.map { piece($0) }
    var array = HeapObject(.array, at: place)
    array.elements = [piece(match.range)] + captures
    let index = Tracked(.number(Double(match.range.lowerBound)), at: place, taint: subject.taint)
    array.set(key("index"), to: Property(value: index))
    array.set(key("input"), to: Property(value: subject))
    var groups = Tracked(.undefined, at: place)
    if !expression.groupNames.isEmpty {
      var object = HeapObject(.plain, at: place)
      for (name, group) in expression.groupNames where group >= 1 && group <= captures.count {
        object.set(key(name), to: Property(value: captures[group - 1]))
      }
      groups = Tracked(.object(allocate(object)), at: place)
    }
    array.set(key("groups"), to: Property(value: groups))
    return Tracked(.object(allocate(array)), at: place, taint: subject.taint)
  }

  // MARK: New objects

  mutating func constructBuiltin(
    _ name: String, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "URL": return try makeURL(first, arguments.dropFirst().first, at: place)
    case "URLSearchParams": return newObject(.builtinOf(name, [try text(of: first, at: place)]), at: place)
    case "Map", "Set": return try makeCollection(isSet: name == "Set", first, at: place)
    case "Array": return try makeArray(arguments, at: place)
    case "Object": return first.isNullish ? newObject(.plain, at: place) : first
    case "RegExp":
      var flags: Tracked?
      if let second = arguments.dropFirst().first { flags = try text(of: second, at: place) }
      if let id = first.object, case .regularExpression(let expression) = self[id].kind, flags == nil {
        return makeRegularExpression(expression.source, expression.flags, at: place)
      }
      let pattern = try text(of: first, at: place)
      guard case .string(let source) = pattern.value else { return external("a regular expression", at: place) }
      return makeRegularExpression(source, flags?.string ?? "", at: place)
    case _ where name.hasSuffix("Error"):
      let message = first.isUndefined ? Tracked(.string(""), at: place) : try text(of: first, at: place)
      let error = newError(name, message, at: place)
      if let options = arguments.dropFirst().first, let id = error.object, options.object != nil {
        let cause = try property(options, key("cause"), at: place)
        heap[Int(id.index)].set(key("cause"), to: Property(value: cause, isEnumerable: false))
      }
      return error
    case "Promise":
      let reason = reason("a promise", at: place)
      try escape(arguments, reason)
      return Tracked(.unknown(reason), at: place)
    case _ where Self.namespaces.contains(name):
      throw fail("TypeError", "\(name) is not a constructor", at: place)
    default:
      let reason = reason("`new \(name)`, which is not followed", at: place)
      try escape(arguments, reason)
      return newObject(.external(reason), at: place)
    }
  }

  private mutating func makeURL(_ value: Tracked, _ base: Tracked?, at place: Place) throws(Interruption) -> Tracked {
    let given = try text(of: value, at: place)
    var against: Tracked?
    if let base, !base.isUndefined { against = try text(of: base, at: place) }
    let taint = union(given.taint, against?.taint ?? .none)
    guard case .string(let text) = given.value else {
      doubt(unknownReason(given))
      return newObject(.external(unknownReason(given)), at: place)
    }
    if let against, against.string == nil {
      doubt(unknownReason(against))
      return newObject(.external(unknownReason(against)), at: place)
    }
    do {
      var root: WebURL?
      if let text = against?.string { root = try WebURL(text) }
      let url = try WebURL(text, base: root)
      var result = newObject(.url(url), at: place)
      result.taint = taint
      result.text = union(given.text, against?.text ?? .none)
      if let id = result.object { heap[Int(id.index)].keysTaint = taint }
      return result
    } catch .unsupported(let phrase) {
      return external(phrase, at: place)
    } catch {
      throw fail("TypeError", "Invalid URL", at: place, taint: taint)
    }
  }
}
