/// The part of the interpreter that calls and constructs what the language itself defines (ECMAScript 19 to 28).
extension Interpreter {
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
