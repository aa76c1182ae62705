/// What a value may be instead, under other values of the variables that it depends on.
struct Alternatives: Hashable, Sendable {
  /// The keys of the objects that it may be.
  var keys: Set<Key> = []
  /// The functions that it may be.
  var functions: Set<ObjectID> = []
  /// Whether it may be `undefined`, `null` or unknown.
  var isNullish = false
}

/// The index of alternatives in the table of those that occur.
struct AlternativesID: Hashable, Sendable {
  var index: Int32

  static let none = AlternativesID(index: 0)
  /// A variable of the environment is a text or `undefined`.
  static let nullish = AlternativesID(index: 1)
}

/// The alternatives that occur in an evaluation, each once.
struct AlternativesTable {
  private var all = [Alternatives(), Alternatives(isNullish: true)]
  private var known: [Alternatives: AlternativesID] = [Alternatives(): .none, Alternatives(isNullish: true): .nullish]

  subscript(_ id: AlternativesID) -> Alternatives { all[Int(id.index)] }

  mutating func id(_ alternatives: Alternatives) -> AlternativesID {
    if let id = known[alternatives] { return id }
    let id = AlternativesID(index: Int32(all.count))
    all.append(alternatives)
    known[alternatives] = id
    return id
  }

  /// The same without `undefined`, `null` and what is unknown.
  mutating func filled(_ id: AlternativesID) -> AlternativesID {
    var some = self[id]
    some.isNullish = false
    return self.id(some)
  }

  mutating func union(_ left: AlternativesID, _ right: AlternativesID) -> AlternativesID {
    if left == right || right == .none { return left }
    if left == .none { return right }
    var both = self[left]
    both.keys.formUnion(self[right].keys)
    both.functions.formUnion(self[right].functions)
    both.isNullish = both.isNullish || self[right].isNullish
    return id(both)
  }
}

extension Interpreter {
  /// What stands for another in an arm that is not taken, with what that may be instead.
  mutating func alternatives(of value: Tracked) -> AlternativesID {
    var own = Alternatives()
    switch value.value {
    case .undefined, .null, .unknown: own.isNullish = true
    case .object(let id):
      switch self[id].kind {
      case .plain: own.keys = Set(self[id].keys)
      case .function, .classObject: own.functions = [id]
      default: break
      }
    default: break
    }
    return alternatives.union(alternatives.id(own), value.alternatives)
  }

  /// A value that may be another one instead.
  mutating func either(_ value: Tracked, or other: Tracked) -> Tracked {
    var result = value
    result.alternatives = alternatives.union(value.alternatives, alternatives(of: other))
    return result
  }

  /// Keeps that it depends on a value whether something throws that takes it for an object: it does where the value may be
  /// `undefined` or `null`.
  mutating func mayThrowIfNullish(_ value: Tracked) {
    guard tries > 0, alternatives[value.alternatives].isNullish else { return }
    // Who has decided on the same variables has asked whether it is there.
    if !isCovered(value.taint, by: union(ownControl(), shadowTaint)) { mayThrow(on: value.taint) }
  }

  /// Whether all variables of a set are in another.
  mutating func isCovered(_ taint: Taint, by other: Taint) -> Bool { union(other, taint) == other }

  /// Calls the functions that a value may be instead.
  mutating func shadowAlternatives(of function: Tracked, at place: Place) {
    for other in alternatives[function.alternatives].functions.sorted(by: { $0.index < $1.index }) {
      shadow(function.taint) { interpreter throws(Interruption) in
        try interpreter.callPerhaps(
          Tracked(.object(other), at: place), interpreter.reason("a call that is left out", at: place))
        return .normal
      }
    }
  }
}
