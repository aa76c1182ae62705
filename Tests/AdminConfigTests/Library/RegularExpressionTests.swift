// Regular expressions: what the specification says of captures, what is refused, and hostile patterns.
import Testing

@testable import AdminConfig

/// The matches and groups of the first match, as text.
private func firstMatch(_ source: String, _ flags: String, in text: String) throws -> [String?]? {
  let expression = try RegularExpression(source, flags: flags)
  let units = Array(text.utf16)
  guard case .match(let match) = expression.firstMatch(in: units, from: 0) else { return nil }
  return ([match.range] + match.captures).map { range in range.map { String(decoding: units[$0], as: UTF16.self) } }
}

@Suite struct RegularExpressions {
  @Test(
    "Captures are those of ECMAScript 22.2",
    arguments: [
      ("((a)|(ab))((c)|(bc))", "", "abc", ["abc", "a", "a", nil, "bc", nil, "bc"]),
      ("a[a-z]{2,4}?", "", "abcdefghi", ["abc"]),
      ("(aa|aabaac|ba|b|c)*", "", "aabaac", ["aaba", "ba"]),
      ("(z)((a+)?(b+)?(c))*", "", "zaacbbbcac", ["zaacbbbcac", "z", "ac", "a", nil, "c"]),
      ("(?=(a+))", "", "baaabac", ["", "aaa"]),
      ("(?=(a+))a*b\\1", "", "baaabac", ["aba", "a"]),
      ("(.*?)a(?!(a+)b\\2c)\\2(.*)", "", "baaabaac", ["baaabaac", "ba", nil, "abaac"]),
      ("(a*)*", "", "b", ["", nil]),
      ("(?:a*?)*?$", "", "aa", ["aa"]),
      ("(?<=(\\d+)(\\d+))$", "", "1053", ["", "1", "053"]),
      ("(?<=\\$)\\d+", "", "a1$23", ["23"]),
      ("(?<!\\$)\\b\\d+", "", "$1 23", ["23"]),
      ("(?<y>\\d{4})-\\k<y>", "", "2024-2024", ["2024-2024", "2024"]),
      ("^b$", "m", "a\nb\nc", ["b"]),
      ("a.c", "s", "a\nc", ["a\nc"]),
      ("^.$", "u", "\u{1F600}", ["\u{1F600}"]),
      ("\\u{1F600}", "u", "\u{1F600}", ["\u{1F600}"]),
      ("REDIS", "i", "redis", ["redis"]),
      ("é", "i", "É", ["É"]),
      ("\\w", "iu", "\u{17F}", ["\u{17F}"]),
      ("\\1(a)", "", "aa", ["a", "a"]),
      ("[\\d-x]+", "", "1-x", ["1-x"]),
      ("a{,2}", "", "a{,2}", ["a{,2}"]),
    ] as [(String, String, String, [String?])])
  func captures(_ source: String, _ flags: String, _ text: String, _ expected: [String?]) throws {
    #expect(try firstMatch(source, flags, in: text) == expected)
  }

  @Test func stickyMatchesBeginWhereTheSearchBegins() throws {
    let expression = try RegularExpression("b", flags: "y")
    if case .match = expression.firstMatch(in: Array("ab".utf16), from: 0) { Issue.record("matched later") }
    guard case .match = expression.firstMatch(in: Array("ab".utf16), from: 1) else {
      Issue.record("did not match")
      return
    }
    for start in [-1, 3, Int.max] {
      if case .match = expression.firstMatch(in: Array("ab".utf16), from: start) { Issue.record("matched outside") }
    }
  }

  @Test(
    "A malformed pattern is refused",
    arguments: [
      ("(", ""), (")", ""), ("[", ""), ("*", ""), ("a**", ""), ("{1}", ""), ("a{2,1}", ""), ("[b-a]", ""), ("\\", ""),
      ("(?<a", ""), ("(?<1>a)", ""), ("(?<a>.)\\k<b>", ""), ("(?a)", ""), ("{", "u"), ("\\_", "u"), ("\\1", "u"),
      ("(?=a)*", "u"), ("(?<=a)*", ""), ("[\\d-a]", "u"), ("\\u{110000}", "u"), ("a", "gg"), ("a", "x"), ("^*", ""),
    ])
  func malformed(_ source: String, _ flags: String) {
    #expect {
      try RegularExpression(source, flags: flags)
    } throws: { error in
      if case RegularExpressionError.malformed = error { true } else { false }
    }
  }

  @Test(
    "What is not supported says so",
    arguments: [
      ("\\p{L}", "u"), ("a", "v"), ("a", "d"), ("é", "iu"), ("(?i:a)", ""), ("(?<a>b)|(?<a>c)", ""), ("(a)\\1", "iu"),
    ])
  func unsupported(_ source: String, _ flags: String) {
    #expect {
      try RegularExpression(source, flags: flags)
    } throws: { error in
      if case RegularExpressionError.unsupported = error { true } else { false }
    }
  }

  @Test("A pattern that is too long or too deep is not parsed", arguments: ["(", "(?=", "(?<=", "a", "[a]|"])
  func tooLarge(_ part: String) {
    #expect {
      try RegularExpression(String(repeating: part, count: 1 << 14) + "x", flags: "")
    } throws: { error in
      if case RegularExpressionError.unsupported = error { true } else { false }
    }
    #expect(throws: RegularExpressionError.self) {
      try RegularExpression(String(repeating: "(", count: 5000), flags: "")
    }
  }

  @Test(
    "A hostile pattern ends",
    arguments: [
      "(a+)+$", "(a*)*$", "(a|a)*$", "(a|aa)+$", "(.*)(.*)(.*)(.*)(.*)x", "((a*)*)*$", "(?:(?:){99999}){99999}",
      "(?=(a+)+$)", "(?!(a+)+$)x", "(?<=(a+)+x)", "(?:){99999999999999999999}c", "(a*?)*?$", "(a+)+\\1$",
    ])
  func hostile(_ source: String) throws {
    let expression = try RegularExpression(source, flags: "")
    let text = Array((String(repeating: "a", count: 100) + "b").utf16)
    if case .match = expression.firstMatch(in: text, from: 0) { Issue.record("nothing there can match") }
  }

  @Test func aLongTextNeedsNoDeepStack() throws {
    let expression = try RegularExpression("(?:a|b)*c", flags: "")
    let text = Array((String(repeating: "ab", count: 20_000) + "c").utf16)
    guard case .match(let match) = expression.firstMatch(in: text, from: 0) else {
      Issue.record("did not match")
      return
    }
    #expect(match.range == 0..<40_001)
  }
}
