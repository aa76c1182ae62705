/// What the reference origin states in each numbered event, so that a probe knows what was sent, and when.
///
/// It is the event's data, one JSON object on one line whose keys stand in this order, and its number is the event's ID:
///
///     {"originMark":7,"sentAtMicroseconds":1763750000000000,"elapsedMicroseconds":20123,"last":false,"text":"…"}
public struct OriginMark: Codable, Sendable, Equatable {
  /// The event's number, from 1.
  public var number: Int
  /// Microseconds since the Unix epoch when it was written, from the wall clock.
  public var sentAtMicroseconds: Int
  /// Microseconds from the stream's opening until it was written, from a monotonic clock.
  public var elapsedMicroseconds: Int
  /// Whether no event comes after it.
  public var isLast: Bool

  /// A mark.
  public init(number: Int, sentAtMicroseconds: Int, elapsedMicroseconds: Int, isLast: Bool) {
    self.number = number
    self.sentAtMicroseconds = sentAtMicroseconds
    self.elapsedMicroseconds = elapsedMicroseconds
    self.isLast = isLast
  }

  /// The event's data up to where its text or its closing brace follows.
  private var opening: String {
    "\(Self.keys[0])\(number)\(Self.keys[1])\(sentAtMicroseconds)\(Self.keys[2])\(elapsedMicroseconds)\(Self.keys[3])\(isLast)"
  }

  /// The event's data, without a text.
  public var data: String { opening + "}" }

  /// The event's data before and after a text that makes it longer. The text has printable ASCII characters without
  /// quotation marks and backslashes.
  public var aroundText: (before: String, after: String) { (opening + Self.textKey, "\"}") }

  /// The mark that an event's data is; nil for all other data, and for a mark that was changed on its way.
  public init?(data: some StringProtocol) { self.init(data: data.utf8) }

  /// The same from the data's bytes.
  public init?(data: some Collection<UInt8>) {
    var text = data[...]
    guard let number = text.takeNumber(after: Self.keys[0]), number > 0,
      let sentAt = text.takeNumber(after: Self.keys[1]), let elapsed = text.takeNumber(after: Self.keys[2]),
      text.take(Self.keys[3])
    else { return nil }
    let isLast = text.take("true")
    guard isLast || text.take("false") else { return nil }
    if text.take(Self.textKey) {
      text = text.drop { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      guard text.take("\"") else { return nil }
    }
    guard text.elementsEqual("}".utf8) else { return nil }
    self.init(number: number, sentAtMicroseconds: sentAt, elapsedMicroseconds: elapsed, isLast: isLast)
  }

  private static let keys = [
    #"{"originMark":"#, #","sentAtMicroseconds":"#, #","elapsedMicroseconds":"#, #","last":"#,
  ]
  private static let textKey = #","text":""#
}

extension Collection<UInt8> where SubSequence == Self {
  /// Drops what the collection begins with, if it does.
  fileprivate mutating func take(_ beginning: String) -> Bool {
    guard starts(with: beginning.utf8) else { return false }
    self = dropFirst(beginning.utf8.count)
    return true
  }

  /// Drops a beginning and the decimal number after it; nil without one, for leading zeros and for more than 18 digits.
  fileprivate mutating func takeNumber(after beginning: String) -> Int? {
    guard take(beginning) else { return nil }
    let digits = prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty, digits.count <= 18, digits.count == 1 || digits.first != 0x30 else { return nil }
    self = dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}
