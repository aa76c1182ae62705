// Strings in JSON with the keys that lead to them, and documents that are none.

import Facts
import Testing

@testable import Doctor

@Suite struct JSONStringsTests {
  @Test func `every string comes with its keys and its place`() throws {
    let text = #"{"a": "1", "b": {"c": ["x", 2, {"d": "y"}], "e": null}, "f": [[], {}, "z"]}"#
    #expect(
      try strings(in: text) == [
        "a=1@1", "b.c.0=x@23", "b.c.2.d=y@32", "f.2=z@70",
      ])
  }

  @Test(
    "comments, commas before a bracket and a byte order mark are passed over",
    arguments: [
      "\u{FEFF}{\"a\": \"1\"}", "{ // one\n \"a\": /* two */ \"1\", }", "{\"a\": \"1\"}\n\n",
      "{\"b\": [1,], \"a\": \"1\",}",
    ])
  func lenience(_ text: String) throws {
    #expect(try strings(in: text).map { $0.prefix { $0 != "@" } } == ["a=1"])
  }

  @Test(
    "escapes are replaced",
    arguments: [
      (#""\u0041\n\t\/\\\"""#, "A\n\t/\\\""), (#""\uD83D\uDE00""#, "😀"), (#""\uD83Dx""#, "\u{FFFD}x"), ("\"ü\"", "ü"),
    ])
  func escapes(_ text: String, _ value: String) throws {
    var found: [String] = []
    try JSONStrings.visit(Array(text.utf8)) { _, value, _ in found.append(value) }
    #expect(found == [value])
  }

  @Test(
    "a document with a fault says what and where",
    arguments: [
      ("", "it ends too early", 0), ("{", "it ends too early", 1), ("{\"a\"", "it ends too early", 4),
      ("{\"a\": }", "a value was expected", 6), ("{a: 1}", "a key was expected", 1),
      ("[1 2]", "a comma or ] was expected", 3),
      ("{\"a\": 1 \"b\"}", "a comma or } was expected", 8), ("[]]", "something follows the end", 2),
      ("\"a\nb\"", "a string is not closed on its line", 3),
      ("\"\\u00\"", "an escape is not four hexadecimal digits", 3),
      ("[\"\\uZZZZ\"]", "an escape is not four hexadecimal digits", 4), ("/* x", "a comment is not closed", 0),
      ("]", "a value was expected", 0), ("[/", "a value was expected", 1), ("\"\\", "it ends too early", 2),
    ])
  func faults(_ text: String, _ phrase: String, _ offset: Int) {
    #expect(throws: JSONStrings.Problem(phrase: phrase, offset: offset)) { try strings(in: text) }
  }

  @Test("any prefix and any garbled byte is a fault or a document, and no crash", arguments: 0..<64)
  func hostile(_ seed: Int) {
    let text = Array(#"{"a": ["x\u0041", {"b": "y"}, /* c */ 1.5e3, true], // d"#.utf8) + Array("\n\"e\": {}}".utf8)
    _ = try? strings(in: String(decoding: text.prefix(seed), as: UTF8.self))
    var garbled = text
    garbled[seed % text.count] = UInt8(truncatingIfNeeded: seed &* 37)
    try? JSONStrings.visit(garbled) { _, _, _ in }
  }

  private func strings(in text: String) throws -> [String] {
    var found: [String] = []
    try JSONStrings.visit(Array(text.utf8)) { keys, value, offset in
      found.append("\(keys.joined(separator: "."))=\(value)@\(offset)")
    }
    return found
  }
}
