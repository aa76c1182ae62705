/// The part of the interpreter that reads properties (ECMAScript 10.1.8).
extension Interpreter {
  /// The position that a key names in an array; nil for any other key.
  func arrayIndex(_ key: Key) -> Int? {
    let text = text(key)
    guard let first = text.utf8.first, first >= 0x30, first <= 0x39, let index = Int(text), index < 1 << 30,
      text.utf8.count == 1 || first != 0x30
    else { return nil }
    return index
  }

  /// `base[key]`.
  mutating func element(_ base: Tracked, _ key: Tracked, at place: Place) throws(Interruption) -> Tracked {
    if case .number(let number) = key.value, let id = base.object, case .array = self[id].kind,
      case .undefined = self[id].absent, number >= 0, number < Double(self[id].elements.count),
      number == number.rounded()
    {
      let value = depending(self[id].elements[Int(number)].filled, on: union(base.taint, key.taint))
      return key.taint.isEmpty ? value : amongMembers(value, of: id)
    }
    let text = try text(of: key, at: place)
    let taint = union(base.taint, text.taint)
    if base.isNullish, text.string == nil || !text.text.isEmpty {
      throw fail("TypeError", "Cannot read properties of \(describe(base))", at: place, taint: taint)
    }
    guard case .string(let characters) = text.value else {
      let reason = unknownReason(text)
      doubt(reason)
      guard let id = base.object else { return Tracked(.unknown(reason), at: place, taint: taint) }
      for accessor in accessors(of: id) { try callPerhaps(Tracked(.object(accessor), at: place), reason) }
      return Tracked(.unknown(self.reason(reason, mayBe: [base])), at: place, taint: taint)
    }
    // The name of a variable is shown, the text of one is not.
    if !text.text.isEmpty, !hasOwnNames(base) {
      return unknown("a member named by a variable", at: place, taint: taint)
    }
    let name = self.key(characters)
    let value = depending(try property(base, name, at: place), on: key.taint)
    guard !key.taint.isEmpty, let id = base.object else { return value }
    return amongMembers(value, of: id)
  }

  /// A member that variables name: it may be any other one, or none.
  private mutating func amongMembers(_ value: Tracked, of id: ObjectID) -> Tracked {
    var result = value
    result.alternatives = alternatives.union(result.alternatives, .nullish)
    for member in self[id].properties.map(\.value) + self[id].elements { result = either(result, or: member) }
    return result
  }

  /// Whether an object has nothing but what the modules have put into it.
  private func hasOwnNames(_ base: Tracked) -> Bool {
    guard let id = base.object else { return false }
    switch (self[id].kind, self[id].absent) {
    case (.plain, .undefined), (.array, .undefined): return true
    default: return false
    }
  }

  /// `base.key`.
  mutating func property(_ base: Tracked, _ key: Key, at place: Place) throws(Interruption) -> Tracked {
    mayThrowIfNullish(base)
    switch base.value {
    case .unknown:
      if let reason = base.reason { doubt(reason) }
      return Tracked(base.value, at: base.place, taint: base.taint)
    case .undefined, .null:
      let kind = base.isUndefined ? "undefined" : "null"
      throw fail(
        "TypeError", "Cannot read properties of \(kind) (reading '\(text(key))')", at: place, taint: base.taint)
    case .string(let value): return stringProperty(value, base, key, at: place)
    case .number: return methodOf("Number", base, key, at: place)
    case .boolean, .bigInteger: return methodOf("Boolean", base, key, at: place)
    case .object(let id): return try depending(objectProperty(id, base, key, at: place), on: base.taint)
    }
  }

  private mutating func stringProperty(_ value: String, _ base: Tracked, _ key: Key, at place: Place) -> Tracked {
    if key == Key(.length) {
      return Tracked(.number(Double(value.utf16.count)), at: place, taint: base.taint, text: base.text)
    }
    if let index = arrayIndex(key) {
      let units = Array(value.utf16)
      guard index < units.count else { return Tracked(.undefined, at: place, taint: base.taint) }
      guard let text = textOfUnits([units[index]]) else {
        return unknown("text cut inside a character", at: place, taint: base.taint)
      }
      return Tracked(.string(text), at: place, taint: base.taint, text: base.text)
    }
    return methodOf("String", base, key, at: place)
  }

  /// A method of a primitive; what the language does not define is undefined.
  private mutating func methodOf(_ type: String, _ base: Tracked, _ key: Key, at place: Place) -> Tracked {
    let name = text(key)
    guard Self.methods[type]?.contains(name) == true else {
      if key == Key(.constructor) || key == Key(.proto) {
        return unknown("`\(name)`, which is not followed", at: place, taint: base.taint)
      }
      return Tracked(.undefined, at: place, taint: base.taint)
    }
    return depending(builtin("\(type)#\(name)", at: place), on: base.taint)
  }

  /// A property of an object, its own or inherited.
  mutating func objectProperty(
    _ id: ObjectID, _ receiver: Tracked, _ key: Key, at place: Place
  ) throws(Interruption) -> Tracked {
    var current: ObjectID? = id
    var taint = Taint.none
    // Set where an object that is nearer may have the key.
    var doubtful: ReasonID?
    while let object = current {
      try step(at: place)
      if let own = self[object].property(key) {
        if let getter = own.getter {
          let function = Tracked(.object(getter), at: place)
          if let reason = own.value.reason ?? doubtful {
            try callPerhaps(function, reason)
            return Tracked(.unknown(reason), at: place, taint: taint)
          }
          return depending(try call(function, this: receiver, [], at: place), on: taint)
        }
        if own.setter != nil { return Tracked(.undefined, at: place, taint: taint) }
        if let doubtful { return Tracked(.unknown(doubtful), at: place, taint: taint) }
        return depending(own.value, on: taint)
      }
      taint = union(taint, self[object].keysTaint)
      if let special = try specialProperty(object, receiver, key, at: place) { return depending(special, on: taint) }
      switch self[object].absent {
      case .undefined: break
      case .unknown(let reason): doubtful = doubtful ?? reason
      case .environment: return depending(variable(text(key), isBundler: false, at: place), on: taint)
      case .global:
        if isUndeclared(key) { break }
        return try global(key, at: place)
      }
      current = self[object].prototype
    }
    if let doubtful { return Tracked(.unknown(doubtful), at: place, taint: taint) }
    switch text(key) {
    case "hasOwnProperty", "propertyIsEnumerable": return builtin("Object#hasOwnProperty", at: place)
    case "toString", "valueOf", "toLocaleString": return builtin("Object#\(text(key))", at: place)
    case "constructor", "__proto__", "isPrototypeOf":
      return unknown("`\(text(key))`, which is not followed", at: place, taint: taint)
    default: return Tracked(.undefined, at: place, taint: taint)
    }
  }

  /// What an object has by its kind; nil where it is looked for as any other property.
  private mutating func specialProperty(
    _ id: ObjectID, _ receiver: Tracked, _ key: Key, at place: Place
  ) throws(Interruption) -> Tracked? {
    let name = text(key)
    switch self[id].kind {
    case .plain, .error: return nil
    case .array:
      if case .unknown(let reason) = self[id].absent {
        return Self.methods["Array"]?.contains(name) == true
          ? builtin("Array#\(name)", at: place) : Tracked(.unknown(reason), at: place)
      }
      if key == Key(.length) { return Tracked(.number(Double(self[id].elements.count)), at: place) }
      if let index = arrayIndex(key) {
        return index < self[id].elements.count ? self[id].elements[index].filled : Tracked(.undefined, at: place)
      }
      return Self.methods["Array"]?.contains(name) == true ? builtin("Array#\(name)", at: place) : nil
    case .function, .classObject, .bound:
      switch name {
      case "call", "apply", "bind": return builtin("Function#\(name)", at: place)
      case "length":
        if let count = parameterCount(id) { return Tracked(.number(Double(count)), at: place) }
        return unknown("the length of a function", at: place)
      case "toString", "caller", "arguments": return unknown("`.\(name)` of a function", at: place)
      case "name": return unknown("the name of a function", at: place)
      case "prototype":
        guard case .function = self[id].kind else { return nil }
        let object = newObject(.plain, at: place)
        change(id) { $0.set(key, to: Property(value: object, isEnumerable: false)) }
        return object
      default: return nil
      }
    case .builtin(let builtin): return try builtinProperty(builtin, key, at: place)
    case .builtinOf("URLSearchParams", _):
      return Self.methods["URLSearchParams"]?.contains(name) == true
        ? builtin("URLSearchParams#\(name)", at: place) : unknown("`.\(name)`, which is not followed", at: place)
    case .builtinOf:
      return ["call", "apply", "bind"].contains(name)
        ? builtin("Function#\(name)", at: place) : unknown("`.\(name)`, which is not followed", at: place)
    case .environment(let isBundler): return variable(name, isBundler: isBundler, at: place)
    case .regularExpression(let expression):
      switch name {
      case "source": return Tracked(.string(expression.source), at: place)
      case "flags": return Tracked(.string(expression.flags), at: place)
      case "test", "exec": return builtin("RegExp#\(name)", at: place)
      default: return unknown("`.\(name)` of a regular expression", at: place)
      }
    case .url(let url): return urlProperty(url, receiver, name, at: place)
    case .map(let isSet, let entries):
      if key == self.key("size") {
        if case .unknown(let reason) = self[id].absent { return Tracked(.unknown(reason), at: place) }
        return Tracked(.number(Double(entries.count)), at: place)
      }
      let type = isSet ? "Set" : "Map"
      return Self.methods[type]?.contains(name) == true ? builtin("\(type)#\(name)", at: place) : nil
    case .promise:
      return ["then", "catch", "finally"].contains(name) ? builtin("Promise#\(name)", at: place) : nil
    case .namespace(let module): return try exported(name, from: module, at: place)
    case .schema: return schemaProperty(id, name, at: place)
    case .external(let reason): return Tracked(.unknown(reason), at: place)
    }
  }

  /// How many parameters a function has before one with a default (15.1.5).
  private func parameterCount(_ id: ObjectID) -> Int? {
    guard case .function(let function, _, let own) = self[id].kind else { return nil }
    let parameters = own.program.lists[own.program.functions[Int(function.value)].parameters.range]
    return parameters.prefix { pattern in
      if case .withDefault = own.program.patterns[Int(pattern)].kind { false } else { true }
    }.count
  }

  private mutating func urlProperty(
    _ url: WebURL, _ receiver: Tracked, _ name: String, at place: Place
  ) -> Tracked? {
    var receiver = receiver
    if let id = receiver.object {
      receiver.taint = union(receiver.taint, self[id].keysTaint)
      receiver.text = union(receiver.text, self[id].keysText)
    }
    let text: String
    switch name {
    case "href": text = url.href
    case "protocol": text = url.scheme
    case "username": text = url.username
    case "password": text = url.password
    case "host": text = url.host
    case "hostname": text = url.hostname
    case "port": text = url.port
    case "pathname": text = url.pathname
    case "search": text = url.search
    case "hash": text = url.hash
    case "origin": text = url.origin
    case "searchParams":
      let query = Tracked(
        .string(String(url.search.dropFirst())), at: place, taint: receiver.taint, text: receiver.text)
      return newObject(.builtinOf("URLSearchParams", [query]), at: place)
    case "toString", "toJSON": return builtin("URL#toString", at: place)
    default: return nil
    }
    return Tracked(.string(text), at: place, taint: receiver.taint, text: receiver.text)
  }
}

extension Tracked {
  var isUndefined: Bool { if case .undefined = value { true } else { false } }
}
