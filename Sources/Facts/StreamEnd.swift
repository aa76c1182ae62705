extension StreamFacts {
  /// How a stream ended.
  public enum End: Codable, Sendable, Equatable {
    /// The probe closed it: it had seen what it came for, or its time was over.
    case closedByProbe
    /// The body ended in good order, which a proxy may make of an origin that died. A coding that was cut off before it
    /// looks the same: libcurl does not ask for its end.
    case complete(Framing)
    /// The body ended before its end.
    case cut(Cut)
  }

  /// What marked the end of a body that ended in good order.
  public enum Framing: String, Codable, Sendable {
    /// HTTP/1.1's last chunk (RFC 9112 section 7.1).
    case lastChunk
    /// As many bytes as Content-Length says (RFC 9110 section 8.6).
    case contentLength
    /// HTTP/2's END_STREAM flag (RFC 9113 section 8.1); or RST_STREAM with NO_ERROR, or frames that are none, which
    /// libcurl 7.88 does not tell from it.
    case endStream
    /// Nothing: a response of its status has no body (RFC 9110 sections 15.3.5 and 15.4.5).
    case noBody
    /// The end of the connection, as nothing else was announced (RFC 9112 section 6.3): any loss looks the same.
    case connectionClosed
  }

  /// A body's end in its middle.
  public struct Cut: Codable, Sendable, Equatable {
    /// The ways in which a body is cut.
    public enum Kind: String, Codable, Sendable {
      /// The connection was closed (TCP FIN) before the last chunk, END_STREAM or the announced length.
      case endOfFile
      /// The connection was reset (TCP RST).
      case reset
      /// HTTP/2's RST_STREAM (RFC 9113 section 6.4).
      case streamReset
      /// HTTP/2's GOAWAY (RFC 9113 section 6.8).
      case goAway
      /// The framing of chunks is not that of RFC 9112 section 7.1.
      case malformed
      /// The Content-Encoding could not be undone.
      case undecodable
      /// More came than the probe takes.
      case tooLarge
      case other
    }

    /// How it was cut.
    public var kind: Kind
    /// HTTP/2's error code (RFC 9113 section 7); nil for other cuts.
    public var code: Int?
    /// What came back, in words.
    public var detail: String

    /// A cut of a kind, in words.
    public init(_ kind: Kind, _ detail: String, code: Int? = nil) {
      self.kind = kind
      self.code = code
      self.detail = detail
    }
  }
}
