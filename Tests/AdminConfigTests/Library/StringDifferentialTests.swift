// The methods of strings and the encodings against Node.js: a fixed choice of calls, the same in every run.
import Testing

@testable import AdminConfig

@Suite(.enabled(if: NodeProcess.isInstalled, "Node.js is not installed")) struct StringDifferential {
  private static let parts = [
    "a", "b", "aa", "ab", "A", "B", ",", ":", "/", " ", "\n", "\u{FEFF}", "$", "$1", "redis", "\u{E9}", "e\u{301}",
    "\u{1F600}", "0", "1", "%20", "%C3%A9", "%", "\u{DF}", "\u{3A3}", "I", "=", "&",
  ]

  private static func argument(_ generator: inout SeededGenerator) -> Scalar {
    switch generator.next() % 10 {
    case 0: generator.pick([.undefined, .null, .boolean(true), .list([.number(1), .null]), .number(.nan)])
    case 1...4: .number(Double(Int(generator.next() % 16) - 6) / generator.pick([1, 1, 1, 2]))
    case 5: .number(generator.pick([.infinity, -.infinity, 1e30, -1e30, 4_294_967_297]))
    default: .string(generator.text(of: parts, upTo: 2))
    }
  }

  static let methods = [
    "trim", "trimStart", "trimEnd", "startsWith", "endsWith", "includes", "indexOf", "lastIndexOf", "toLowerCase",
    "toUpperCase", "split", "slice", "substring", "substr", "charAt", "charCodeAt", "codePointAt", "at", "concat",
    "repeat", "padStart", "padEnd", "replace", "replaceAll", "normalize", "toString", "valueOf",
  ]

  @Test("A method of strings gives what Node.js gives", arguments: Self.methods)
  func method(_ name: String) throws {
    var generator = SeededGenerator(state: UInt64(name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
    var comparisons: [Comparison] = []
    for _ in 0..<120 {
      let text = generator.text(of: Self.parts, upTo: 6)
      let arguments = (0..<Int(generator.next() % 3) + (name.hasPrefix("replace") ? 1 : 0)).map { _ in
        Self.argument(&generator)
      }
      // Huge results end in different errors.
      if name.hasPrefix("pad") || name == "repeat", case .number(1e30) = arguments.first { continue }
      if name.hasPrefix("pad"), case .number(.infinity) = arguments.first { continue }
      if case .number(4_294_967_297) = arguments.first, ["repeat", "padStart", "padEnd"].contains(name) { continue }
      let written = arguments.map { source($0) }.joined(separator: ", ")
      comparisons.append(
        Comparison(
          expression: "\(source(.string(text))).\(name)(\(written))",
          result: callStringMethod(name, on: text, arguments)))
    }
    #expect(try expectAgreement(comparisons) > 40)
  }

  @Test(
    "An encoding gives what Node.js gives",
    arguments: [
      "encodeURIComponent", "decodeURIComponent", "encodeURI", "decodeURI", "btoa", "atob",
    ])
  func encoding(_ name: String) throws {
    var generator = SeededGenerator(state: 11)
    var parts = Self.parts + ["%2F", "%3f", "%F0%9F%98%80", "%ED%A0%80", "%C0%80", "%FF", "%41", "#", "?", "~", "'"]
    if name == "atob" { parts = ["Y", "W", "=", "==", " ", "\n", "+", "/", "_", "abcd", "ab", "QQ=="] }
    if name == "btoa" { parts.append("\u{FF}") }
    let comparisons = (0..<300).map { _ in
      let text = Scalar.string(generator.text(of: parts, upTo: name == "btoa" ? 2 : 4))
      return Comparison(expression: "\(name)(\(source(text)))", result: callGlobal(name, [text]))
    }
    #expect(try expectAgreement(comparisons) == comparisons.count)
  }

  static let patterns = [
    "a", "b+", "(a)|(b)", "(?<first>a)(?<rest>.)?", "", "(?=(a))", "\\s+", "[,:]", "(\\d+)", "$", "^", "[^a-z]", ".",
    "(?:)", "\\b", "x*", "a??", "(?!a)", "redis", "\\u{1F600}",
  ]

  @Test(
    "A method with a pattern gives what Node.js gives",
    arguments: ["match", "search", "replace", "replaceAll", "split"])
  func pattern(_ name: String) throws {
    var generator = SeededGenerator(state: 13)
    let templates = [
      "", "-", "$&$&", "$1", "$2$1", "$$", "[$`|$']", "$<first>", "$<none>", "$<first", "$10", "$01", "$0",
    ]
    var comparisons: [Comparison] = []
    for _ in 0..<400 {
      let text = generator.text(of: Self.parts, upTo: 6)
      let flags = generator.pick(["", "g", "gi", "i", "u", "gu", "gm", "s"])
      var arguments = [
        Scalar.regularExpression(try RegularExpression(generator.pick(Self.patterns), flags: flags))
      ]
      if name.hasPrefix("replace") { arguments.append(.string(generator.pick(templates))) }
      if name == "split", generator.next() % 2 == 0 { arguments.append(.number(Double(generator.next() % 4))) }
      let written = arguments.map { source($0) }.joined(separator: ", ")
      comparisons.append(
        Comparison(
          expression: "\(source(.string(text))).\(name)(\(written))",
          result: callStringMethod(name, on: text, arguments)))
    }
    #expect(try expectAgreement(comparisons) > 300)
  }

  @Test func replacersAreCalledForTheMatchesOfNodeJS() throws {
    var generator = SeededGenerator(state: 17)
    var comparisons: [Comparison] = []
    for _ in 0..<200 {
      let text = generator.text(of: ["a", "b", "1", ":", "é"], upTo: 6)
      let pattern = Scalar.regularExpression(
        try RegularExpression(generator.pick(Self.patterns), flags: generator.pick(["", "g"])))
      let found = try #require(replacementMatches(in: text, pattern: pattern, all: false))
      let list = found.map { match in
        Scalar.list(
          [.number(Double(match.range.lowerBound)), .number(Double(match.range.count))]
            + match.captures.map { capture in capture.map { .string($0) } ?? .undefined })
      }
      let collect = """
        { const list = []; text.replace(pattern, (match, ...rest) => {
          const at = rest.findIndex((part) => typeof part === "number");
          list.push([rest[at], match.length, ...rest.slice(0, at)]); return ""; }); return list; }
        """
      comparisons.append(
        Comparison(
          expression: "((text, pattern) => \(collect))(\(source(.string(text))), \(source(pattern)))",
          result: .value(.list(list))))
    }
    try expectAgreement(comparisons)
  }
}
