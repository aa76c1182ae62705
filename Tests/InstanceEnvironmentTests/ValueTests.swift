import Facts
import Testing

@testable import InstanceEnvironment

@Suite struct ValueTests {
  @Test(arguments: [
    ("redis://h", "redis://h:6379/0"), ("redis://h/", "REDIS://H:6379"), ("rediss://u:p@h:6379/0", "rediss://u:p@H/"),
    ("https://a.example/x/", "https://A.example:443/x"), ("http://h:80", "http://h/"),
    ("redis://[::1]", "redis://[::1]:6379"),
    ("postgres://h/db", "postgresql://h:5432/db"), ("redis://h:/2", "redis://h:6379/2/"),
    ("wss://h:443/?a=B", "wss://h?a=B"),
  ])
  func spellingsOfOneURLMeanTheSame(_ one: String, _ other: String) {
    #expect(canonicalURL(Secret(one)) != nil)
    #expect(canonicalURL(Secret(one)) == canonicalURL(Secret(other)))
  }

  @Test(arguments: [
    ("redis://h", "rediss://h"), ("redis://h/1", "redis://h"), ("redis://:P@h", "redis://:p@h"),
    ("redis://h:6380", "redis://h"), ("https://h/A", "https://h/a"), ("http://h:443", "http://h"),
    ("http://h/?a=b", "http://h/?a=B"), ("http://h/0", "http://h"), ("redis://[::1]:6380", "redis://[::1]"),
    ("redis://u@h", "redis://U@h"), ("sqlite://Data/a", "sqlite://data/a"), ("file://H/a", "file://h/a"),
  ])
  func differentURLsDoNot(_ one: String, _ other: String) {
    #expect(canonicalURL(Secret(one)) != canonicalURL(Secret(other)))
  }

  @Test(arguments: ["", "h:6379", "/run/redis.sock", "://h", "9p://h", "re dis://h", "abc", "redis://:Ab/c@h"])
  func whatIsNoURLHasNoSpelling(_ text: String) {
    #expect(canonicalURL(Secret(text)) == nil)
  }

  @Test(arguments: [
    (" a", [ValueFlaw.surroundingSpace]), ("a\n", [.surroundingSpace]), ("a\t", [.surroundingSpace]),
    ("a\r", [.carriageReturn]),
    ("a\r\nb", [.carriageReturn]), ("\"a\"", [.quotes]), ("'a'", [.quotes]), ("`a`", [.quotes]),
    (" \"a\" ", [.surroundingSpace, .quotes]), ("\u{FEFF}a", [.byteOrderMark]), ("a\u{A0}b", [.unusualSpace]),
    ("a\u{200B}", [.unusualSpace]), ("“a”", [.smartQuotes]), ("undefined", [.textOfNothing]),
    ("null", [.textOfNothing]),
    ("[object Object]", [.textOfNothing]), ("redis://${HOST}:6379", [.unexpandedReference]),
    ("$HOST", [.unexpandedReference]), ("$(POD_IP):80", [.unexpandedReference]), ("${A:-b}", [.unexpandedReference]),
    ("{{ .Values.url }}", [.unexpandedReference]), ("{{}}", [.unexpandedReference]),
    ("x$(POD_IP)${", [.unexpandedReference]), (" null\n", [.surroundingSpace, .textOfNothing]),
    ("é ${A}", [.unexpandedReference]), ("changeme", [.placeholder]), ("ChangeMe", [.placeholder]),
    ("xxx", [.placeholder]), ("XXXXXXXX", [.placeholder]), ("<your key>", [.placeholder]),
    ("your-api-key", [.placeholder]),
  ])
  func damagedValuesAreTold(_ value: String, _ expected: [ValueFlaw]) {
    #expect(flaws(of: Secret(value)) == expected)
  }

  @Test(arguments: [
    "", "a", "a b", "$2b$10$abcdefghijklmnopqrstuv", "pa$$word", "p$HOST9x-", "{\"a\":\"b\"}", "[\"a\"]", "Bob’s shop",
    "\"", "x",
    "xx", "nullable", "a#b", "<a>b</a>", "$", "${", "${a}", "$(ls)", "cost: $5",
    "-----BEGIN KEY-----\nabc\n-----END KEY-----",
    "{{", "{{}", "}}{{", "${A", "${A)", "$(A}", "${A!}", "$a", "your", "NULL", "it's", "'a", "a'b'", "https://h/?q=${",
    "yourself",
  ])
  func wholeValuesAreLeftAlone(_ value: String) {
    #expect(flaws(of: Secret(value)) == [])
  }

  @Test("however often something opens, looking through a value is one pass", .timeLimit(.minutes(5)))
  func noValueTakesLong() {
    for unit in ["${A:", "$(", "{{", "${", "your-", " ", "<", "“"] {
      _ = flaws(of: Secret(String(repeating: unit, count: (1 << 17) / unit.utf8.count)))
    }
  }

  @Test(arguments: [
    ("url", "redis://h", "redis://H:6379/0"), ("url redis", "redis://h", "redis://h/"), ("integer", "007", "+7"),
    ("integer 1..9", "9", "09"), ("boolean", "1", "TRUE"), ("boolean", "off", "No"), ("duration", "60s", "1m"),
    ("duration", "1.5s", "1500 ms"), ("list", "a, b", "b,a,"), ("enum debug, info", "info", " info"),
  ])
  func valuesOfOneTypeMeanTheSame(_ type: String, _ one: String, _ other: String) throws {
    let type = try #require(ValueType(type))
    #expect(canonicalValue(Secret(one), as: type) != nil)
    #expect(canonicalValue(Secret(one), as: type) == canonicalValue(Secret(other), as: type))
  }

  @Test(arguments: [
    ("url", "h"), ("url", "https://"), ("url", "redis://:p@"), ("url rediss", "redis://h"), ("integer", "1.5"),
    ("integer", "NaN"), ("integer", ""), ("integer", "1e3"), ("integer", "٣"), ("integer 1..", "0"),
    ("integer ..5", "6"),
    ("boolean", "2"), ("boolean", "enabled"), ("duration", "soon"), ("duration", "5 parsecs"), ("list", ","),
    ("enum debug, info", "Info"),
  ])
  func whatIsNotOfATypeIsNone(_ type: String, _ value: String) throws {
    #expect(canonicalValue(Secret(value), as: try #require(ValueType(type))) == nil)
  }

  @Test(arguments: [
    ("", "empty"), ("12", "integer, under 8 bytes"), ("true", "boolean, under 8 bytes"),
    ("redis://h", "redis URL, 8 to 15 bytes"), ("secretscheme://h", "URL, 16 to 31 bytes"),
    (String(repeating: "a", count: 300), "text, 256 bytes or more"),
  ])
  func aShapeTellsAKindAndAClassOfLengths(_ value: String, _ expected: String) {
    #expect(shape(of: Secret(value)) == expected)
  }

  @Test(arguments: [
    ("redis://:p@h", true), ("redis://u:p@h", true), ("redis://:p/q@h", true), ("redis://u@h", false),
    ("redis://h", false), ("https://example.com/@user:x", false), ("https://u:p@example.com", true), ("a:b@c", false),
  ])
  func aPasswordInAURLIsSeen(_ value: String, _ expected: Bool) {
    #expect(holdsCredentials(Secret(value)) == expected)
  }

  @Test func whatEndsItsLastLineAsKeysDoIsWhole() {
    #expect(flaws(of: Secret("-----BEGIN KEY-----\nabc=\n-----END KEY-----\n")) == [])
    #expect(flaws(of: Secret("<a@example.com>")) == [])
    #expect(flaws(of: Secret("<your key>")) == [.placeholder])
  }
}
