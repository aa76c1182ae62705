import InstanceEnvironment

/// Writes values as files of a dialect must have them to be read again as they were.
struct EnvironmentPrinter {
  var dialect: EnvFileDialect

  /// The file's text, and which of the variables it holds: not every dialect can hold every value.
  func print(_ variables: [String: String]) -> (text: String, printed: [String: String]) {
    var text = ""
    var printed: [String: String] = [:]
    for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
      guard let written = written(value) else { continue }
      text += "\(name)=\(written)\n"
      printed[name] = value
    }
    return (text, printed)
  }

  private func written(_ value: String) -> String? {
    switch dialect {
    case .nodeDotenv: dotenv(value)
    // `\$` is a dollar here, and nothing else of a backslash is special.
    case .next: dotenv(replacing(value, ["$": "\\$"]))
    case .nodeEnvFile: holds(value, "\r") ? nil : quoted(value) { $0 == "\"" && holds(value, "\\n") }
    case .compose: "\"\(replacing(value, ["\\": "\\\\", "\"": "\\\"", "$": "\\$"]))\""
    case .dockerEnvFile: holds(value, "\n") || value.unicodeScalars.last == "\r" ? nil : value
    case .pythonDotenv:
      // A reference can't be escaped.
      holds(value, "${")
        ? nil : "\"\(replacing(value, ["\\": "\\\\", "\"": "\\\"", "\r": "\\r", "\n": "\\n"]))\""
    case .shell: "'\(replacing(value, ["'": "'\\''"]))'"
    }
  }

  /// A line end is a line feed in the file; in double quotes `\n` and `\r` are those. A backslash before the closing quote
  /// might take it along.
  private func dotenv(_ value: String) -> String? {
    if value.utf8.last == UInt8(ascii: "\\") { return nil }
    if !holds(value, "\r") {
      return quoted(value) { $0 == "\"" && (holds(value, "\\n") || holds(value, "\\r")) }
    }
    if ["\"", "\\n", "\\r"].contains(where: { holds(value, $0) }) { return nil }
    return "\"\(replacing(value, ["\r": "\\r"]))\""
  }

  /// The value in quotes that it does not hold, of those that may be used.
  private func quoted(_ value: String, unless isUnfit: (String) -> Bool) -> String? {
    let quote = ["\"", "'", "`"].first { !holds(value, $0) && !isUnfit($0) }
    return quote.map { $0 + value + $0 }
  }

  /// Whether a text's bytes hold others: to a String, a carriage return and a line feed are one character.
  private func holds(_ value: String, _ other: String) -> Bool {
    Array(value.utf8).firstRange(of: Array(other.utf8)) != nil
  }

  private func replacing(_ value: String, _ replacements: [Unicode.Scalar: String]) -> String {
    value.unicodeScalars.reduce(into: "") { $0 += replacements[$1] ?? String($1) }
  }
}

/// Random environments of what readers give a meaning to, the same in every run.
struct RandomEnvironments {
  private static let pieces = [
    "a", "B", " ", "  ", "\t", "#", " #", "=", ":", "$", "$$", "${A}", "$A", "${", "}", "$(x)", "\\", "\\n", "\\r",
    "\\$",
    "\\0101", "\"", "'", "`", "\n", "\r", "\r\n", "\nB=2", "é", "\u{1F600}", "\u{2028}", "\u{FEFF}", "\u{A0}", "~", ";",
    "&", "{a,b}", "export ", "!", "(", ")", "\u{301}",
  ]
  private var generator: SplitMix

  init(seed: UInt64) { generator = SplitMix(state: seed) }

  mutating func next() -> [String: String] {
    var variables: [String: String] = [:]
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      let name = (0..<3).map { _ in ["A", "B", "C_", "URL", "X9"].randomElement(using: &generator) ?? "" }.joined()
      let value = (0..<Int.random(in: 0...10, using: &generator)).map { _ in
        Self.pieces.randomElement(using: &generator) ?? ""
      }
      variables[name] = value.joined()
    }
    return variables
  }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
