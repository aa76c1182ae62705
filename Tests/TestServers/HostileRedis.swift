/// What may answer in Redis' place: other protocols, and replies that break RESP or mean harm. For `RawTCPServer`, which
/// gives each connection the script.
///
/// A dialogue with a real server that breaks off at any byte is `DelayingRelay`'s `cutAfter`.
public enum HostileRedis: String, Sendable, CaseIterable {
  /// It accepts and never says a word.
  case silence
  /// It closes every connection at once.
  case closesAtOnce
  /// It resets the connection when it is spoken to.
  case resets
  /// A web server: it refuses what is no HTTP, and closes.
  case httpAnswer
  /// A TLS server: it answers plain text with an alert (RFC 8446 section 6: fatal, unexpected message), and closes.
  case tlsAlert
  /// An SSH server: it speaks first.
  case sshBanner
  /// Bytes that are text in no protocol.
  case zeroBytes
  /// The beginning of a status, and silence.
  case halfStatus
  /// The beginning of a bulk string, and silence.
  case halfBulkString
  /// The first of two elements, and silence.
  case halfArray
  /// A status that never ends.
  case endlessStatus
  /// A bulk string of the greatest length that Redis allows (512 MB), which is sent as fast as it goes.
  case endlessBulkString
  /// The same, one byte in ten milliseconds.
  case drippingBulkString
  /// A bulk string longer than any memory.
  case hugeBulkString
  /// The beginning of an array of a thousand million elements.
  case hugeArray
  /// An array that really sends them all.
  case endlessArray
  /// A length below the one that stands for null.
  case negativeLength
  /// Arrays in arrays, a hundred thousand deep.
  case deepNesting
  /// A push message of RESP3, which nobody asked for, before a good reply.
  case resp3Push
  /// A map of RESP3 for a reply.
  case resp3Map
  /// Good replies without end, whatever was asked.
  case endlessReplies

  /// What every connection gets.
  public var script: RawTCPServer.Script {
    switch self {
    case .silence: .init(then: .staysSilent)
    case .closesAtOnce: .init(waitsForFirstBytes: false, then: .closes)
    case .resets: .init(then: .resets)
    case .httpAnswer:
      Self.sends("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", then: .closes)
    case .tlsAlert: .init(sends: [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0A], then: .closes)
    case .sshBanner:
      .init(
        waitsForFirstBytes: false, sends: Array("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n".utf8), then: .staysSilent)
    case .zeroBytes: Self.sends("\0\0\0\r\n")
    case .halfStatus: Self.sends("+PO")
    case .halfBulkString: Self.sends("$5\r\nhel")
    case .halfArray: Self.sends("*2\r\n$5\r\nhello\r\n")
    case .endlessStatus: Self.sends("+", then: Self.repeats("a"))
    case .endlessBulkString: Self.sends("$536870912\r\n", then: Self.repeats("a"))
    case .drippingBulkString: Self.sends("$536870912\r\n", pausing: .milliseconds(10), then: Self.repeats("a"))
    case .hugeBulkString: Self.sends("$9223372036854775807\r\n")
    case .hugeArray: Self.sends("*1000000000\r\n")
    case .endlessArray: Self.sends("*1000000000\r\n", then: Self.repeats(":1\r\n"))
    case .negativeLength: Self.sends("*-7\r\n")
    case .deepNesting: Self.sends(String(repeating: "*1\r\n", count: 100_000) + ":1\r\n")
    case .resp3Push: Self.sends(">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n+PONG\r\n")
    case .resp3Map: Self.sends("%1\r\n+server\r\n+redis\r\n")
    case .endlessReplies: Self.sends("", then: Self.repeats("+PONG\r\n"))
    }
  }

  /// Many at a time: byte for byte, a megabyte would take a million system calls.
  private static func repeats(_ text: String) -> RawTCPServer.Script.Ending {
    .repeats(Array(String(repeating: text, count: 4096).utf8))
  }

  private static func sends(
    _ text: String, pausing pause: Duration? = nil, then ending: RawTCPServer.Script.Ending = .staysSilent
  ) -> RawTCPServer.Script {
    .init(sends: Array(text.utf8), pausing: pause, then: ending)
  }
}

extension RawTCPServer.Script {
  /// Bulk strings without end, each within what one reply may take.
  public static let manyLongReplies = RawTCPServer.Script(
    then: .repeats(Array("$3145728\r\n\(String(repeating: "a", count: 3_145_728))\r\n".utf8)))
}
