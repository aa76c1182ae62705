/// The part of the interpreter that reads and writes properties (ECMAScript 10.1).
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
      let taint = union(union(base.taint, key.taint), self[id].keysTaint)
      return depending(self[id].elements[Int(number)].filled, on: taint)
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
    if !key.taint.isEmpty, let id = base.object { noteOthers(in: id) }
    return depending(try property(base, name, at: place), on: key.taint)
  }

  /// Keeps what may stand in the place of a member that variables name.
  private mutating func noteOthers(in id: ObjectID) {
    for value in self[id].properties.map(\.value) + self[id].elements {
      noteOther(value)
      if let inner = value.object { otherKeys.formUnion(self[inner].keys) }
    }
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
    mayThrow(on: base.taint)
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

  // MARK: Writing

  mutating func set(_ key: Key, of base: Tracked, to value: Tracked, at place: Place) throws(Interruption) {
    switch base.value {
    case .undefined, .null:
      throw fail(
        "TypeError", "Cannot set properties of \(base.isUndefined ? "undefined" : "null") (setting '\(text(key))')",
        at: place, taint: base.taint)
    case .object(let id):
      try set(key, in: id, base, to: depending(value, on: union(base.taint, control())), at: place)
    case .unknown(let reason):
      doubt(reason)
      try escape([value], reason)
      try escapeCandidates(of: base)
    default: return
    }
  }

  private mutating func set(
    _ key: Key, in id: ObjectID, _ base: Tracked, to value: Tracked, at place: Place
  ) throws(Interruption) {
    if self[id].isFrozen {
      if code.program.isModule {
        if case .unknown(let reason) = self[id].absent { return doubt(reason) }
        throw fail(
          "TypeError", "Cannot assign to read only property '\(text(key))' of object '#<Object>'", at: place)
      }
      return
    }
    let decisive = inherited(id, key)
    if let decisive, decisive.getter != nil, decisive.setter == nil {
      // Where it is not known whether the getter is still there, either may be.
      if let reason = decisive.value.reason ?? absentReason(id) {
        doubt(reason)
        return spoil(id, self.reason(reason, mayBe: [value]))
      }
      guard code.program.isModule else { return }
      throw fail(
        "TypeError", "Cannot set property \(text(key)) of #<Object> which has only a getter", at: place,
        taint: base.taint)
    }
    if let setter = decisive?.setter {
      if let reason = self[id].property(key)?.value.reason ?? absentReason(id) {
        try callPerhaps(Tracked(.object(setter), at: place), reason)
        let doubtful = Tracked(.unknown(self.reason(reason, mayBe: [value])), at: place, taint: value.taint)
        return change(id) { object in
          if let position = object.position(of: key) {
            object.properties[position].value = doubtful
          } else {
            object.set(key, to: Property(value: doubtful))
          }
        }
      }
      _ = try call(Tracked(.object(setter), at: place), this: base, [value], at: place)
      return
    }
    switch self[id].kind {
    case .external(let reason):
      try escape([value], reason)
      return try escape(leakedValues(), reason, leaks: false)
    case .namespace, .schema: return
    case .array:
      if key == Key(.length) || arrayIndex(key) != nil { return setElement(key, in: id, to: value, at: place) }
    case .environment: return try setVariable(key, in: id, to: value, at: place)
    case .url(var url):
      // The value has the variables that decided that it is set.
      let (taint, texts) = (union(self[id].keysTaint, value.taint), union(self[id].keysText, value.text))
      guard case .string(let text) = value.value, Self.set(self.text(key), of: &url, to: text) else {
        let reason = unknownReason(value)
        change(id) { $0.kind = .external(reason) }
        return
      }
      change(id) {
        $0.kind = .url(url)
        $0.keysTaint = taint
        $0.keysText = texts
      }
      return
    default: break
    }
    let isEnumerable = self[id].property(key)?.isEnumerable ?? true
    if shadows > 0 { otherKeys.insert(key) }
    // What decides that a key is added decides which keys there are.
    let taint = self[id].position(of: key) == nil ? union(self[id].keysTaint, control()) : self[id].keysTaint
    change(id) {
      $0.set(key, to: Property(value: value, isEnumerable: isEnumerable))
      $0.keysTaint = taint
    }
  }

  private func absentReason(_ id: ObjectID) -> ReasonID? {
    if case .unknown(let reason) = self[id].absent { reason } else { nil }
  }

  /// The functions that may run where a property is read or written whose key is not known.
  func accessors(of id: ObjectID) -> [ObjectID] {
    var found: [ObjectID] = []
    var current: ObjectID? = id
    while let object = current {
      found += self[object].properties.flatMap { [$0.getter, $0.setter].compactMap { $0 } }
      current = self[object].prototype
    }
    return found
  }

  /// Sets a part of a URL (URL Standard 6.1); false for what is no part.
  private static func set(_ name: String, of url: inout WebURL, to text: String) -> Bool {
    switch name {
    case "protocol": url.scheme = text
    case "username": url.username = text
    case "password": url.password = text
    case "host": url.host = text
    case "hostname": url.hostname = text
    case "port": url.port = text
    case "pathname": url.pathname = text
    case "search": url.search = text
    case "hash": url.hash = text
    default: return false
    }
    return true
  }

  /// The property that decides what a write does: an object's own or an inherited one.
  private func inherited(_ id: ObjectID, _ key: Key) -> Property? {
    var current: ObjectID? = id
    while let object = current {
      if let property = self[object].property(key) { return property }
      current = self[object].prototype
    }
    return nil
  }

  private mutating func setElement(_ key: Key, in id: ObjectID, to value: Tracked, at place: Place) {
    if case .unknown(let reason) = self[id].absent {
      let absent = HeapObject.Absent.unknown(self.reason(reason, mayBe: [value]))
      return change(id) { $0.absent = absent }
    }
    let hole = self.hole(at: place)
    if key == Key(.length) {
      guard case .number(let length) = value.value, length >= 0, length <= Double(Limit.arrayElements) else {
        return spoil(id, unknownReason(value))
      }
      let taint = union(self[id].keysTaint, value.taint)
      change(id) { object in
        object.keysTaint = taint
        if Int(length) < object.elements.count { object.elements.removeLast(object.elements.count - Int(length)) }
        while object.elements.count < Int(length) { object.elements.append(hole) }
      }
      return
    }
    guard let index = arrayIndex(key), index <= Limit.arrayElements else { return }
    change(id) { object in
      while object.elements.count <= index { object.elements.append(hole) }
      object.elements[index] = value
    }
  }

  /// What stands where an array has no element.
  func hole(at place: Place) -> Tracked {
    var hole = Tracked(.undefined, at: place)
    hole.isHole = true
    return hole
  }

  mutating func remove(_ key: Key, from base: Tracked, at place: Place) throws(Interruption) {
    guard let id = base.object, !self[id].isFrozen else { return try escapeCandidates(of: base) }
    if case .environment = self[id].kind {
      let gone = Tracked(.undefined, at: place, taint: control())
      change(id) { $0.set(key, to: Property(value: gone, isEnumerable: false)) }
      return
    }
    if let index = arrayIndex(key), case .array = self[id].kind, index < self[id].elements.count {
      let hole = depending(self.hole(at: place), on: control())
      change(id) { $0.elements[index] = hole }
      return
    }
    let control = self.control()
    if case .unknown = self[id].absent {
      let gone = Tracked(.undefined, at: place, taint: control)
      change(id) { $0.set(key, to: Property(value: gone, isEnumerable: false)) }
      return
    }
    let taint = union(self[id].keysTaint, control)
    change(id) {
      $0.remove(key)
      $0.keysTaint = taint
    }
  }

  // MARK: Enumerating

  /// The keys of an object's own properties, in the order of the language (10.1.11): numbers first.
  func ownKeys(of id: ObjectID) -> [Key] {
    let object = self[id]
    var indices: [(Int, Key)] = []
    var others: [Key] = []
    for (position, key) in object.keys.enumerated() where object.properties[position].isEnumerable {
      if let index = arrayIndex(key) { indices.append((index, key)) } else { others.append(key) }
    }
    return indices.sorted { $0.0 < $1.0 }.map(\.1) + others
  }

  enum Keys {
    case known([Tracked])
    case unknown(ReasonID)
  }

  /// The keys that `for … in` and `Object.keys` go through.
  mutating func enumerableKeys(of value: Tracked) -> Keys {
    switch value.value {
    case .unknown(let reason): return .unknown(reason)
    case .string(let text):
      return .known(text.utf16.indices.enumerated().map { Tracked(.string(String($0.offset)), at: value.place) })
    case .object(let id):
      if case .external(let reason) = self[id].kind { return .unknown(reason) }
      if case .unknown(let reason) = self[id].absent { return .unknown(reason) }
      if let reason = self[id].unknownKeys { return .unknown(reason) }
      let taint = union(self[id].keysTaint, value.taint)
      let texts = self[id].keysText
      var keys: [Tracked] = []
      for position in self[id].elements.indices where !self[id].elements[position].isHole {
        keys.append(Tracked(.string(String(position)), at: value.place, taint: taint))
      }
      if case .environment = self[id].kind { return environmentKeys(of: id, at: value.place) }
      if case .environment = self[id].absent { return environmentKeys(of: id, at: value.place) }
      if case .namespace(let module) = self[id].kind {
        return .known(exportNames(of: module).sorted().map { Tracked(.string($0), at: value.place) })
      }
      for key in ownKeys(of: id) {
        keys.append(Tracked(.string(text(key)), at: value.place, taint: taint, text: texts))
      }
      return .known(keys)
    default: return .known([])
    }
  }

  /// The variables that decided how many elements or keys a value has.
  mutating func countTaint(of value: Tracked) -> Taint {
    guard let id = value.object else { return value.taint }
    return union(value.taint, self[id].keysTaint)
  }

  /// The values that `for … of` and `...` go through (7.4); nil where they are unknown.
  mutating func iterate(_ value: Tracked, at place: Place) throws(Interruption) -> [Tracked]? {
    mayThrow(on: value.taint)
    switch value.value {
    case .unknown(let reason):
      doubt(reason)
      return nil
    case .string(let text):
      return text.unicodeScalars.map {
        Tracked(.string(String($0)), at: value.place, taint: value.taint, text: value.text)
      }
    case .object(let id):
      if case .unknown(let reason) = self[id].absent {
        doubt(reason)
        return nil
      }
      switch self[id].kind {
      case .array:
        let taint = self[id].keysTaint
        if taint.isEmpty { return self[id].elements.map(\.filled) }
        var items: [Tracked] = []
        for element in self[id].elements { items.append(depending(element.filled, on: taint)) }
        return items
      case .map(let isSet, let entries):
        let taint = self[id].keysTaint
        var items: [Tracked] = []
        for entry in entries {
          let item = isSet ? entry.key : newArray([entry.key, entry.value], at: place)
          items.append(depending(item, on: taint))
        }
        return items
      case .builtinOf("URLSearchParams", _): return try searchEntries(value, at: place)
      case .plain, .external, .builtin, .builtinOf, .bound, .schema, .function, .classObject, .error, .url,
        .regularExpression, .environment, .promise, .namespace:
        if case .plain = self[id].kind, self[id].keys.allSatisfy({ self[id].property($0)?.value.reason == nil }) {
          throw fail("TypeError", "object is not iterable", at: place, taint: value.taint)
        }
        return nil
      }
    default:
      throw fail("TypeError", "\(describe(value)) is not iterable", at: place, taint: value.taint)
    }
  }
}

extension Tracked {
  var isUndefined: Bool { if case .undefined = value { true } else { false } }
}
