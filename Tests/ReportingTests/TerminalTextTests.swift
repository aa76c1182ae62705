// Text made safe, measured and wrapped, and the tables built from it.

import Reporting
import Testing

@Suite("Text for a terminal")
struct TerminalTextTests {
  @Test(
    "has everything written out that a terminal would obey",
    arguments: [
      ("\u{1B}[2J", #"\u{1B}[2J"#), ("a\u{9B}b\u{7F}", #"a\u{9B}b\u{7F}"#), ("a\nb\tc\r", #"a\u{A}b\u{9}c\u{D}"#),
      ("\u{202A}\u{202E}\u{2066}\u{2069}", #"\u{202A}\u{202E}\u{2066}\u{2069}"#),
      ("\u{200B}\u{200D}\u{FEFF}\u{2028}\u{2029}", #"\u{200B}\u{200D}\u{FEFF}\u{2028}\u{2029}"#),
      ("\u{3164}\u{34F}\u{E0041}\u{E0100}", #"\u{3164}\u{34F}\u{E0041}\u{E0100}"#),
      ("##[add-mask]", #"#\u{23}[add-mask]"#), ("plain, é e\u{301} 你好 ⚠️ 🇩🇪 \\", "plain, é e\u{301} 你好 ⚠️ 🇩🇪 \\"),
    ])
  func safe(text: String, expected: String) {
    #expect(terminalSafe(text) == expected)
  }

  @Test("keeps what it is told to keep")
  func keeps() {
    #expect(terminalSafe("a\n\u{1B}", keeping: ["\n"]) == "a\n\\u{1B}")
  }

  @Test(
    "is measured in columns",
    arguments: [("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("你好", 4), ("🚀", 2), ("🇩🇪", 2), ("👍🏽", 2), ("✗ ✓", 3)])
  func width(text: String, columns: Int) {
    #expect(displayWidth(text) == columns)
  }

  @Test(
    "is wrapped at spaces, and long words stay whole",
    arguments: [
      ("one two three", 20, 8, ["one two three"]), ("one two three", 8, 8, ["one two", "three"]),
      ("a incomprehensible b", 6, 6, ["a", "incomprehensible", "b"]), ("", 5, 5, [""]),
      ("id  subject", 20, 20, ["id  subject"]), ("id  subject", 9, 9, ["id", "subject"]),
      ("across", 2, 8, ["", "across"]), ("你好 世界", 5, 5, ["你好", "世界"]),
    ])
  func wrapping(text: String, first: Int, width: Int, lines: [String]) {
    #expect(wrapped(text, first: first, width: width) == lines)
  }

  @Test("is broken inside words only where that is asked for")
  func breaking() {
    #expect(wrapped("abcdefgh ij", width: 3, breakingWords: true) == ["abc", "def", "gh", "ij"])
    #expect(wrapped("你好世界", width: 5, breakingWords: true) == ["你好", "世界"])
  }
}

@Suite("A table")
struct TextTableTests {
  @Test("is aligned in display columns, without spaces at the ends of lines")
  func aligned() {
    #expect(
      tableLines(
        columns: ["name", "driver"], rows: [["世界", "redis"], ["a", ""], ["e\u{301}\u{1B}", "memory"]], width: 80)
        == ["name     driver", "世界     redis", "a", "e\u{301}\\u{1B}  memory"])
  }

  @Test("gives a wide cell the columns it takes")
  func wideCells() {
    #expect(tableLines(columns: ["a", "b"], rows: [["世界", "x"]], width: 80) == ["a     b", "世界  x"])
  }

  @Test("wraps the cells of its widest columns where it is too wide")
  func narrowed() {
    #expect(
      tableLines(columns: ["a", "b"], rows: [["x", "one two three four five"]], width: 18)
        == ["a  b", "x  one two three", "   four five"])
  }

  @Test("becomes lines of column and cell where columns can't be narrowed any further")
  func blocks() {
    let long = "a text that is long"
    #expect(
      tableLines(columns: ["one", "two"], rows: [[long, long], ["x", "y"]], width: 20)
        == ["one: a text that is", "  long", "two: a text that is", "  long", "", "one: x", "two: y"])
  }

  @Test("never exceeds its width", arguments: 12...120)
  func width(width: Int) throws {
    let exhibit = try #require(sample.exhibits.first)
    for line in tableLines(columns: exhibit.columns, rows: exhibit.rows, width: width) {
      #expect(displayWidth(line) <= width)
    }
  }
}
