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
  return rules.filter { isPattern($0.key) && matches($0.key, name) }
    .sorted { $0.key < $1.key }
    .max { rank($0) < rank($1) }?.value
}

/// Whether a name is a pattern.
public func isPattern(_ name: String) -> Bool { name.utf8.contains(UInt8(ascii: "*")) }

/// Whether a pattern, in which `*` stands for any text, is about a name.
public func matches(_ pattern: String, _ name: String) -> Bool {
  var rest = Array(name.utf8)[...]
  let parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
  guard let first = parts.first, let last = parts.last, parts.count > 1 else { return pattern == name }
  guard rest.starts(with: first), rest.count >= first.count + last.count, rest.suffix(last.count) == last[...]
  else { return false }
  rest = rest.dropFirst(first.count).dropLast(last.count)
  for part in parts.dropFirst().dropLast() {
    guard let found = rest.firstRange(of: part) else { return false }
    rest = rest[found.upperBound...]
  }
  return true
}
