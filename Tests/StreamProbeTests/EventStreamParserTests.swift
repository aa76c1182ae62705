import StreamProbe
import Testing

/// The events and comments in `bytes`, fed in chunks of `size`.
private func items(_ bytes: [UInt8], chunk size: Int = .max) -> [EventStreamParser.Item] {
  var parser = EventStreamParser()
  var found: [EventStreamParser.Item] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    found += parser.feed(rest.prefix(size))
    rest = rest.dropFirst(size)
  }
  return found
}

private func items(_ text: String) -> [EventStreamParser.Item] { items(Array(text.utf8)) }

private func message(_ data: String, type: String = "message", id: String = "") -> EventStreamParser.Item {
  .event(type: type, data: data, lastEventID: id)
}

@Suite("The event stream parser follows WHATWG HTML 9.2.6")
struct EventStreamParserTests {
  @Test(
    "what is dispatched",
    arguments: [
      ("data: one\n\ndata: two\ndata: lines\n\n", [message("one"), message("two\nlines")]),
      ("event: ready\ndata: {}\n\n", [message("{}", type: "ready")]),
      (": keep-alive\n\n", [.comment(" keep-alive")]),
      (":no blank\n\n", [.comment("no blank")]),
      ("data\n\ndata\ndata\n\ndata:", [message(""), message("\n")]),
      ("data:  two blanks\n\n", [message(" two blanks")]),
      ("data: no blank line at the end", []),
      ("event: only a type\n\ndata: x\n\n", [message("x")]),
      ("id: 7\ndata: x\n\ndata: y\n\n", [message("x", id: "7"), message("y", id: "7")]),
      ("id: 7\ndata: x\n\nid\ndata: y\n\n", [message("x", id: "7"), message("y")]),
      ("id: a\u{0}b\ndata: x\n\n", [message("x")]),
      ("retry: 1500\n\nretry: 1s\n\nretry:\n\n", [.retry(1500)]),
      ("unknown: x\nData: x\n data: x\n\n", []),
      ("data: a\u{2028}b\u{85}c\u{B}d\n\n", [message("a\u{2028}b\u{85}c\u{B}d")]),
      ("\u{FEFF}data: x\n\n\u{FEFF}data: y\n\n", [message("x")]),
      ("\u{FEFF}\u{FEFF}data: x\n\n", []),
    ] as [(String, [EventStreamParser.Item])])
  func dispatches(_ text: String, _ expected: [EventStreamParser.Item]) {
    #expect(items(text) == expected)
  }

  @Test("lines end with LF, CR and CRLF, mixed", arguments: ["\n", "\r", "\r\n"])
  func lineEnds(_ end: String) {
    #expect(items("data: a\(end)data: b\(end)\(end)data: c\(end)\(end)") == [message("a\nb"), message("c")])
  }

  @Test("invalid bytes become one replacement character each, a truncated sequence one")
  func invalidBytes() {
    #expect(items(Array("data: ".utf8) + [0xFF, 0x41, 0xE2, 0x82, 0x0A, 0x0A]) == [message("\u{FFFD}A\u{FFFD}")])
  }

  @Test("any chunking gives the same events", arguments: 1...9)
  func chunking(_ size: Int) {
    let text = "\u{FEFF}id: 1\r\nevent: ä\r\ndata: 世界\r\rdata: x\n\r\n: c\r\n\r\ndata: end\n\n"
    let whole = items(Array(text.utf8))
    #expect(whole.count == 4)
    #expect(items(Array(text.utf8), chunk: size) == whole)
  }

  @Test("a line past the bound is thrown away and said so, and the stream goes on")
  func longLine() {
    var parser = EventStreamParser(maximumBytes: 16)
    let found = parser.feed(Array("data: 0123456789abcdef\n\ndata: x\n\n".utf8))
    #expect(found == [.tooLarge, message("x")])
  }

  @Test("an event past the bound is thrown away and said so, and the stream goes on")
  func longEvent() {
    var parser = EventStreamParser(maximumBytes: 16)
    let found = parser.feed(Array("data: 0123456\ndata: 0123456789\n\ndata: x\n\n".utf8))
    #expect(found == [.tooLarge, message("x")])
  }
}
