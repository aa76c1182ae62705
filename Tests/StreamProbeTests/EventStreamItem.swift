import StreamProbe

extension EventStreamParser {
  /// A token whose text was made, to keep.
  enum Item: Sendable, Equatable {
    /// An event as a browser would dispatch it; `type` is `message` where the stream names none.
    case event(type: String, data: String, lastEventID: String)
    /// A comment line: all that follows its colon.
    case comment(String)
    /// A reconnection time in milliseconds.
    case retry(Int)
    /// Something went past the bound and was thrown away.
    case tooLarge(EventStreamExcess)

    /// What `token` says.
    init(_ token: EventStreamToken) {
      self =
        switch token {
        case .event(let event):
          .event(type: event.type, data: event.data.text, lastEventID: event.lastEventID.text)
        case .comment(let comment): .comment(comment.text)
        case .retry(let milliseconds): .retry(milliseconds)
        case .tooLarge(let excess): .tooLarge(excess)
        }
    }
  }

  /// Takes the next bytes of the stream and returns what they complete, in order.
  mutating func feed(_ bytes: some Collection<UInt8>) -> [Item] {
    var items: [Item] = []
    Array(bytes).withUnsafeBytes { chunk in feed(chunk) { items.append(Item($0)) } }
    return items
  }
}
