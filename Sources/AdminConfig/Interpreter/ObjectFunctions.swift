/// The part of the interpreter that knows the functions of Object, JSON and Promise (ECMAScript 20.1.2, 25.5, 27.2).
extension Interpreter {
  /// What `defineAdmin` gives for its argument: the argument itself, or what the function gives that it is.
  mutating func admin(_ value: Tracked, at place: Place) throws(Interruption) -> Tracked {
    guard let id = value.object, self[id].isCallable else { return value }
    return try settled(try call(value, this: Tracked(.undefined, at: place), [], at: place))
  }

  mutating func callObjectMethod(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    switch method {
    case "hasOwnProperty": return try hasOwn(this, arguments.first ?? Tracked(.undefined, at: place), at: place)
    case "toString", "toLocaleString": return try concatenate([this], at: place)
    default: return this
    }
  }

  mutating func callObjectFunction(
    _ name: String, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "freeze", "seal", "preventExtensions":
      if name == "freeze", let id = first.object { change(id) { $0.isFrozen = true } }
      return first
    case "isFrozen":
      guard first.reason == nil else { return keeping(first) }
      guard let id = first.object else { return Tracked(.boolean(true), at: place) }
      return Tracked(.boolean(self[id].isFrozen), at: place)
    case "keys", "getOwnPropertyNames", "values", "entries": return try list(name, of: first, at: place)
    case "assign": return try assignObjects(arguments, at: place)
    case "fromEntries": return try fromEntries(first, at: place)
    case "hasOwn": return try hasOwn(first, arguments.dropFirst().first ?? first, at: place)
    case "is":
      guard arguments.count > 1, var same = areSame(first, arguments[1]), first.reason == nil else {
        return undecided(first, arguments.dropFirst().first ?? first)
      }
      if case .number(let one) = first.value, case .number(let other) = arguments[1].value {
        same = same && one.sign == other.sign
      }
      return Tracked(.boolean(same), at: place, taint: union(first.taint, arguments[1].taint))
    case "create":
      guard arguments.count == 1 else { break }
      let object = newObject(.plain, at: place)
      if let id = object.object { heap[Int(id.index)].prototype = first.object }
      return object
    case "getPrototypeOf":
      guard let id = first.object, let prototype = self[id].prototype else { break }
      return Tracked(.object(prototype), at: place)
    case "defineProperty": return try defineProperty(arguments, at: place)
    default: break
    }
    return try callOpaque(
      reason("a call of `Object.\(name)(…)`, which is not followed", at: place), Tracked(.undefined, at: place),
      Tracked(.undefined, at: place), arguments, at: place)
  }

  private mutating func hasOwn(_ object: Tracked, _ key: Tracked, at place: Place) throws(Interruption) -> Tracked {
    guard let id = object.object, let name = try propertyKey(key, at: place) else { return undecided(key, object) }
    let taint = union(union(object.taint, key.taint), self[id].keysTaint)
    if case .environment = self[id].kind {
      let value = try property(object, name, at: place)
      if value.reason != nil { return value }
      return Tracked(.boolean(!value.isUndefined), at: place, taint: value.taint)
    }
    if let reason = self[id].unknownKeys, self[id].property(name)?.value.reason != nil {
      return Tracked(.unknown(reason), at: place, taint: taint)
    }
    if case .unknown(let reason) = self[id].absent { return Tracked(.unknown(reason), at: place, taint: taint) }
    if self[id].position(of: name) != nil { return Tracked(.boolean(true), at: place, taint: taint) }
    if case .undefined = self[id].absent, case .plain = self[id].kind {
      return Tracked(.boolean(false), at: place, taint: taint)
    }
    if case .array = self[id].kind, case .undefined = self[id].absent {
      let holds = arrayIndex(name).map { $0 < self[id].elements.count } ?? (name == Key(.length))
      return Tracked(.boolean(holds), at: place, taint: taint)
    }
    return unknown("whether an object has a key", at: place, taint: taint)
  }

  private mutating func list(_ name: String, of value: Tracked, at place: Place) throws(Interruption) -> Tracked {
    if value.isNullish {
      throw fail("TypeError", "Cannot convert undefined or null to object", at: place, taint: value.taint)
    }
    switch enumerableKeys(of: value) {
    case .unknown(let reason):
      doubt(reason)
      var array = HeapObject(.array, at: place)
      array.absent = .unknown(self.reason(reason, mayBe: [value]))
      return Tracked(.object(allocate(array)), at: place, taint: value.taint)
    case .known(let keys):
      var items: [Tracked] = []
      for key in keys {
        guard name == "values" || name == "entries" else {
          items.append(key)
          continue
        }
        let item = try element(value, key, at: place)
        items.append(name == "values" ? item : newArray([key, item], at: place))
      }
      return depending(newArray(items, at: place), on: countTaint(of: value))
    }
  }

  private mutating func assignObjects(_ arguments: [Tracked], at place: Place) throws(Interruption) -> Tracked {
    guard let target = arguments.first else {
      throw fail("TypeError", "Cannot convert undefined or null to object", at: place)
    }
    guard let id = target.object else { return target }
    for source in arguments.dropFirst() {
      if !self[id].isFrozen { taintOverwritten(by: source, in: id) }
      switch source.value {
      case .unknown(let reason):
        if !self[id].isFrozen {
          if case .environment = self[id].kind {
            spoil(id, reason)
          } else {
            record(id)
            overwrite(id, reason, source.taint)
          }
        }
      case .object(let from):
        if case .external(let reason) = self[from].kind {
          record(id)
          overwrite(id, reason, source.taint)
          continue
        }
        if case .unknown(let reason) = self[from].absent {
          record(id)
          overwrite(id, reason, source.taint)
        }
        guard case .known(let keys) = enumerableKeys(of: source) else {
          record(id)
          overwrite(id, reasonWithin(source), source.taint)
          continue
        }
        for name in keys {
          guard case .string(let text) = name.value else { continue }
          let key = key(text)
          try set(key, of: target, to: try property(source, key, at: place), at: place)
        }
      case .string:
        let copy = newObject(.plain, at: place)
        guard let from = copy.object else { continue }
        try spread(source, into: from)
        for key in ownKeys(of: from) { try set(key, of: target, to: try property(copy, key, at: place), at: place) }
      default: continue
      }
    }
    return target
  }

  private mutating func fromEntries(_ value: Tracked, at place: Place) throws(Interruption) -> Tracked {
    let object = newObject(.plain, at: place)
    guard let id = object.object else { return object }
    guard let entries = try iterate(value, at: place) else {
      overwrite(id, unknownReason(value), value.taint)
      return object
    }
    for entry in entries {
      let name = try element(entry, Tracked(.number(0), at: place), at: place)
      let item = try element(entry, Tracked(.number(1), at: place), at: place)
      guard let key = try propertyKey(name, at: place) else {
        overwrite(id, unknownReason(name), name.taint)
        continue
      }
      heap[Int(id.index)].set(key, to: Property(value: depending(item, on: union(value.taint, name.taint))))
      heap[Int(id.index)].keysText = union(heap[Int(id.index)].keysText, name.text)
      heap[Int(id.index)].keysTaint = union(heap[Int(id.index)].keysTaint, name.taint)
      if !name.taint.isEmpty { heap[Int(id.index)].hasOpenKeys = true }
    }
    heap[Int(id.index)].keysTaint = union(heap[Int(id.index)].keysTaint, countTaint(of: value))
    return depending(object, on: value.taint)
  }

  private mutating func defineProperty(_ arguments: [Tracked], at place: Place) throws(Interruption) -> Tracked {
    guard arguments.count > 2, let id = arguments[0].object, let key = try propertyKey(arguments[1], at: place),
      arguments[2].object != nil
    else {
      if let id = arguments.first?.object { spoil(id, reason("`Object.defineProperty`", at: place)) }
      return arguments.first ?? Tracked(.undefined, at: place)
    }
    let getter = try property(arguments[2], Key(.get), at: place)
    let setter = try property(arguments[2], Key(.set), at: place)
    let value = try property(arguments[2], self.key("value"), at: place)
    let isEnumerable = isTruthy(try property(arguments[2], self.key("enumerable"), at: place)) ?? true
    if !arguments[1].taint.isEmpty { taintAll(of: id, arguments[1].taint) }
    let defined = Property(
      value: value, getter: getter.object, setter: setter.object, isEnumerable: isEnumerable)
    change(id) { $0.set(key, to: defined) }
    return arguments[0]
  }

  // MARK: JSON

  mutating func callJSON(_ name: String, _ arguments: [Tracked], at place: Place) throws(Interruption) -> Tracked {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    guard arguments.dropFirst().first.map(\.isNullish) ?? true else {
      return try callOpaque(
        reason("`JSON.\(name)` with a function", at: place), first, first, arguments, at: place)
    }
    if name == "stringify" {
      var indent = ""
      if arguments.count > 2 {
        switch arguments[2].value {
        case .number(let width): indent = String(repeating: " ", count: clampedInteger(width, to: 0...10))
        case .string(let text): indent = String(text.prefix(10))
        case .undefined, .null: break
        default: return unknown("`JSON.stringify` with such an indentation", at: place)
        }
      }
      return try stringify(first, indent: indent, at: place)
    }
    let source = try text(of: first, at: place)
    mayThrow(on: source.taint)
    guard case .string(let text) = source.value else {
      doubt(unknownReason(source))
      return keeping(source)
    }
    do {
      let node = try parseJSON(Array(text.utf8), .strict)
      return value(of: node, at: place, source.taint, source.text)
    } catch {
      let message = source.text.isEmpty ? error.message : "the text is not valid JSON"
      throw fail("SyntaxError", message, at: place, taint: source.taint)
    }
  }

  /// A JSON value as the language makes an object of it.
  mutating func value(of node: JSONNode, at place: Place, _ taint: Taint, _ texts: Taint) -> Tracked {
    var result = Tracked(.undefined, at: place, taint: taint, text: texts)
    switch node.value {
    case .null: result.value = .null
    case .boolean(let boolean): result.value = .boolean(boolean)
    case .number(let number): result.value = .number(number)
    case .string(let text): result.value = .string(text)
    case .array(let items):
      let array = newArray(items.map { value(of: $0, at: place, taint, texts) }, at: place)
      if let id = array.object { heap[Int(id.index)].keysTaint = taint }
      result.value = array.value
    case .object(let members):
      var object = HeapObject(.plain, at: place)
      object.keysText = texts
      object.keysTaint = taint
      object.hasOpenKeys = !taint.isEmpty
      for member in members {
        object.set(key(member.key), to: Property(value: value(of: member.value, at: place, taint, texts)))
      }
      result.value = .object(allocate(object))
    }
    return result
  }

  private mutating func stringify(_ value: Tracked, indent: String, at place: Place) throws(Interruption) -> Tracked {
    var result = Tracked(.undefined, at: place)
    var problem: ReasonID?
    guard let node = try json(value, &result, &problem, depth: 0, at: place) else {
      if let problem { result.value = .unknown(problem) }
      return result
    }
    if let problem {
      result.value = .unknown(problem)
    } else if let text = jsonText(node, indent: indent, limit: Limit.stringBytes) {
      result.value = .string(text)
    } else {
      result.value = .unknown(reason("a longer text than is computed", at: place))
    }
    return result
  }

  /// A value as JSON; nil for what JSON leaves out.
  private mutating func json(
    _ value: Tracked, _ result: inout Tracked, _ problem: inout ReasonID?, depth: Int, at place: Place
  ) throws(Interruption) -> JSONNode? {
    try step(at: place)
    result.taint = union(result.taint, value.taint)
    result.text = union(result.text, value.text)
    guard depth < Limit.jsonDepth else {
      problem = problem ?? reason("an object that is nested too deeply", at: place)
      return nil
    }
    switch value.value {
    case .undefined: return nil
    case .null: return JSONNode(.null)
    case .boolean(let boolean): return JSONNode(.boolean(boolean))
    case .number(let number): return JSONNode(number.isFinite ? .number(number) : .null)
    case .string(let text): return JSONNode(.string(text))
    case .bigInteger: throw fail("TypeError", "Do not know how to serialize a BigInt", at: place)
    case .unknown(let reason):
      problem = problem ?? reason
      return nil
    case .object(let id):
      if let convert = try method(value, key("toJSON"), at: place) {
        let converted = try call(convert, this: value, [], at: place)
        return try json(converted, &result, &problem, depth: depth + 1, at: place)
      }
      if self[id].isCallable { return nil }
      if case .unknown(let reason) = self[id].absent {
        problem = problem ?? reason
        return nil
      }
      result.taint = union(result.taint, self[id].keysTaint)
      switch self[id].kind {
      case .array:
        var items: [JSONNode] = []
        for item in self[id].elements {
          items.append(try json(item, &result, &problem, depth: depth + 1, at: place) ?? JSONNode(.null))
        }
        return JSONNode(.array(items))
      case .url(let url): return JSONNode(.string(url.href))
      case .external(let reason):
        problem = problem ?? reason
        return nil
      case .map, .regularExpression: return JSONNode(.object([]))
      default:
        guard case .known(let keys) = enumerableKeys(of: value) else {
          problem = problem ?? unknownReason(value)
          return nil
        }
        var members: [(key: String, value: JSONNode)] = []
        for key in keys {
          guard case .string(let text) = key.value else { continue }
          let item = try property(value, self.key(text), at: place)
          if let node = try json(item, &result, &problem, depth: depth + 1, at: place) { members.append((text, node)) }
        }
        return JSONNode(.object(members))
      }
    }
  }

  /// A function that an object has under a key.
  private mutating func method(_ value: Tracked, _ key: Key, at place: Place) throws(Interruption) -> Tracked? {
    guard let id = value.object, case .plain = self[id].kind else { return nil }
    guard case .undefined = self[id].absent else { return nil }
    let found = try property(value, key, at: place)
    guard let id = found.object, self[id].isCallable else { return nil }
    return found
  }

  // MARK: Promises

  mutating func callPromise(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    guard let id = this.object, case .promise(let result, let isRejected) = self[id].kind else {
      return try callOpaque(unknownReason(this), this, this, arguments, at: place)
    }
    let undefined = Tracked(.undefined, at: place)
    let position = method == "then" ? (isRejected ? 1 : 0) : 0
    let handles = method == "finally" || (method == "catch") == isRejected || method == "then"
    if position < arguments.count, let reason = arguments[position].reason {
      return try callOpaque(reason, arguments[position], this, [result], at: place)
    }
    guard handles, position < arguments.count, let handler = arguments[position].object, self[handler].isCallable else {
      return this
    }
    do {
      let given = method == "finally" ? [] : [result]
      let value = try call(arguments[position], this: undefined, given, at: place)
      if method == "finally" { return this }
      return newObject(.promise(try settled(value), isRejected: false), at: place)
    } catch .thrown where !hasExited {
      return newObject(.promise(thrown, isRejected: true), at: place)
    }
  }

  mutating func callPromiseFunction(
    _ name: String, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "resolve":
      if let id = first.object, case .promise = self[id].kind { return first }
      return newObject(.promise(first, isRejected: false), at: place)
    case "reject": return newObject(.promise(first, isRejected: true), at: place)
    case "all":
      guard let items = try iterate(first, at: place) else { return keeping(first) }
      var values: [Tracked] = []
      for item in items { values.append(try settled(item)) }
      return newObject(.promise(newArray(values, at: place), isRejected: false), at: place)
    default:
      return try callOpaque(
        reason("a call of `Promise.\(name)(…)`, which is not followed", at: place), first, first, arguments, at: place)
    }
  }
}
