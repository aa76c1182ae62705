/// What an event stream says next. Its bytes are the stream's own and hold during the call that hands them over: whoever
/// keeps something asks for its text.
public enum EventStreamToken {
  /// What a browser would dispatch.
  case event(Event)
  /// A comment line: all that follows its colon.
  case comment(EventStreamBytes)
  /// A reconnection time in milliseconds; the largest `Int` stands for all that are larger.
  case retry(milliseconds: Int)
  /// What went past the bound and is thrown away; said as soon as it does, once for an event.
  case tooLarge(EventStreamExcess)

  /// An event; `WHATWG HTML` section 9.2.6, "dispatch the event".
  public struct Event {
    /// The type that the stream names; empty where a browser says `message`.
    public let namedType: EventStreamBytes
    /// The data lines, a line feed between them.
    public let data: EventStreamBytes
    /// The last event ID that the event carries.
    public let lastEventID: EventStreamBytes
    /// The bytes of all its lines with their ends, the blank one too. Comments in between don't count.
    public let wireBytes: Int

    /// The type as a browser says it.
    public var type: String { namedType.bytes.isEmpty ? "message" : namedType.text }
  }
}

/// A part of an event stream, valid as long as the call that hands it over.
public struct EventStreamBytes {
  /// The bytes as they came.
  public let bytes: UnsafeRawBufferPointer

  /// The bytes as the UTF-8 decoder of the WHATWG Encoding Standard reads them: invalid ones are replaced.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// What of an event stream went past the bound.
public enum EventStreamExcess: Sendable, Equatable {
  /// An event: one of its lines, or its data. The whole event is thrown away.
  case event
  /// A comment line.
  case comment
  /// A line of another field, which means nothing to an event.
  case otherField
}
