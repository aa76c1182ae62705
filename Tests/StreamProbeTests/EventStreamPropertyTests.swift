import StreamProbe
import Testing

@Suite("Any bytes, in any chunks")
struct EventStreamPropertyTests {
  @Test("are read as the specification's steps read them", arguments: 0..<20 as Range<UInt64>)
  func likeTheReference(_ seed: UInt64) {
    var random = SeededGenerator(seed)
    for _ in 0..<200 {
      let bytes = stream(&random)
      var parser = EventStreamParser(maximumBytes: .max)
      let found = tokens(bytes, chunks: chunkSizes(&random), &parser).map(\.item)
      let expected = referenceReading(bytes)
      #expect(found == expected.items, "seed \(seed): \(bytes)")
      #expect(parser.lastEventID == expected.lastEventID, "seed \(seed): \(bytes)")
    }
  }

  @Test("give the same tokens as the whole does, under any bound", arguments: 0..<20 as Range<UInt64>)
  func chunking(_ seed: UInt64) {
    var random = SeededGenerator(seed)
    for _ in 0..<200 {
      let bytes = stream(&random)
      let bound = Int.random(in: 16...40, using: &random)
      var (whole, inPieces) = (EventStreamParser(maximumBytes: bound), EventStreamParser(maximumBytes: bound))
      let expected = tokens(bytes, chunks: [max(1, bytes.count)], &whole)
      #expect(tokens(bytes, chunks: chunkSizes(&random), &inPieces) == expected, "seed \(seed): \(bytes)")
      #expect(inPieces.lastEventID == whole.lastEventID, "seed \(seed): \(bytes)")
    }
  }

  @Test("lose to a bound only as many events and comments as it says", arguments: 0..<20 as Range<UInt64>)
  func bounded(_ seed: UInt64) {
    var random = SeededGenerator(seed)
    for _ in 0..<200 {
      let bytes = stream(&random)
      var parser = EventStreamParser(maximumBytes: 16)
      let found = tokens(bytes, chunks: chunkSizes(&random), &parser).map(\.item)
      let all = referenceReading(bytes).items
      for (named, excess) in [(event, EventStreamExcess.event), (comment, .comment)] {
        let (kept, expected) = (found.compactMap(named), all.compactMap(named))
        var rest = expected[...]
        for text in kept {
          guard let place = rest.firstIndex(of: text) else {
            Issue.record("seed \(seed): \(text) is not in \(bytes)")
            return
          }
          rest = rest[(place + 1)...]
        }
        // An event without data is refused too, and would not have been dispatched.
        #expect(expected.count - kept.count <= found.count { $0 == .tooLarge(excess) }, "seed \(seed): \(bytes)")
      }
    }
  }
}

private func event(_ item: EventStreamParser.Item) -> [String]? {
  if case .event(let type, let data, _) = item { [type, data] } else { nil }
}

private func comment(_ item: EventStreamParser.Item) -> [String]? {
  if case .comment(let text) = item { [text] } else { nil }
}

// MARK: - What is fed

private let pieces: [[UInt8]] =
  [
    "data", "event", "id", "retry", ":", ": ", "\n", "\r", "\r\n", "\n\n", "\0", " ", "12345", "\u{FEFF}", "é", "世",
    "😀",
  ]
  .map { Array($0.utf8) }
  + ["data: x\n", "data: some\n\n", "id: 7\r\n", ": beat\n", "event: e\r", "retry: 99999999999999999999\n"]
  .map { Array($0.utf8) }
  + [[0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90], [0xEF, 0xBB], [0xFF]]

/// Pieces that mean something to the parser, and any bytes.
private func stream(_ random: inout SeededGenerator) -> [UInt8] {
  var bytes: [UInt8] = []
  for _ in 0..<Int.random(in: 0...60, using: &random) {
    if let piece = pieces.randomElement(using: &random), Int.random(in: 0..<10, using: &random) > 0 {
      bytes += piece
    } else {
      bytes.append(UInt8.random(in: .min ... .max, using: &random))
    }
  }
  return bytes
}

private func chunkSizes(_ random: inout SeededGenerator) -> [Int] {
  let largest = [1, 2, 8, 64].randomElement(using: &random) ?? 1
  return (0..<5).map { _ in Int.random(in: 1...largest, using: &random) }
}

/// SplitMix64, so that a failing run can be repeated.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
