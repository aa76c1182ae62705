/// What is kept of one variable: enough to compare, too little to learn the value.
///
/// Of a thousand instances most have the same values: what is known of a value is in memory once, however many variables
/// have it, and is copied when one of them is changed.
@dynamicMemberLookup
public struct VariableFacts: Sendable, Equatable {
  private var shared: Shared
  private var place: Place?

  /// A location in less room: there are as many as variables.
  private struct Place: Equatable {
    var file: String
    /// 0 for none.
    var line: Int32
    var column: Int32
  }

  /// Where it is set.
  public var location: Location? {
    get {
      place.map { place in
        Location(
          file: place.file, line: place.line == 0 ? nil : Int(place.line),
          column: place.column == 0 ? nil : Int(place.column))
      }
    }
    set {
      place = newValue.map { location in
        Place(
          file: location.file, line: Int32(clamping: location.line ?? 0), column: Int32(clamping: location.column ?? 0))
      }
    }
  }

  /// A variable by its value's fingerprint.
  public init(
    fingerprint: String, meaning: String? = nil, shape: String? = nil, flaws: [ValueFlaw] = [], isEmpty: Bool = false,
    location: Location? = nil
  ) {
    var value = ValueFacts(fingerprint: fingerprint, isEmpty: isEmpty)
    value.meaning = meaning
    value.shape = shape
    value.flaws = flaws.isEmpty ? nil : flaws
    self.init(value, at: location)
  }

  /// A variable by what is known of its value.
  public init(_ value: ValueFacts, at location: Location? = nil) {
    shared = Shared(value)
    self.location = location
  }

  /// What is known of its value.
  public var value: ValueFacts {
    get { shared.value }
    set { shared = Shared(newValue) }
  }

  /// One of the things that are known of its value.
  public subscript<Property>(dynamicMember property: WritableKeyPath<ValueFacts, Property>) -> Property {
    get { shared.value[keyPath: property] }
    set {
      var value = shared.value
      value[keyPath: property] = newValue
      shared = Shared(value)
    }
  }

  /// The value's fingerprint; this, and the next ones, without the way through a key path.
  public var fingerprint: String { shared.value.fingerprint }
  /// Whether the value has no bytes.
  public var isEmpty: Bool { shared.value.isEmpty }
  /// Whether the value stands written in a manifest that is no place for secrets.
  public var isWrittenInManifest: Bool? {
    get { shared.value.isWrittenInManifest }
    set { self[dynamicMember: \.isWrittenInManifest] = newValue }
  }
  /// What is wrong with the value's form.
  public var flaws: [ValueFlaw]? {
    get { shared.value.flaws }
    set { self[dynamicMember: \.flaws] = newValue }
  }

  private final class Shared: Sendable {
    let value: ValueFacts

    init(_ value: ValueFacts) { self.value = value }
  }

  /// Whether the same is known of the values of two variables.
  func hasValue(of other: VariableFacts) -> Bool { shared === other.shared || shared.value == other.shared.value }

  /// Compares what is known, and the places.
  public static func == (left: VariableFacts, right: VariableFacts) -> Bool {
    left.hasValue(of: right) && left.place == right.place
  }
}

/// What is known of a value without showing it.
public struct ValueFacts: Codable, Sendable, Hashable {
  /// HMAC-SHA-256 of the value under the run's key, in hexadecimal: equal fingerprints under one key mean equal values.
  public var fingerprint: String
  /// The same of the value in the one canonical spelling that its type or a URL has: equal ones mean the same. Nil where
  /// there is only the value itself.
  public var meaning: String?
  /// What kind of text the value is, and roughly how long: `redis URL, 32 to 63 bytes`.
  public var shape: String?
  /// What the value was held against; nil for nothing.
  public var type: ValueType?
  /// Whether it is not of that type; nil where it is.
  public var isOfOtherType: Bool?
  /// What is wrong with the value's form; nil for nothing.
  public var flaws: [ValueFlaw]?
  /// Whether it is a URL with a password; nil where it is not.
  public var holdsCredentials: Bool?
  /// Whether the value stands written in a manifest that is no place for secrets; nil where it does not.
  public var isWrittenInManifest: Bool?
  /// Whether the value has no bytes: most programs take that as not set.
  public var isEmpty: Bool

  /// A value by its fingerprint.
  public init(fingerprint: String, isEmpty: Bool = false) {
    self.fingerprint = fingerprint
    self.isEmpty = isEmpty
  }
}
