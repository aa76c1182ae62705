// How lists, numbers and commands are put, and that what finds its way into a command can't end it.

import Testing

@testable import Checks
import Diagnosis

@Suite struct WordingTests {
  @Test(
    "names are listed as in a sentence",
    arguments: [
      ([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"),
      ((1...9).map(String.init), "1, 2, 3, 4, 5, 6, 7, 8 and 9"),
      ((1...10).map(String.init), "1, 2, 3, 4, 5, 6, 7, 8 and 2 more"),
    ])
  func lists(_ names: [String], _ text: String) {
    #expect(listed(names) == text)
  }

  @Test(
    "times are whole milliseconds, with one decimal where they are short",
    arguments: [
      (0.0, "0 ms"), (0.04, "0 ms"), (0.36, "0.4 ms"), (3, "3 ms"), (9.97, "10 ms"), (12.4, "12 ms"),
      (5000.2, "5000 ms"), (-1, "-1 ms"), (1e300, "1e+300 ms"), (.infinity, "inf ms"), (.nan, "nan ms"),
    ])
  func times(_ value: Double, _ text: String) {
    #expect(millisecondsText(value) == text)
  }

  @Test(
    "sizes are in the largest unit that leaves them whole",
    arguments: [
      (1, "1 byte"), (1000, "1000 bytes"), (1024, "1 KiB"), (268_435_456, "256 MiB"), (1 << 33, "8 GiB"),
      (268_435_457, "268435457 bytes"),
    ])
  func sizes(_ bytes: Int, _ text: String) {
    #expect(binarySize(bytes) == text)
  }

  @Test(
    "a word is quoted for the shell where it must be",
    arguments: [
      ("cache.internal", "cache.internal"), ("10.0.0.5:6379", "10.0.0.5:6379"), ("", "''"), ("a b", "'a b'"),
      ("x;reboot", "'x;reboot'"), ("$(id)", "'$(id)'"), ("it's", #"'it'\''s'"#), ("ü", "'ü'"),
      ("https://a/s?channel=x&y=z", "'https://a/s?channel=x&y=z'"),
    ])
  func shellWords(_ text: String, _ word: String) {
    #expect(shellWord(text) == word)
  }
}
