// The methods of strings, with values that the specification gives, and what is not computed.
import Testing

@testable import AdminConfig

private func call(_ name: String, on text: String, _ arguments: Scalar...) -> String {
  callStringMethod(name, on: text, arguments).map { shown($0) } ?? "no method"
}

private func text(_ value: String) -> String { shown(.string(value)) }

private func pattern(_ source: String, _ flags: String = "") throws -> Scalar {
  .regularExpression(try RegularExpression(source, flags: flags))
}

@Suite struct StringMethods {
  private static let cut = "not computed: text cut inside a character"

  @Test func partsCountCodeUnits() {
    #expect(call("slice", on: "redis://h", .number(-4)) == text("://h"))
    #expect(call("substring", on: "abcdef", .number(4), .number(1)) == text("bcd"))
    #expect(call("substr", on: "abcdef", .number(-3), .number(2)) == text("de"))
    #expect(call("at", on: "abc", .number(-1)) == text("c"))
    #expect(call("at", on: "abc", .number(3)) == "undefined")
    #expect(call("charAt", on: "abc", .number(9)) == text(""))
    #expect(call("charCodeAt", on: "\u{1F600}", .number(1)) == "n:56832")
    #expect(call("codePointAt", on: "\u{1F600}") == "n:128512")
    #expect(call("indexOf", on: "\u{1F600}a", .string("a")) == "n:2")
    #expect(call("indexOf", on: "\r\na", .string("\n")) == "n:1")
    #expect(call("includes", on: "e\u{301}", .string("e")) == "true")
    #expect(call("startsWith", on: "undefined") == "true")
  }

  @Test(
    "A result that would hold half a character is not computed",
    arguments: [
      ("slice", [.number(1)]), ("charAt", [.number(0)]), ("at", [.number(-1)]), ("split", [.string("")]),
      ("substring", [.number(0), .number(1)]), ("padEnd", [.number(3), .string("\u{1F600}")]),
    ] as [(String, [Scalar])])
  func cutCharacters(_ name: String, _ arguments: [Scalar]) throws {
    #expect(shown(try #require(callStringMethod(name, on: "\u{1F600}", arguments))) == Self.cut)
  }

  @Test func casesThatEnginesMapDifferentlyAreNotComputed() {
    #expect(call("toUpperCase", on: "straße") == text("STRASSE"))
    #expect(call("toLowerCase", on: "\u{130}") == text("i\u{307}"))
    #expect(call("toLowerCase", on: "ΟΔΟΣ") == "not computed: the case of letters past ASCII")
    #expect(call("toUpperCase", on: "\u{264}") == "not computed: the case of letters past ASCII")
    #expect(call("toLocaleUpperCase", on: "i").hasPrefix("not computed"))
  }

  @Test func replacementsReferToTheMatch() throws {
    #expect(call("replace", on: "a-b-c", .string("-"), .string("[$`|$&|$']$$")) == text("a[a|-|b-c]$b-c"))
    #expect(call("replaceAll", on: "a-b-c", .string("-"), .string("+")) == text("a+b+c"))
    #expect(call("replaceAll", on: "ab", .string(""), .string("-")) == text("-a-b-"))
    let named = try pattern("(?<host>\\w+):(\\d+)")
    #expect(call("replace", on: "h:1", named, .string("$2:$<host>$<no>$3")) == text("1:h$3"))
    #expect(call("replaceAll", on: "a", try pattern("a"), .string("")) == "throws TypeError")
    #expect(call("replace", on: "\u{1F600}", try pattern("."), .string("")) == Self.cut)
    #expect(call("replace", on: "\u{1F600}", try pattern(".", "u"), .string("x")) == text("x"))
  }

  @Test func patternsSplitMatchAndSearch() throws {
    #expect(call("split", on: "a, b,c", try pattern(",\\s*")) == "[\(text("a")),\(text("b")),\(text("c"))]")
    #expect(call("split", on: "a1b", try pattern("(\\d)"), .number(2)) == "[\(text("a")),\(text("1"))]")
    #expect(call("split", on: "", try pattern("")) == "[]")
    #expect(call("split", on: "", .string(",")) == "[\(text(""))]")
    #expect(call("match", on: "a1b2", try pattern("\\d", "g")) == "[\(text("1")),\(text("2"))]")
    #expect(call("match", on: "b", try pattern("(a)?b")) == "[\(text("b")),undefined]")
    #expect(call("match", on: "b", .string("(")) == "throws SyntaxError")
    #expect(call("search", on: "ab", .string("b")) == "n:1")
    #expect(call("matchAll", on: "ab", try pattern("b", "g")).hasPrefix("not computed"))
    #expect(
      call("replace", on: "ab", try pattern("a", "y"), .string("")) == "not computed: a sticky regular expression")
  }

  @Test func unknownMethodsAndErrors() {
    #expect(call("big", on: "a") == "no method")
    #expect(call("repeat", on: "a", .number(-1)) == "throws RangeError")
    #expect(call("normalize", on: "a", .string("X")) == "throws RangeError")
    #expect(call("normalize", on: "é").hasPrefix("not computed"))
    #expect(call("localeCompare", on: "a", .string("b")).hasPrefix("not computed"))
    #expect(call("localeCompare", on: "a", .string("a")) == "n:0")
    #expect(callNumberMethod("toFixed", on: 1, [.number(101)]).map { shown($0) } == "throws RangeError")
    #expect(callNumberMethod("toString", on: 1, [.number(1)]).map { shown($0) } == "throws RangeError")
    #expect(callNumberMethod("length", on: 1, []).map { shown($0) } == nil)
    #expect(callGlobal("Math.max", []).map { shown($0) } == "n:-Infinity")
    #expect(callGlobal("Math.random", []).map { shown($0) } == "not computed: a random number")
    #expect(callGlobal("Math.none", []).map { shown($0) } == nil)
    #expect(callGlobal("eval", []).map { shown($0) } == nil)
    #expect(callGlobal("decodeURIComponent", [.string("%")]).map { shown($0) } == "throws URIError")
    #expect(callGlobal("btoa", [.string("€")]).map { shown($0) } == "throws InvalidCharacterError")
    #expect(
      callGlobal("String", [.list([.number(1), .null, .list([.boolean(true)])])]).map { shown($0) } == text("1,,true"))
  }

  @Test(
    "A hostile call ends, and is not computed",
    arguments: [
      ("repeat", [.number(1e9)]), ("padStart", [.number(1e300)]), ("padEnd", [.number(.infinity)]),
      ("split", [.string("")]), ("replaceAll", [.string(""), .string("$'$'$'")]),
      ("replaceAll", [.string("a"), .string("$`$`")]),
    ] as [(String, [Scalar])])
  func hostileCalls(_ name: String, _ arguments: [Scalar]) throws {
    let long = String(repeating: "a", count: 200_000)
    let result = try #require(callStringMethod(name, on: long, arguments))
    #expect(shown(result).hasPrefix("not computed"))
  }

  @Test func captureListsAreBounded() throws {
    let long = String(repeating: "a", count: 20_000)
    let quadratic = try pattern("(?=(.*))", "g")
    #expect(replacementMatches(in: long, pattern: quadratic, all: true) == nil)
    #expect(call("split", on: long, try pattern("(?=(.*))")).hasPrefix("not computed"))
  }

  @Test func deepListsHaveNoText() {
    var list = Scalar.list([.number(1)])
    for _ in 0..<40 { list = .list([list, list]) }
    #expect(list.convertedText == nil)
    #expect(callGlobal("String", [list]).map { shown($0) }?.hasPrefix("not computed") == true)
  }

  @Test func searchingIsLinear() {
    let text = String(repeating: "a", count: 300_000)
    let part = String(repeating: "a", count: 150_000) + "b"
    #expect(call("indexOf", on: text, .string(part)) == "n:-1")
    #expect(call("lastIndexOf", on: text, .string("b" + part)) == "n:-1")
  }
}
