/// The event stream interpretation algorithm of WHATWG HTML section 9.2.6, fed in any chunks.
///
/// Lines end with CR, LF or CRLF, also when the two stand in different chunks. One leading byte order mark is dropped.
/// An event that is not followed by a blank line is discarded at the end. Comments, which the algorithm drops, are
/// reported: a probe wants to see heartbeats.
public struct EventStreamParser: Sendable {
  /// What the algorithm dispatches, or a comment.
  public enum Item: Sendable, Equatable {
    /// An event as a browser would dispatch it; `type` is `message` where the stream names none.
    case event(type: String, data: String, lastEventID: String)
    /// A comment line: all that follows its colon.
    case comment(String)
    /// A reconnection time in milliseconds.
    case retry(Int)
    /// A line or an event went past the bound and was thrown away.
    case tooLarge
  }

  /// The longest line and the longest event data that are kept, in bytes.
  public let maximumBytes: Int
  /// The last event ID as it stands now.
  public private(set) var lastEventID = ""

  private var line: [UInt8] = []
  private var lineIsTooLong = false
  private var sawCarriageReturn = false
  private var isFirstLine = true
  private var type = ""
  private var data: [UInt8] = []
  private var hasData = false
  private var dataIsTooLong = false
  private var idBuffer = ""

  /// A parser at the beginning of a stream.
  public init(maximumBytes: Int = 1024 * 1024) {
    self.maximumBytes = maximumBytes
  }

  /// Takes the next bytes of the stream and returns what they complete, in order.
  public mutating func feed(_ bytes: some Collection<UInt8>) -> [Item] {
    var items: [Item] = []
    for byte in bytes {
      let followsCarriageReturn = sawCarriageReturn
      sawCarriageReturn = byte == 0x0D
      switch byte {
      case 0x0A where followsCarriageReturn: continue
      case 0x0A, 0x0D: endLine(&items)
      default:
        if line.count < maximumBytes { line.append(byte) } else { lineIsTooLong = true }
      }
    }
    return items
  }

  private mutating func endLine(_ items: inout [Item]) {
    var content = line[...]
    if isFirstLine, content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
    isFirstLine = false
    if lineIsTooLong {
      items.append(.tooLarge)
    } else if content.isEmpty {
      dispatch(&items)
    } else {
      process(content, &items)
    }
    line.removeAll(keepingCapacity: true)
    lineIsTooLong = false
  }

  private mutating func process(_ content: ArraySlice<UInt8>, _ items: inout [Item]) {
    let name = content.prefix { $0 != 0x3A }
    var value = content.dropFirst(name.count + 1)
    if value.first == 0x20, !name.isEmpty { value = value.dropFirst() }
    switch String(decoding: name, as: UTF8.self) {
    case "": items.append(.comment(String(decoding: value, as: UTF8.self)))
    case "event": type = String(decoding: value, as: UTF8.self)
    case "data":
      guard data.count + value.count < maximumBytes else {
        dataIsTooLong = true
        return
      }
      if hasData { data.append(0x0A) }
      hasData = true
      data.append(contentsOf: value)
    case "id": if !value.contains(0) { idBuffer = String(decoding: value, as: UTF8.self) }
    case "retry":
      if !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }),
        let time = Int(String(decoding: value, as: UTF8.self))
      {
        items.append(.retry(time))
      }
    default: break
    }
  }

  private mutating func dispatch(_ items: inout [Item]) {
    lastEventID = idBuffer
    if dataIsTooLong {
      items.append(.tooLarge)
    } else if hasData {
      items.append(
        .event(
          type: type.isEmpty ? "message" : type, data: String(decoding: data, as: UTF8.self), lastEventID: lastEventID))
    }
    type = ""
    data.removeAll(keepingCapacity: true)
    hasData = false
    dataIsTooLong = false
  }
}
