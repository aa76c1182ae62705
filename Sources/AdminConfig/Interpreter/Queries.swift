/// The part of the interpreter that knows the queries of URLs (URL Standard 6.2).
extension Interpreter {
  /// The names and values of a URL's query; nil where they are unknown.
  mutating func searchEntries(_ value: Tracked, at place: Place) throws(Interruption) -> [Tracked]? {
    guard let id = value.object, case .builtinOf("URLSearchParams", let parts) = self[id].kind,
      case .string(let query)? = parts.first?.value
    else { return nil }
    let source = parts.first ?? value
    var pairs: [Tracked] = []
    for (name, text) in parseForm(query) {
      let key = Tracked(.string(name), at: place, taint: source.taint, text: source.text)
      let item = Tracked(.string(text), at: place, taint: source.taint, text: source.text)
      pairs.append(newArray([key, item], at: place))
    }
    return pairs
  }

  mutating func callSearch(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    guard let entries = try searchEntries(this, at: place), let id = this.object,
      case .builtinOf(_, let parts) = self[id].kind
    else { return try callOpaque(unknownReason(this), this, this, arguments, at: place) }
    var taint = this.taint
    for part in parts { taint = union(taint, part.taint) }
    let name = try text(of: arguments.first ?? Tracked(.undefined, at: place), at: place)
    var found: [Tracked] = []
    for entry in entries {
      let key = try element(entry, Tracked(.number(0), at: place), at: place)
      if areSame(key, name) == true { found.append(try element(entry, Tracked(.number(1), at: place), at: place)) }
    }
    switch method {
    case "get": return depending(found.first ?? Tracked(.null, at: place), on: taint)
    case "has": return Tracked(.boolean(!found.isEmpty), at: place, taint: taint)
    case "getAll": return newArray(found, at: place)
    case "entries": return newArray(entries, at: place)
    case "toString": return parts.first ?? this
    default:
      return try callOpaque(
        reason("a call of `.\(method)(…)`, which is not followed", at: place), this, this, arguments, at: place)
    }
  }
}
