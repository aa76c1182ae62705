/// The values of the language, and what is kept beside each of them.
import Facts

/// A place in one of the modules of a config.
struct Place: Sendable, Hashable {
  var module: Int32
  var offset: Int32
}

/// A name in any module of a config, or any other key of an object, as the index of its text.
struct Key: Hashable, Sendable {
  var index: Int32

  init(_ index: Int32) { self.index = index }
  init(_ word: Word) { index = word.rawValue }
}

/// An object's index on the heap.
struct ObjectID: Hashable, Sendable {
  var index: Int32
}

/// The index of a reason why something is unknown.
struct ReasonID: Hashable, Sendable {
  var index: Int32
}

/// A value (ECMAScript 6.1), or that it is unknown.
enum Value: Sendable {
  case undefined
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  /// A BigInt, by its digits.
  case bigInteger(String)
  case object(ObjectID)
  case unknown(ReasonID)
}

/// A value with where it comes from and what it depended on.
struct Tracked: Sendable {
  var value: Value
  /// Where the expression stands that gave the value.
  var place: Place
  /// The environment variables that it depended on, also those that only decided which value it is.
  var taint = Taint.none
  /// The environment variables whose text is in the value.
  var text = Taint.none
  /// What it may be instead.
  var alternatives = AlternativesID.none
  /// Whether it stands where an array has no element (ECMAScript 23.1: it is no property).
  var isHole = false
  /// The last of the expressions that led to the value; -1 where they are not recorded.
  var trace: Int32 = -1

  init(_ value: Value, at place: Place, taint: Taint = .none, text: Taint = .none) {
    self.value = value
    self.place = place
    self.taint = taint
    self.text = text
  }

  var object: ObjectID? { if case .object(let id) = value { id } else { nil } }
  var string: String? { if case .string(let text) = value { text } else { nil } }
  var reason: ReasonID? { if case .unknown(let reason) = value { reason } else { nil } }
  /// The value that is read where an array may have no element.
  var filled: Tracked {
    var result = self
    result.isHole = false
    return result
  }
  var isNullish: Bool {
    switch value {
    case .undefined, .null: true
    default: false
    }
  }
}

/// A set of environment variables, as an index into the table of the sets that occur.
struct Taint: Hashable, Sendable {
  var index: Int32

  static let none = Taint(index: 0)
  var isEmpty: Bool { index == 0 }
}

/// The sets of environment variables that occur in an evaluation, each once.
struct TaintTable {
  private(set) var names: [String] = []
  private var indices: [String: Int32] = [:]
  private var sets: [Set<Int32>] = [[]]
  private var known: [Set<Int32>: Taint] = [[]: .none]
  private var unions: [UInt64: Taint] = [:]

  mutating func taint(of name: String) -> Taint {
    let index = indices[name] ?? Int32(names.count)
    if index == names.count {
      names.append(name)
      indices[name] = index
    }
    return add([index])
  }

  private mutating func add(_ set: Set<Int32>) -> Taint {
    if let taint = known[set] { return taint }
    let taint = Taint(index: Int32(sets.count))
    sets.append(set)
    known[set] = taint
    return taint
  }

  mutating func union(_ left: Taint, _ right: Taint) -> Taint {
    if left == right || right.isEmpty { return left }
    if left.isEmpty { return right }
    let pair = UInt64(UInt32(min(left.index, right.index))) << 32 | UInt64(UInt32(max(left.index, right.index)))
    if let taint = unions[pair] { return taint }
    let taint = add(sets[Int(left.index)].union(sets[Int(right.index)]))
    unions[pair] = taint
    return taint
  }

  func variables(_ taint: Taint) -> [String] { sets[Int(taint.index)].map { names[Int($0)] } }
}

/// Why a value is unknown.
enum Reason: Sendable {
  /// A phrase that ends "it depends on …", and its place.
  case cause(String, Place)
  /// The environment itself is not known.
  case environment(Unseen)
}

/// A property of an object: a value, or functions that get and set it.
struct Property {
  var value: Tracked
  var getter: ObjectID?
  var setter: ObjectID?
  var isEnumerable = true
}

/// An object on the heap.
struct HeapObject {
  enum Kind {
    case plain
    case array
    /// A function of the modules' own, with the scope that it sees.
    case function(FunctionID, Int32, Code)
    case classObject(ClassID, Int32, Code)
    case bound(ObjectID, this: Tracked, arguments: [Tracked])
    /// A function or a namespace that is known: `Object.freeze`.
    case builtin(String)
    /// A known function with what it was made from.
    case builtinOf(String, [Tracked])
    case environment(isBundler: Bool)
    case regularExpression(RegularExpression)
    case url(WebURL)
    case error(String)
    case map(isSet: Bool, [(key: Tracked, value: Tracked)])
    /// A promise that is settled: its value, or what it was rejected with.
    case promise(Tracked, isRejected: Bool)
    /// The exports of a module.
    case namespace(Int32)
    case schema(Schema)
    /// An object that is there but not looked into.
    case external(ReasonID)
  }

  /// What a key is that the object does not have.
  enum Absent {
    case undefined
    case unknown(ReasonID)
    /// The environment variable of that name, as after `{ ...process.env }`.
    case environment
    /// A global variable.
    case global
  }

  var kind: Kind
  var place: Place
  var keys: [Key] = []
  var properties: [Property] = []
  var elements: [Tracked] = []
  private var index: [Key: Int32]?
  var prototype: ObjectID?
  var absent = Absent.undefined
  /// The variables that decided which keys there are, and those whose text is in them.
  var keysTaint = Taint.none
  var keysText = Taint.none
  /// The keys that it may have instead of its own, or beside them.
  var otherKeys = AlternativesID.none
  /// Whether a variable's text decided what a key is called.
  var hasOpenKeys = false
  var isFrozen = false
  /// Set where it is not known which of its keys it has, or in which order.
  var unknownKeys: ReasonID?

  init(_ kind: Kind, at place: Place, prototype: ObjectID? = nil) {
    self.kind = kind
    self.place = place
    self.prototype = prototype
  }

  var isArray: Bool { if case .array = kind { true } else { false } }

  var isCallable: Bool {
    switch kind {
    case .function, .classObject, .bound, .builtin, .builtinOf: true
    default: false
    }
  }

  func position(of key: Key) -> Int? {
    if let index { return index[key].map { Int($0) } }
    return keys.firstIndex(of: key)
  }

  func property(_ key: Key) -> Property? { position(of: key).map { properties[$0] } }

  mutating func set(_ key: Key, to property: Property) {
    if let position = position(of: key) {
      properties[position] = property
      return
    }
    keys.append(key)
    properties.append(property)
    if index != nil {
      index?[key] = Int32(keys.count - 1)
    } else if keys.count > 12 {
      index = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, Int32($0)) })
    }
  }

  mutating func remove(_ key: Key) {
    guard let position = position(of: key) else { return }
    keys.remove(at: position)
    properties.remove(at: position)
    if index != nil { index = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, Int32($0)) }) }
  }
}

/// A module's program, with its names as keys of the whole config.
final class Code: Sendable {
  let program: Program
  let keys: [Key]
  let module: Int32
  /// The exports with a name of their own, by it.
  let exports: [String: ExportDeclaration]
  let hasDefaultExport: Bool
  /// The modules whose exports are passed on, in order.
  let passedOn: [(module: String, offset: Int32)]

  init(_ program: Program, keys: [Key], module: Int32) {
    self.program = program
    self.keys = keys
    self.module = module
    hasDefaultExport = program.hasDefaultExport
    exports = Dictionary(program.exports.compactMap { export in export.name.map { ($0, export) } }) { first, _ in first
    }
    passedOn = program.exports.compactMap { export in
      if case .star(let module, let offset) = export { (module, offset) } else { nil }
    }
  }
}

/// Why an evaluation does not go on.
enum Interruption: Error {
  /// A value was thrown; the interpreter holds it.
  case thrown
  /// A bound was reached: nothing is known any more.
  case abandoned
}

/// How a statement ended (ECMAScript 6.2.4).
enum Completion: Equatable {
  case normal
  /// The interpreter holds the value.
  case returned
  case broke(Key?)
  case continued(Key?)
}
