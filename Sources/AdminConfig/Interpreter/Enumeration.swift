/// The part of the interpreter that goes through keys and elements (ECMAScript 10.1.11, 7.4).
extension Interpreter {
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
    mayThrowIfNullish(value)
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
        return self[id].elements.map(\.filled)
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
