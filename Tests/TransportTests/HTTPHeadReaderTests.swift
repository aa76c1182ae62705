import Testing

@testable import Transport

/// What a reader makes of these lines, each a call of libcurl's.
private func read(_ lines: [String]) -> (steps: [HTTPHeadReader.Step], reader: HTTPHeadReader) {
  var reader = HTTPHeadReader()
  return (lines.map { line in Array(line.utf8).withUnsafeBytes { reader.take($0) } }, reader)
}

/// The only final head in these steps, and the number of the line that completed it.
private func head(_ steps: [HTTPHeadReader.Step]) throws -> (head: HTTPHead, line: Int) {
  var found: [(HTTPHead, Int)] = []
  for (number, step) in steps.enumerated() {
    switch step {
    case .more: continue
    case .head(let head): found.append((head, number))
    case .tooLarge(let words): Issue.record("\(words)")
    }
  }
  #expect(found.count == 1)
  return try #require(found.first)
}

private func refusal(_ step: HTTPHeadReader.Step) -> String? {
  if case .tooLarge(let words) = step { words } else { nil }
}

private func shown(_ fields: [(name: String, value: String)]) -> [String] { fields.map { "\($0.name)=\($0.value)|" } }

/// The lines are those that libcurl 7.88.1 hands over for such responses.
@Suite("The reader of HTTP heads")
struct HTTPHeadReaderTests {
  @Test(
    "reads status lines",
    arguments: [
      ("HTTP/1.1 200 OK\r\n", "1.1", 200, "OK"),
      ("HTTP/2 200 \r\n", "2", 200, ""),
      ("HTTP/1.0 404 Not  Found \r\n", "1.0", 404, "Not  Found"),
      ("HTTP/1.1 502\r\n", "1.1", 502, ""),
      ("HTTP/1.1 502\n", "1.1", 502, ""),
      ("HTTP/1.1  200   OK  then\r\n", "1.1", 200, "OK  then"),
      ("HTTP/1.1 101 Switching Protocols\r\n", "1.1", 101, "Switching Protocols"),
      ("HTTP/1.1 700 \u{1B}[2J\r\n", "1.1", 700, "\u{1B}[2J"),
    ])
  func statusLines(_ line: String, _ version: String, _ status: Int, _ reason: String) throws {
    let head = try head(read([line, "\r\n"]).steps).head
    #expect(head.version == version && head.status == status && head.reason == reason)
  }

  @Test("keeps headers in order, in their own spelling, without the blanks around a value")
  func headers() throws {
    let (found, line) = try head(
      read([
        "HTTP/1.1 200 OK\r\n", "content-TYPE:text/event-stream\r\n", "X-A:  \t one two \t \r\n", "x-a:\r\n",
        "X-A: a:b\n",
        "HTTP/x: y\r\n", "X-CR: a\rb\r\r\n", "No colon\r\n", "\r\n",
      ]).steps)
    #expect(
      shown(found.headers) == [
        "content-TYPE=text/event-stream|", "X-A=one two|", "x-a=|", "X-A=a:b|", "HTTP/x=y|", "X-CR=a b|", "No colon=|",
      ])
    #expect(line == 8)
    #expect(found.value(of: "x-a") == "a:b")
  }

  @Test("puts folded lines together; one that folds nothing is dropped")
  func folded() throws {
    let lines = [
      "HTTP/1.1 200 OK\r\n", "  zero\r\n", "X-A: one \r\n", "  two\r\n", "\tthree\r\n", " \r\n", "B:\r\n", " c\r\n",
    ]
    #expect(shown(try head(read(lines + ["\r\n"]).steps).head.headers) == ["X-A=one two three|", "B=c|"])
  }

  @Test("replaces what is not UTF-8")
  func invalidBytes() throws {
    var reader = HTTPHeadReader()
    var steps: [HTTPHeadReader.Step] = []
    for line in [Array("HTTP/1.1 200 \u{E9}\n".utf8), [0x41, 0xFF, 0x3A, 0x20, 0xE9, 0x0D, 0x0A], [0x0D, 0x0A]] {
      steps.append(line.withUnsafeBytes { reader.take($0) })
    }
    let found = try head(steps).head
    #expect(found.reason == "\u{E9}" && shown(found.headers) == ["A\u{FFFD}=\u{FFFD}|"])
  }

  @Test("passes over interim heads, with what stands in them")
  func interimHeads() throws {
    let (found, line) = try head(
      read([
        "HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n",
        "HTTP/1.1 200 OK\r\n",
        "A: b\r\n", "\r\n",
      ]).steps)
    #expect(found.status == 200 && shown(found.headers) == ["A=b|"] && line == 7)
  }

  @Test("takes what follows the final head's empty line as trailers")
  func trailers() throws {
    let (steps, reader) = read([
      "HTTP/1.1 200 OK\r\n", "A: b\r\n", "\r\n", "X-T: one\r\n", "HTTP/1.1 200 OK\r\n", "X-U: two\r\n", " three\r\n",
      "\r\n",
    ])
    #expect(shown(try head(steps).head.headers) == ["A=b|"])
    #expect(shown(reader.trailers) == ["X-T=one|", "HTTP/1.1 200 OK=|", "X-U=two three|"])
    #expect(reader.headIsComplete)
  }

  @Test("ends a head where libcurl does: at a line that begins with CR or LF", arguments: ["\r\n", "\n", "\r\r\n", ""])
  func emptyLines(_ line: String) throws {
    #expect(try head(read(["HTTP/1.1 200 OK\r\n", line]).steps).line == 1)
  }

  @Test("keeps 64 KiB of all heads together, and says that there was more")
  func headBound() {
    let full = String(repeating: "a", count: HTTPBounds.headerBytes - 40) + "\r\n"
    let interim = ["HTTP/1.1 103 Early Hints\r\n", full, "\r\n"]
    let (steps, reader) = read(interim + ["HTTP/1.1 200 OK\r\n", "A: b\r\n", "\r\n"])
    #expect(steps.map(refusal) == [nil, nil, nil] + Array(repeating: "more than 64 KiB of response headers", count: 3))
    #expect(!reader.headIsComplete)
  }

  @Test("keeps 64 KiB of trailers, and says that there was more")
  func trailerBound() {
    let line = "a: " + String(repeating: "b", count: 1019) + "\r\n"
    let (steps, reader) = read(["HTTP/1.1 200 OK\r\n", "\r\n"] + Array(repeating: line, count: 65))
    #expect(reader.trailers.count == 64)
    #expect(steps.dropLast().allSatisfy { refusal($0) == nil })
    #expect(steps.last.flatMap(refusal) == "more than 64 KiB of trailers")
  }
}
