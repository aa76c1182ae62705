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
    ("redis://u@h", "redis://U@h"),
  ])
  func differentURLsDoNot(_ one: String, _ other: String) {
    #expect(canonicalURL(Secret(one)) != canonicalURL(Secret(other)))
  }

  @Test(arguments: ["", "h:6379", "/run/redis.sock", "://h", "9p://h", "re dis://h", "abc"])
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

  @Test("however often something opens, looking through a value is one pass", .timeLimit(.minutes(1)))
  func noValueTakesLong() {
    for unit in ["${A:", "$(", "{{", "${", "your-", " ", "<", "“"] {
      _ = flaws(of: Secret(String(repeating: unit, count: (1 << 17) / unit.utf8.count)))
    }
  }
}
