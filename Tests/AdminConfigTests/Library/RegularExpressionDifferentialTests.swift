// Regular expressions against Node.js: patterns put together from parts, the same in every run.
import Testing

@testable import AdminConfig

@Suite(.enabled(if: NodeProcess.isInstalled, "Node.js is not installed")) struct RegularExpressionDifferential {
  private static let atoms = [
    "a", "b", "c", ".", "\\d", "\\w", "\\s", "\\W", "[ab]", "[^a]", "[a-c\\d]", "[\\w-]", "[]", "[^]", "\\b", "\\B",
    "^",
    "$", "\\1", "\\2", "\\k<n>", "\\x61", "\\u0062", "\\cJ", "\\0", "\\/", "\\.", "é", "É", "\\u{62}", "ß", "k", "K",
    "S", "[A-Z]", "\u{1F600}", "[\u{1F600}]", "\\-", "\\_", "]", "{", "}", "{1}", "\\8", "\\07", "[\\b]", "-",
    "[a-\\d]",
  ]
  private static let quantifiers = [
    "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,1}?", "{2,}", "{,2}",
  ]
  private static let openings = ["(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>"]
  private static let pieces = [
    "a", "b", "c", "ab", "1", "_", " ", "\n", "A", "B", "é", "É", "\u{1F600}", "k", "\u{212A}", "ſ", "s", "/", ".", "-",
    "{", "}",
  ]

  private static func pattern(_ generator: inout SeededGenerator, depth: Int) -> String {
    var result = ""
    for _ in 0...generator.next() % 3 {
      if depth > 0, generator.next() % 3 == 0 {
        result += generator.pick(openings) + pattern(&generator, depth: depth - 1) + ")"
      } else {
        result += generator.pick(atoms)
      }
      result += generator.pick(quantifiers)
      if generator.next() % 8 == 0 { result += "|" }
    }
    return result
  }

  private static func found(_ source: String, flags: String, in text: String) -> BuiltinResult {
    let expression: RegularExpression
    do throws(RegularExpressionError) {
      expression = try RegularExpression(source, flags: flags)
    } catch {
      if case .unsupported(let reason) = error { return .notComputed(reason) }
      return .throwsError(kind: "SyntaxError", message: "")
    }
    switch expression.firstMatch(in: Array(text.utf16), from: 0) {
    case .gaveUp: return .notComputed("steps")
    case .noMatch: return .value(.null)
    case .match(let match):
      return .value(
        .list(
          ([match.range] + match.captures).map { range in
            guard let range else { return .undefined }
            return .list([.number(Double(range.lowerBound)), .number(Double(range.upperBound))])
          }))
    }
  }

  @Test("Random patterns match where Node.js matches", arguments: ["", "i", "m", "s", "u", "iu", "y", "ims"])
  func matches(_ flags: String) throws {
    var generator = SeededGenerator(state: UInt64(flags.utf8.reduce(31) { $0 * 31 + UInt64($1) }))
    var comparisons: [Comparison] = []
    for _ in 0..<1000 {
      let pattern = Self.pattern(&generator, depth: 3)
      let text = generator.text(of: Self.pieces, upTo: 8)
      let run = "new RegExp(\(source(.string(pattern))), \"\(flags)d\").exec(\(source(.string(text))))"
      comparisons.append(
        Comparison(
          expression: "((m) => m && { list: Array.from(m.indices) })(\(run))",
          result: Self.found(pattern, flags: flags, in: text)))
    }
    #expect(try expectAgreement(comparisons) > 300)
  }

  @Test func classesIgnoreCaseAsNodeJSDoes() throws {
    var generator = SeededGenerator(state: 41)
    let letters = [
      "µ", "μ", "Μ", "ς", "σ", "Σ", "ß", "ẞ", "İ", "ı", "i", "I", "K", "k", "ſ", "s", "Å", "å", "ǅ", "ǆ", "Ǆ", "ᾳ", "ᾼ",
    ]
    let comparisons = (0..<500).map { _ in
      let pattern = generator.pick(["", "[", "[^"]) + generator.pick(letters)
      let whole = pattern.hasPrefix("[") ? pattern + generator.pick(["", "-\u{FFFF}"]) + "]" : pattern
      let text = generator.pick(letters)
      let run = "new RegExp(\(source(.string(whole))), \"di\").exec(\(source(.string(text))))"
      return Comparison(
        expression: "((m) => m && { list: Array.from(m.indices) })(\(run))",
        result: Self.found(whole, flags: "i", in: text))
    }
    #expect(try expectAgreement(comparisons) == comparisons.count)
  }

  @Test func sourcesAreWrittenAsNodeJSWritesThem() throws {
    let sources = ["", "/", "a/b", "\\/", "[/]", "[\\]/]", "\n", "\\\n", "\r\u{2028}", "a\\\\/", "é"]
    try expectAgreement(
      sources.map { text in
        let expression = try? RegularExpression(text, flags: "yg")
        return Comparison(
          expression: "String(new RegExp(\(source(.string(text))), \"yg\"))",
          result: expression.map { .value(.string($0.literal)) })
      })
  }
}
