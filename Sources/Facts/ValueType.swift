/// What a variable's value has to be: what two values mean is compared under it, and a value that is something else is
/// a finding.
public enum ValueType: Sendable, Hashable {
  /// A URL, with one of these schemes where any are named.
  case url(schemes: [String])
  /// A whole number, written in decimal digits, within bounds.
  case integer(least: Int?, most: Int?)
  /// `true` or `false`, `1` or `0`, `yes` or `no`, `on` or `off`, in any case.
  case boolean
  /// One of these words.
  case oneOf([String])
  /// A number with its unit (`500ms`, `15s`, `5m`, `1h`, `1d`), or seconds or milliseconds without one.
  case duration
  /// Items after commas, in any order.
  case list
}

extension ValueType: CustomStringConvertible {
  /// Reads a type as the manifest writes it: `url`, `url redis, rediss`, `integer`, `integer 1..65535`, `boolean`,
  /// `enum debug, info, warn`, `duration`, `list`. Nil for anything else.
  public init?(_ text: String) {
    let kind = text.prefix { $0 != " " }
    let rest = text.dropFirst(kind.count).drop { $0 == " " }
    let words = rest.split(separator: ",").map { word in
      String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    switch kind {
    case "url": self = .url(schemes: words.map { $0.lowercased() })
    case "enum" where !words.isEmpty: self = .oneOf(words)
    case "integer" where rest.isEmpty: self = .integer(least: nil, most: nil)
    case "integer":
      guard let bounds = rest.firstRange(of: "..") else { return nil }
      let (first, last) = (rest[..<bounds.lowerBound], rest[bounds.upperBound...])
      let (least, most) = (Int(first), Int(last))
      guard first.isEmpty == (least == nil), last.isEmpty == (most == nil), least != nil || most != nil,
        least ?? .min <= most ?? .max
      else { return nil }
      self = .integer(least: least, most: most)
    case "boolean" where rest.isEmpty: self = .boolean
    case "duration" where rest.isEmpty: self = .duration
    case "list" where rest.isEmpty: self = .list
    default: return nil
    }
  }

  /// The type as the manifest writes it.
  public var description: String {
    switch self {
    case .url(let schemes): schemes.isEmpty ? "url" : "url \(schemes.joined(separator: ", "))"
    case .integer(nil, nil): "integer"
    case .integer(let least, let most): "integer \(least.map(String.init) ?? "")..\(most.map(String.init) ?? "")"
    case .boolean: "boolean"
    case .oneOf(let words): "enum \(words.joined(separator: ", "))"
    case .duration: "duration"
    case .list: "list"
    }
  }
}

extension ValueType: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let type = ValueType(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a type of values")
    }
    self = type
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
