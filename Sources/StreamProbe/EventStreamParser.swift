import Glibc

/// The event stream interpretation algorithm of WHATWG HTML section 9.2.6, fed in any chunks.
///
/// Lines end with CR, LF or CRLF, also when the two stand in different chunks. One leading byte order mark is dropped.
/// An event that is not followed by a blank line is discarded at the end. Comments, which the algorithm drops, are
/// reported: a probe wants to see heartbeats.
///
/// An event whose lines lie in one chunk and that has one data line is handed over where it lies: nothing is copied.
public struct EventStreamParser: Sendable {
  /// The longest line and the longest event data that are kept, in bytes; at least 16.
  public let maximumBytes: Int

  /// The line that the last chunk ended in, or what is kept of it.
  private var openLine: [UInt8] = []
  /// The length of that line so far, and what of it went past the bound.
  private var openLineLength = 0
  private var openLineExcess: EventStreamExcess?
  private var isFirstLine = true

  /// A CR ended the last line: an LF that comes next belongs to it.
  private var followsCarriageReturn = false
  /// The last line that ended with CR ended with CRLF.
  private var usesCRLF = false

  /// The event's data and type so far.
  private var data = EventStreamField()
  private var type = EventStreamField()
  private var hasData = false
  private var eventIsTooLarge = false
  /// The bytes of the event's lines so far, and whether the last line is one of them.
  private var wireBytes = 0
  private var lastLineCounts = false

  /// The last event ID, and the one that the next blank line will make it.
  private var identifier = EventStreamField()
  private var nextIdentifier = EventStreamField()
  private var hasNextIdentifier = false

  /// A parser at the beginning of a stream.
  public init(maximumBytes: Int = 1024 * 1024) {
    // A field's name must fit.
    self.maximumBytes = max(16, maximumBytes)
  }

  /// The last event ID as it stands now.
  public var lastEventID: String { identifier.text }

  /// Takes the next bytes of the stream and hands over what they complete, in order.
  public mutating func feed(_ chunk: UnsafeRawBufferPointer, _ take: (EventStreamToken) -> Void) {
    guard let base = chunk.baseAddress else { return }
    var ends = EventStreamLineEnds(in: chunk)
    var start = 0
    while start < chunk.count {
      if followsCarriageReturn {
        followsCarriageReturn = false
        usesCRLF = chunk[start] == lineFeed
        if usesCRLF {
          if lastLineCounts { wireBytes += 1 }
          start += 1
          continue
        }
      }
      let end = ends.next(from: start)
      let piece = UnsafeRawBufferPointer(start: base + start, count: end - start)
      if openLineLength > 0 || end == chunk.count { extendOpenLine(piece, take) }
      guard end < chunk.count else { break }
      followsCarriageReturn = chunk[end] == carriageReturn
      if openLineLength > 0 {
        endOpenLine(take)
      } else {
        takeLine(in: chunk, start..<end, take)
      }
      start = end + 1
    }
    keepFields(from: chunk)
  }

  // MARK: - Lines

  private mutating func extendOpenLine(_ piece: UnsafeRawBufferPointer, _ take: (EventStreamToken) -> Void) {
    openLineLength += piece.count
    guard openLineExcess == nil else { return }
    openLine.append(contentsOf: piece.prefix(maximumBytes - openLine.count))
    guard openLineLength > maximumBytes else { return }
    openLineExcess = openLine.withUnsafeBytes { refuse(line: $0, take) }
    openLine.empty()
  }

  private mutating func endOpenLine(_ take: (EventStreamToken) -> Void) {
    // Taken out, for the line's bytes must not change while they are read.
    var line: [UInt8] = []
    swap(&line, &openLine)
    if let excess = openLineExcess {
      endRefusedLine(excess, length: openLineLength)
    } else {
      line.withUnsafeBytes { bytes in
        takeLine(in: bytes, 0..<bytes.count, take)
        keepFields(from: bytes)
      }
    }
    openLineLength = 0
    openLineExcess = nil
    line.empty()
    swap(&line, &openLine)
  }

  /// Copies what is needed of a chunk that goes away.
  private mutating func keepFields(from chunk: UnsafeRawBufferPointer) {
    data.keep(from: chunk)
    type.keep(from: chunk)
    identifier.keep(from: chunk)
    nextIdentifier.keep(from: chunk)
  }

  private mutating func takeLine(
    in chunk: UnsafeRawBufferPointer, _ line: Range<Int>, _ take: (EventStreamToken) -> Void
  ) {
    if line.count > maximumBytes {
      let excess = refuse(line: UnsafeRawBufferPointer(rebasing: chunk[line]), take)
      return endRefusedLine(excess, length: line.count)
    }
    let start = line.lowerBound + (isFirstLine ? byteOrderMark(UnsafeRawBufferPointer(rebasing: chunk[line])) : 0)
    isFirstLine = false
    guard start < line.upperBound else { return endEvent(in: chunk, take) }
    let (name, offset) = EventStreamFieldName.read(UnsafeRawBufferPointer(rebasing: chunk[start..<line.upperBound]))
    let value = start + offset..<line.upperBound
    if case .comment = name { lastLineCounts = false } else { count(line.count) }
    switch name {
    case .data: takeData(in: chunk, value, take)
    case .event: type.set(value)
    case .comment: take(.comment(EventStreamBytes(bytes: UnsafeRawBufferPointer(rebasing: chunk[value]))))
    case .id:
      guard !holdsNull(chunk, value) else { return }
      nextIdentifier.set(value)
      hasNextIdentifier = true
    case .retry:
      if let time = reconnectionTime(chunk[value]) { take(.retry(milliseconds: time)) }
    case .other: break
    }
  }

  /// Counts a line and its end to the event's size.
  private mutating func count(_ length: Int) {
    lastLineCounts = true
    wireBytes += length + 1
  }

  // MARK: - Events

  private mutating func takeData(
    in chunk: UnsafeRawBufferPointer, _ value: Range<Int>, _ take: (EventStreamToken) -> Void
  ) {
    guard !eventIsTooLarge else { return }
    if !hasData {
      hasData = true
      data.set(value)
    } else if value.count < maximumBytes - data.count {
      data.append(line: value, in: chunk)
    } else {
      refuseEvent(take)
    }
  }

  /// What a blank line does.
  private mutating func endEvent(in chunk: UnsafeRawBufferPointer, _ take: (EventStreamToken) -> Void) {
    if hasNextIdentifier {
      swap(&identifier, &nextIdentifier)
      hasNextIdentifier = false
    }
    if hasData {
      // Whether an LF follows this line's CR isn't known yet: it does where it did before.
      let size = wireBytes + (followsCarriageReturn && usesCRLF ? 2 : 1)
      // Where all lies in the chunk no buffer is touched, nor counted as in use.
      if let type = type.lying(in: chunk), let data = data.lying(in: chunk), let id = identifier.lying(in: chunk) {
        take(.event(event(type, data, id, size)))
      } else {
        type.withBytes(in: chunk) { type in
          data.withBytes(in: chunk) { data in
            identifier.withBytes(in: chunk) { take(.event(event(type, data, $0, size))) }
          }
        }
      }
    }
    type.clear()
    data.clear()
    hasData = false
    eventIsTooLarge = false
    wireBytes = 0
    lastLineCounts = false
  }

  // MARK: - What is too large

  /// Says what is lost with a line that is too long, whose beginning is given.
  private mutating func refuse(
    line: UnsafeRawBufferPointer, _ take: (EventStreamToken) -> Void
  ) -> EventStreamExcess {
    let start = isFirstLine ? byteOrderMark(line) : 0
    switch EventStreamFieldName.read(UnsafeRawBufferPointer(rebasing: line[start...])).name {
    case .data, .event, .id:
      refuseEvent(take)
      return .event
    case .comment:
      take(.tooLarge(.comment))
      return .comment
    case .retry, .other:
      take(.tooLarge(.otherField))
      return .otherField
    }
  }

  private mutating func endRefusedLine(_ excess: EventStreamExcess, length: Int) {
    isFirstLine = false
    if excess == .comment { lastLineCounts = false } else { count(length) }
  }

  private mutating func refuseEvent(_ take: (EventStreamToken) -> Void) {
    if !eventIsTooLarge { take(.tooLarge(.event)) }
    eventIsTooLarge = true
    hasData = false
    data.clear()
  }
}

private func event(
  _ type: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer, _ identifier: UnsafeRawBufferPointer, _ size: Int
) -> EventStreamToken.Event {
  EventStreamToken.Event(
    namedType: EventStreamBytes(bytes: type), data: EventStreamBytes(bytes: data),
    lastEventID: EventStreamBytes(bytes: identifier), wireBytes: size)
}

/// The length of a byte order mark at the beginning of `line`.
private func byteOrderMark(_ line: UnsafeRawBufferPointer) -> Int {
  line.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
}

private func holdsNull(_ chunk: UnsafeRawBufferPointer, _ place: Range<Int>) -> Bool {
  guard let base = chunk.baseAddress else { return false }
  return memchr(base + place.lowerBound, 0, place.count) != nil
}

/// The time that a retry field sets: it has digits alone.
private func reconnectionTime(_ value: Slice<UnsafeRawBufferPointer>) -> Int? {
  guard !value.isEmpty, value.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
  return Int(String(decoding: value, as: UTF8.self)) ?? .max
}
