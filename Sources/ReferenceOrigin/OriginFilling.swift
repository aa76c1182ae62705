import NIOCore

/// What numbered events are made longer with. It repeats itself after a megabyte, far past the window of gzip (32 KiB).
struct OriginFilling: Sendable {
  private static let size = 1 << 20
  private let characters: [UInt8]

  /// Nothing where events are not made longer.
  init(_ settings: OriginSettings) {
    characters =
      switch (settings.dataSize, settings.filling) {
      case (0, _): []
      case (_, .words): Self.words()
      case (_, .random): Self.randomCharacters()
      }
  }

  /// Writes so many characters from a position on, which it moves.
  func write(_ count: Int, from position: inout Int, into buffer: inout ByteBuffer) {
    var missing = count
    while missing > 0 {
      let part = characters[position..<min(position + missing, characters.count)]
      buffer.writeBytes(part)
      missing -= part.count
      position = part.endIndex == characters.count ? 0 : part.endIndex
    }
  }

  private static func words() -> [UInt8] {
    let people = ["Anna Berg", "Tom Okafor", "Mei Tanaka", "Luis Romero", "Eva Novak"]
    let states = ["paid", "shipped", "refunded", "on hold", "delivered"]
    var generator = SplitMix()
    var characters: [UInt8] = []
    while characters.count < size {
      let order = Int(generator.next() % 90_000) + 10_000
      let row = "order \(order) \(states[order % 5]) by \(people[order / 5 % 5]), \(order % 9 + 1) items; "
      characters += Array(row.utf8)
    }
    return characters
  }

  private static func randomCharacters() -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var generator = SplitMix()
    var bits: UInt64 = 0
    return (0..<size).map { index in
      if index % 10 == 0 { bits = generator.next() } else { bits >>= 6 }
      return alphabet[Int(bits & 63)]
    }
  }
}

/// SplitMix64: random enough for no compressor to see through, and without a system call for each number.
private struct SplitMix {
  private var state = UInt64.random(in: .min ... .max)

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
