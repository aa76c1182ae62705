/// What somebody says of environment variables: the operator in the manifest, or a system by its code. Names may be
/// patterns, in which `*` stands for any text.
public struct VariableRules: Codable, Sendable, Equatable {
  /// How the values of one variable on several instances stand to each other.
  public enum Agreement: String, Codable, Sendable {
    /// One value everywhere, and set everywhere if anywhere.
    case mustMatch
    /// Set or not, and to what, is each instance's own affair.
    case mayDiffer
    /// Another value on every instance.
    case mustBeUnique
  }

  /// How the values stand to each other, by name.
  public var agreements: [String: Agreement] = [:]
  /// Names that every instance must set.
  public var required: [String] = []
  /// Names that no instance may set.
  public var forbidden: [String] = []
  /// Names that are set on the instances of these names or patterns, and on no other.
  public var onlyOn: [String: [String]] = [:]
  /// What values have to be, by name.
  public var types: [String: ValueType] = [:]
  /// Names that should not be set any more, and what to do instead, in a sentence.
  public var deprecated: [String: String] = [:]
  /// Names whose values must differ from each other on one instance.
  public var mustDiffer: [[String]] = []
  /// The names that `.env.example` lists, and where.
  public var documented: [String: Location] = [:]
  /// Those of them that have a secret's name and a value, which is a sample that everybody can read; sorted.
  public var samples: [String] = []

  /// No rules.
  public init() {}
}

extension VariableRules {
  /// How the values of a variable stand to each other; nil where nothing is said.
  func agreement(of name: String) -> Agreement? { mostSpecific(agreements, for: name) { $0 == .mayDiffer } }

  /// What a value has to be; nil where nothing is said.
  func type(of name: String) -> ValueType? { mostSpecific(types, for: name) }

  /// The instances that alone may set a name; nil where nothing is said.
  func instances(for name: String) -> [String]? { mostSpecific(onlyOn, for: name) }

  /// What to do instead of setting a name; nil where it is not deprecated.
  func deprecation(of name: String) -> String? { mostSpecific(deprecated, for: name) }
}

/// What is said of a name: by the name itself, else by the pattern with the most letters of its own. Of several such
/// the preferred one counts, then the first in the order of text.
private func mostSpecific<Value>(
  _ rules: [String: Value], for name: String, preferring isPreferred: (Value) -> Bool = { _ in false }
) -> Value? {
  if let value = rules[name] { return value }
  func rank(_ rule: (key: String, value: Value)) -> (Int, Int) {
    (rule.key.utf8.count { $0 != UInt8(ascii: "*") }, isPreferred(rule.value) ? 1 : 0)
  }
  var best: (key: String, value: Value)?
  for rule in rules where isPattern(rule.key) && matches(rule.key, name) {
    let isBetter = best.map { rank($0) < rank(rule) || rank($0) == rank(rule) && rule.key < $0.key }
    if isBetter ?? true { best = rule }
  }
  return best?.value
}

/// Whether a name is a pattern.
public func isPattern(_ name: String) -> Bool { name.utf8.contains(UInt8(ascii: "*")) }

/// Whether a pattern, in which `*` stands for any text, is about a name.
public func matches(_ pattern: String, _ name: String) -> Bool {
  var (pattern, name) = (pattern, name)
  return pattern.withUTF8 { pattern in name.withUTF8 { name in matches(pattern, name) } }
}

/// Each star takes as little as it can; where the rest does not fit, the last one takes a byte more. Nothing is
/// allocated: large deployments ask this millions of times.
private func matches(_ pattern: UnsafeBufferPointer<UInt8>, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
  var (place, index) = (0, 0)
  var last: (star: Int, taken: Int)?
  while index < name.count {
    if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
      last = (place, index)
      place += 1
    } else if place < pattern.count, pattern[place] == name[index] {
      place += 1
      index += 1
    } else if let (star, taken) = last {
      last = (star, taken + 1)
      (place, index) = (star + 1, taken + 1)
    } else {
      return false
    }
  }
  return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
}
