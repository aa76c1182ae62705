// JSON is read as JSON.parse and TypeScript read it, and written as JSON.stringify writes it.
import Testing

@testable import AdminConfig

private func refusal(_ text: [UInt8], _ dialect: JSONDialect = .strict) -> JSONError? {
  do {
    _ = try parseJSON(text, dialect)
    return nil
  } catch { return error }
}

private func rewritten(_ text: String, _ dialect: JSONDialect = .strict) throws -> String {
  jsonText(try parseJSON(Array(text.utf8), dialect))
}

@Suite struct JSONReading {
  @Test(
    "JSON comes back as JSON.stringify(JSON.parse(text)) would give it",
    arguments: [
      ("null", "null"),
      (" true ", "true"),
      ("\t[false,\r\n null]", "[false,null]"),
      ("{}", "{}"),
      ("[ ]", "[]"),
      (#"{"b":1,"a":{"c":[[],{}]}}"#, #"{"b":1,"a":{"c":[[],{}]}}"#),
      (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
      (#"{"":0,"__proto__":1}"#, #"{"":0,"__proto__":1}"#),
      ("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"\u{E9}\":1,\"e\u{301}\":2}"),
      ("0", "0"),
      ("-0", "0"),
      ("-12.50", "-12.5"),
      ("1E+2", "100"),
      ("1e21", "1e+21"),
      ("123456789012345678901", "123456789012345680000"),
      ("0.000001", "0.000001"),
      ("1.5e-7", "1.5e-7"),
      ("1e999", "null"),
      (#""\b\f\n\r\t\"\\\/""#, #""\b\f\n\r\t\"\\/""#),
      (#""\u00e9\u20AC\u0000\u001f\u007f""#, "\"é€\\u0000\\u001f\u{7F}\""),
      (#""\ud83d\uDE00""#, "\"😀\""),
      (#""a\ud83d""#, "\"a\u{FFFD}\""),
      (#""\ud83d\u0041""#, "\"\u{FFFD}A\""),
      (#""\ud83d\ud83d\ude00""#, "\"\u{FFFD}😀\""),
      (#""\ude00\n""#, "\"\u{FFFD}\\n\""),
      ("\"\u{2028}\"", "\"\u{2028}\""),
    ])
  func values(_ text: String, _ expected: String) throws {
    #expect(try rewritten(text) == expected)
    #expect(try rewritten(text, .commented) == expected)
  }

  @Test(
    "What JSON.parse refuses is an error at its place",
    arguments: [
      ("", 0), ("  ", 2), ("nul", 0), ("True", 0), ("[1,]", 3), (#"{"a":1,}"#, 7), ("[1 2]", 3), ("[", 1), ("]", 0),
      ("[}", 1), (#"{"a"}"#, 4), ("{a:1}", 1), ("{'a':1}", 1), (#"{"a":1"#, 6), (#"{"a" 1}"#, 5), ("1 2", 2),
      ("01", 0), ("-", 0), ("+1", 0), ("1.", 0), (".5", 0), ("1e", 0), ("-01", 0), ("[0x10]", 2), ("NaN", 0),
      (#"["a]"#, 1), ("\"a\tb\"", 2), ("\"a\nb\"", 0), (#""\x41""#, 1), (#""\u12g4""#, 1), (#""\u12"#, 1), (#""\"#, 1),
      (#""\ud83d\u12""#, 7), ("/* a */ 1", 0), ("1 // a", 2), ("\u{FEFF}1", 0), ("\u{A0}1", 0), ("tru\u{65}x", 4),
    ])
  func refusals(_ text: String, _ offset: Int) throws {
    let error = try #require(refusal(Array(text.utf8)))
    #expect(error.offset == offset, "\(error.message)")
  }

  @Test(
    "A tsconfig may have comments, trailing commas and a byte order mark",
    arguments: [
      ("\u{FEFF}{}", "{}"),
      ("// a\n[1, /* b */ 2, // c\r\n]", "[1,2]"),
      ("{ /**/ \"a\" /* : */ : /* 1 */ 2, /* d */ } /* e */ // f", #"{"a":2}"#),
      (#"{"a": "// no comment", "b": "/* none */"}"#, #"{"a":"// no comment","b":"/* none */"}"#),
      ("\"a\tb\"", #""a\tb""#),
    ])
  func liberties(_ text: String, _ expected: String) throws {
    #expect(try rewritten(text, .commented) == expected)
    #expect(text.contains("no comment") || refusal(Array(text.utf8)) != nil)
  }

  @Test(
    "A tsconfig's liberties end somewhere",
    arguments: [
      ("[,]", 1), ("[1,,]", 3), ("{,}", 1), ("/* a", 0), ("[1] /", 4), ("/", 0), ("/*/", 0), ("{'a': 1}", 1),
      ("\"a\nb\"", 0),
    ])
  func limits(_ text: String, _ offset: Int) throws {
    let error = try #require(refusal(Array(text.utf8), .commented))
    #expect(error.offset == offset, "\(error.message)")
  }

  @Test("Every value knows the byte at which it begins")
  func offsets() throws {
    let root = try parseJSON(Array(#" {"é": [1, "b"], "c": {"d": null}, "é": [ true ]}"#.utf8), .strict)
    #expect(root.offset == 1)
    #expect(root["é"]?.offset == 42)
    #expect(root["é"]?.elements?.first?.offset == 44)
    #expect(root["c"]?.offset == 23)
    #expect(root["c"]?["d"]?.offset == 29)
    #expect(root["d"] == nil)
  }

  @Test("Invalid UTF-8 in a string is replaced")
  func invalidUTF8() throws {
    let root = try parseJSON([0x22, 0x61, 0xFF, 0x22], .strict)
    #expect(root.string == "a\u{FFFD}")
  }

  @Test("512 levels are read, written and freed, and one more is an error", arguments: ["[", #"{"a":"#])
  func depth(_ open: String) throws {
    let close = open == "[" ? "]" : "}"
    func nested(_ levels: Int) -> String {
      String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
    }
    #expect(try rewritten(nested(512)) == nested(512))
    let tooDeep = try #require(refusal(Array(nested(513).utf8)))
    #expect(tooDeep.message.contains("512"))
    #expect(tooDeep.offset == 512 * open.utf8.count)
    #expect(refusal(Array(String(repeating: open, count: 200_000).utf8)) != nil)
  }

  @Test("Long texts are read in one pass: keys that repeat, digits, comments and escapes")
  func length() throws {
    let count = 100_000
    let keys = "{" + (0..<count).map { "\"k\($0 % 7)\":\($0)" }.joined(separator: ",") + "}"
    #expect(try parseJSON(Array(keys.utf8), .strict).members?.map(\.key) == (0..<7).map { "k\($0)" })
    let digits = String(repeating: "1", count: count)
    #expect(try rewritten(digits) == "null")
    #expect(try rewritten("0." + digits) == "0.1111111111111111")
    #expect(try rewritten(String(repeating: "/**/", count: count) + "1", .commented) == "1")
    let escapes = try parseJSON(Array(("\"" + String(repeating: #"\u0061"#, count: count) + "\"").utf8), .strict)
    #expect(escapes.string?.utf8.count == count)
  }
}

@Suite struct JSONWriting {
  @Test("With an indent, every element stands on its own line")
  func indent() throws {
    let root = try parseJSON(Array(#"{"a":[1,{"b":[]}],"c":{}}"#.utf8), .strict)
    #expect(
      jsonText(root, indent: "  ") == """
        {
          "a": [
            1,
            {
              "b": []
            }
          ],
          "c": {}
        }
        """)
    #expect(jsonText(JSONNode(.array([JSONNode(.null)])), indent: "--") == "[\n--null\n]")
  }

  @Test("Numbers that JSON has not are null")
  func numbers() {
    let numbers = [Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 1e21, 0.1 + 0.2]
    let text = jsonText(JSONNode(.array(numbers.map { JSONNode(.number($0)) })))
    #expect(text == "[null,null,null,0,5e-324,1e+21,0.30000000000000004]")
  }

  @Test("A text of more than the limit is none")
  func limit() throws {
    let root = try parseJSON(Array(#"[1,[2,[3]]]"#.utf8), .strict)
    #expect(jsonText(root, limit: 11) == "[1,[2,[3]]]")
    #expect(jsonText(root, limit: 10) == nil)
    #expect(jsonText(root, indent: "          ", limit: 64) == nil)
  }
}
