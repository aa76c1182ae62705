/// The part of the interpreter that writes and deletes properties (ECMAScript 10.1.9, 10.1.10).
extension Interpreter {
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
}
