import Foundation
import Testing

@testable import Transport

@Suite("WebSocket frames (RFC 6455 section 5)") struct WebSocketFrameTests {
  /// All events in the bytes, however they are cut.
  private func events(in bytes: [UInt8], cutAt size: Int = .max) throws -> [WebSocketEvent] {
    var reader = WebSocketFrameReader()
    var events: [WebSocketEvent] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      reader.feed(rest.prefix(size))
      rest = rest.dropFirst(size)
      while let event = try reader.next() { events.append(event) }
    }
    return events
  }

  @Test("the examples of section 5.7, whole and byte by byte", arguments: [1, 2, 3, 1000])
  func examples(size: Int) throws {
    let hello: [UInt8] = [0x48, 0x65, 0x6C, 0x6C, 0x6F]
    #expect(try events(in: [0x81, 0x05] + hello, cutAt: size) == [.text("Hello")])
    #expect(
      try events(in: [0x01, 0x03, 0x48, 0x65, 0x6C, 0x89, 0x01, 0x2A, 0x80, 0x02, 0x6C, 0x6F], cutAt: size)
        == [.ping([0x2A]), .text("Hello")])
    #expect(try events(in: [0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 1, count: 256), cutAt: size) == [.binary])
    #expect(
      try events(in: [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 1, count: 65_536), cutAt: size)
        == [.binary])
    #expect(try events(in: [0x88, 0x00, 0x8A, 0x00], cutAt: size) == [.close(code: nil, reason: ""), .pong])
    #expect(
      try events(in: [0x88, 0x05, 0x03, 0xF3] + Array("bye".utf8), cutAt: size) == [.close(code: 1011, reason: "bye")])
  }

  @Test("a client's frame is masked: the example of section 5.7, and lengths of all three kinds")
  func masked() throws {
    #expect(
      webSocketFrame(1, Array("Hello".utf8), mask: [0x37, 0xFA, 0x21, 0x3D])
        == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    let mask: [UInt8] = [1, 2, 3, 4]
    #expect(webSocketFrame(1, [UInt8](repeating: 0, count: 126), mask: mask).prefix(4) == [0x81, 0xFE, 0, 126])
    #expect(
      webSocketFrame(1, [UInt8](repeating: 0, count: 70_000), mask: mask).prefix(10)
        == [0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0x11, 0x70])
  }

  @Test(
    "what a server must not send is refused, and said in words",
    arguments: [
      ([0x81, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9], "masks"),
      ([0xC1, 0x00], "reserved bits"),
      ([0x83, 0x00], "reserved opcode 3"),
      ([0x80, 0x00], "not begun"),
      ([0x01, 0x00, 0x81, 0x00], "within another"),
      ([0x09, 0x00], "control frame"),
      ([0x89, 0x7E, 0, 126], "control frame"),
      ([0x88, 0x01, 0x03], "half a code"),
      ([0x81, 0x01, 0xFF], "not UTF-8"),
      ([0x81, 0x7F, 0, 0, 0, 0, 0, 0x10, 0, 1], "more than 1024 KiB"),
      ([0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "more than 1024 KiB"),
    ] as [([UInt8], String)])
  func violations(_ bytes: [UInt8], words: String) {
    for size in [1, 1000] {
      let violation = #expect(throws: WebSocketViolation.self) { try events(in: bytes, cutAt: size) }
      #expect(violation?.detail.contains(words) == true, "\(violation?.detail ?? "")")
    }
  }

  @Test("a message in more parts than a message may have bytes is refused before it has them")
  func endlessParts() {
    let part = [0x7F, 0, 0, 0, 0, 0, 0x04, 0, 0] + [UInt8](repeating: 0x61, count: 4 << 16)
    let bytes = [0x01] + part + (0..<4).flatMap { _ in [0x00] + part }
    #expect(throws: WebSocketViolation("a message of more than 1024 KiB")) { try events(in: bytes) }
  }

  @Test("arbitrary bytes neither crash nor hang it")
  func arbitrary() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<5_000 {
      let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: .min ... .max, using: &generator)
      }
      _ = try? events(in: bytes, cutAt: 3)
    }
  }
}
