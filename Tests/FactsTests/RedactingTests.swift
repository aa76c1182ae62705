import Facts
import Testing

@Test(
  "a secret is redacted wherever its bytes stand",
  arguments: [
    ("no user hunter2 here", "no user [redacted] here"), ("hunter2hunter2", "[redacted][redacted]"),
    ("hunter2\u{301} and a mark that combines", "[redacted]\u{301} and a mark that combines"),
    ("hunter", "hunter"), ("", ""),
  ])
func redacting(_ text: String, _ expected: String) {
  #expect(Array(text.redacting("hunter2").utf8) == Array(expected.utf8))
}
