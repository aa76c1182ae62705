import StreamProbe
import Testing

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
      ("\u{FEFF}\n: c\n", [.comment(" c")]),
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

  @Test(
    "what goes past the bound is thrown away and said so, and the stream goes on",
    arguments: [
      ("data: 0123456789abcdef\n\n", [.tooLarge(.event)]),
      ("data: a\ndata: 0123456789abcdef\ndata: b\nevent: 0123456789abcdef\n\n", [.tooLarge(.event)]),
      ("event: 0123456789abcdef\ndata: x\n\n", [.tooLarge(.event)]),
      ("id: 0123456789abcdef\ndata: x\n\n", [.tooLarge(.event)]),
      ("data: 01234567\ndata: 01234567\n\n", [.tooLarge(.event)]),
      ("data: 01234567\ndata: 0123456\n\n", [message("01234567\n0123456")]),
      ("data: 0123456789\n\n", [message("0123456789")]),
      (":0123456789abcdef\ndata: x\n\n", [.tooLarge(.comment), message("x")]),
      (":0123456789abcde\ndata: x\n\n", [.comment("0123456789abcde"), message("x")]),
      ("unknown: 01234567\ndata: x\n\n", [.tooLarge(.otherField), message("x")]),
      ("retry: 01234567890\ndata: x\n\n", [.tooLarge(.otherField), message("x")]),
      ("\u{FEFF}data: 01234567\n\n", [.tooLarge(.event)]),
    ] as [(String, [EventStreamParser.Item])])
  func bounds(_ text: String, _ expected: [EventStreamParser.Item]) {
    for size in [1, 5, .max] {
      var parser = EventStreamParser(maximumBytes: 16)
      let bytes = Array((text + "data: next\n\n").utf8)
      #expect(items(bytes, chunk: size, &parser) == expected + [message("next")])
    }
  }

  @Test("what is endless is said while it lasts, once")
  func endless() {
    var parser = EventStreamParser(maximumBytes: 1000)
    let chunk = Array(repeating: UInt8(ascii: "a"), count: 600)
    #expect(parser.feed(Array("data: ".utf8)) == [])
    #expect(parser.feed(chunk) == [])
    #expect(parser.feed(chunk) == [.tooLarge(.event)])
    #expect(parser.feed(chunk) == [])
  }

  @Test("a reconnection time that is too large for Int is the largest")
  func saturatedRetry() {
    #expect(items("retry: 9223372036854775808\nretry: 00000000000000000000000000007\n") == [.retry(.max), .retry(7)])
  }

  @Test(
    "an event's size is that of its lines with their ends, without comments",
    arguments: [
      ("data: x\n\n", [9]),
      ("\n\nid: 1\n: comment\nunknown\ndata: x\n\ndata\n\n", [6 + 8 + 8 + 1, 6]),
      ("data: x\r\n\r\ndata: x\r\n:c\r\n\r\n", [11, 11]),
      ("data: x\r\rdata: x\r\r", [9, 9]),
    ])
  func sizes(_ text: String, _ expected: [Int]) {
    for size in [1, 3, .max] {
      #expect(tokens(Array(text.utf8), chunk: size).compactMap(\.wireBytes) == expected)
    }
  }

  @Test("an event that lies in one chunk is handed over where it lies")
  func nothingIsCopied() {
    var parser = EventStreamParser()
    Array("event: e\ndata: x\n\n".utf8).withUnsafeBytes { chunk in
      var places: [Int] = []
      parser.feed(chunk) { token in
        guard case .event(let event) = token, let base = chunk.baseAddress else { return }
        for part in [event.namedType.bytes, event.data.bytes] {
          places += part.baseAddress.map { [$0 - base] } ?? []
        }
      }
      #expect(places == [7, 15])
    }
  }

  @Test("one chunk or many, an empty one changes nothing")
  func emptyChunk() {
    var parser = EventStreamParser()
    #expect(parser.feed([]) == [])
    #expect(parser.feed(Array("data: x\r".utf8)) == [])
    #expect(parser.feed([]) == [])
    #expect(parser.feed(Array("\n\r".utf8)) == [message("x")])
  }
}
