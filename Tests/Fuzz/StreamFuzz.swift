// What libFuzzer runs: what an origin sends, made of any bytes, read as an event stream or as WebSocket frames in pieces,
// or as HTTP heads a line at a time. It must end, must not crash, and must keep no more than the bounds allow. How a stream
// is cut must change nothing, and what comes out must be what the specification's steps give.
//
// An input is a line of settings and, after its end, the origin's bytes. The line's first byte is h for heads, w for
// frames, else it gives the parser's bound; the others say how long each piece is, in turn, or how often the heads are
// repeated.
import CFuzzer

@testable import StreamProbe
@testable import Transport

/// One input, as libFuzzer hands it over; always 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  guard let lineEnd = input.firstIndex(of: 0x0A), let first = input.first else { return 0 }
  let settings = input[..<lineEnd].dropFirst().map { max(1, Int($0)) }
  let bytes = Array(input[(lineEnd + 1)...])
  let pieces = settings.isEmpty ? [1] : settings
  switch first {
  case UInt8(ascii: "h"): readHeads(bytes, times: settings.first ?? 1)
  case UInt8(ascii: "w"): readFrames(bytes, pieces: pieces)
  default: readEvents(bytes, pieces: pieces, bound: 16 + Int(first & 0x3F))
  }
  return 0
}

// MARK: - Event streams

/// What a token says, to compare.
private struct Kept: Equatable {
  var item: EventStreamParser.Item
  var wireBytes = 0

  init(_ token: EventStreamToken) {
    item = EventStreamParser.Item(token)
    if case .event(let event) = token { wireBytes = event.wireBytes }
  }
}

private func readEvents(_ bytes: [UInt8], pieces: [Int], bound: Int) {
  for bound in [bound, Int.max] {
    let whole = tokens(bytes, pieces: [max(1, bytes.count)], bound: bound)
    let cut = tokens(bytes, pieces: pieces, bound: bound)
    precondition(cut.kept == whole.kept && cut.lastEventID == whole.lastEventID, "how a stream is cut changes it")
    precondition(whole.kept.reduce(0) { $0 + $1.wireBytes } <= bytes.count + whole.kept.count, "events out of nothing")
    guard bound == .max else { continue }
    let expected = referenceReading(bytes)
    precondition(
      whole.kept.map(\.item) == expected.items && whole.lastEventID == expected.lastEventID, "not what the steps give")
  }

  var parser = EventStreamParser(maximumBytes: bound)
  // Five buffers, each up to twice as large as its content, and their heads.
  let limit = __sanitizer_get_current_allocated_bytes() + 5 * (2 * bound + 64)
  each(bytes, pieces) { piece in
    parser.feed(piece) { _ in }
    precondition(__sanitizer_get_current_allocated_bytes() <= limit + piece.count, "more is kept than the bound allows")
  }
}

private func tokens(_ bytes: [UInt8], pieces: [Int], bound: Int) -> (kept: [Kept], lastEventID: String) {
  var parser = EventStreamParser(maximumBytes: bound)
  var kept: [Kept] = []
  each(bytes, pieces) { piece in parser.feed(piece) { kept.append(Kept($0)) } }
  return (kept, parser.lastEventID)
}

/// Hands over the pieces, each in memory of its own, so that what is read beside it, or after it is gone, is found.
private func each(_ bytes: [UInt8], _ sizes: [Int], _ body: (UnsafeRawBufferPointer) -> Void) {
  var rest = bytes[...]
  var turn = 0
  while !rest.isEmpty {
    let piece = rest.prefix(sizes[turn % sizes.count])
    rest = rest.dropFirst(piece.count)
    turn += 1
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
    memory.copyBytes(from: piece)
    body(UnsafeRawBufferPointer(memory))
    memory.deallocate()
  }
}

// MARK: - WebSocket frames

private func readFrames(_ bytes: [UInt8], pieces: [Int]) {
  let whole = frames(bytes, pieces: [max(1, bytes.count)])
  let cut = frames(bytes, pieces: pieces)
  precondition(cut.events == whole.events && cut.violation == whole.violation, "how frames are cut changes them")
  let kept = whole.events.reduce(0) { sum, event in
    switch event {
    case .text(let text): sum + text.utf8.count
    case .ping(let bytes): sum + bytes.count
    // A byte that is not UTF-8 becomes three.
    case .close(_, let reason): sum + reason.utf8.count / 3
    case .binary, .pong: sum
    }
  }
  precondition(kept <= bytes.count, "messages out of nothing")
}

private func frames(_ bytes: [UInt8], pieces: [Int]) -> (events: [WebSocketEvent], violation: WebSocketViolation?) {
  var reader = WebSocketFrameReader()
  var events: [WebSocketEvent] = []
  var violation: WebSocketViolation?
  each(bytes, pieces) { piece in
    guard violation == nil else { return }
    reader.feed(piece)
    do throws(WebSocketViolation) {
      while let event = try reader.next() { events.append(event) }
    } catch {
      violation = error
    }
  }
  return (events, violation)
}

// MARK: - HTTP heads

/// Reads the lines of `bytes` as libcurl cuts them, again and again, so that the bounds are reached.
private func readHeads(_ bytes: [UInt8], times: Int) {
  let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) + [0x0A] }
  var reader = HTTPHeadReader()
  var (headBytes, trailerBytes) = (0, 0)
  for line in repeatElement(lines, count: times).joined() {
    let readsTrailers = reader.headIsComplete
    if readsTrailers { trailerBytes += line.count } else { headBytes += line.count }
    each(line, [line.count]) { line in
      let isPastBound = (readsTrailers ? trailerBytes : headBytes) > HTTPBounds.headerBytes
      switch reader.take(line) {
      case .tooLarge(let words): precondition(isPastBound && !words.isEmpty, "refused within the bound")
      case .more: precondition(!isPastBound, "kept past the bound")
      case .head(let head):
        precondition(!isPastBound && !readsTrailers && reader.headIsComplete, "a head that isn't the final one")
        check(head.headers, headBytes)
        precondition(
          head.status == 101 || !(100...199).contains(head.status), "an interim head is taken as the final one")
      }
    }
  }
  check(reader.trailers, min(trailerBytes, HTTPBounds.headerBytes))
}

/// No more is kept than came, where each byte may have become a replacement character.
private func check(_ fields: [(name: String, value: String)], _ count: Int) {
  precondition(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } <= 3 * count, "fields out of nothing")
  precondition(
    !fields.contains { $0.name.utf8.contains { $0 == 0x0A || $0 == 0x0D } || $0.value.utf8.contains(0x0A) },
    "a line end in a field")
}
