import Facts

/// Which messages of a burst came: there are too many of them to keep each.
struct BurstRecord {
  /// The highest number that counts.
  private static let maximumNumber = 1_000_000

  private let number: ProbeNumber
  /// Whether the message of a number came; the first place is for none.
  private var came: [Bool] = []
  /// The highest number of each publisher's.
  private var highest: [Int: Int] = [:]
  /// How many each publisher sends.
  private let block: Int
  private var repeated = 0
  private var disordered = 0
  private var last: Double?
  /// How many different messages came.
  private(set) var count = 0

  /// - Parameters:
  ///   - channel: the channel of the burst.
  ///   - block: how many messages each publisher sends, whose numbers follow on those of the one before it.
  init(on channel: String, block: Int) {
    number = ProbeNumber(on: channel)
    self.block = max(1, block)
  }

  /// Takes an event's data that came at a time in milliseconds; says whether it is one of the burst.
  mutating func take(_ data: UnsafeRawBufferPointer, at milliseconds: Double) -> Bool {
    guard let number = number.find(in: data), (1...Self.maximumNumber).contains(number) else { return false }
    if came.count <= number { came += Array(repeating: false, count: number + 1 - came.count) }
    last = milliseconds
    if came[number] {
      repeated += 1
    } else {
      came[number] = true
      count += 1
      let publisher = (number - 1) / block
      if number < highest[publisher] ?? 0 { disordered += 1 }
      highest[publisher] = max(highest[publisher] ?? 0, number)
    }
    return true
  }

  /// What is known of it.
  ///
  /// - Parameter start: when the stream's request began, on the clock that the run's streams have in common.
  func facts(startingAt start: Double) -> FanOutStream.Burst {
    var facts = FanOutStream.Burst()
    facts.count = count
    facts.came = ranges
    facts.repeated = repeated
    facts.disordered = disordered
    facts.lastMilliseconds = last.map { start + $0 }
    return facts
  }

  private var ranges: [ClosedRange<Int>] {
    var ranges: [ClosedRange<Int>] = []
    for number in came.indices where came[number] {
      if let last = ranges.last, last.upperBound == number - 1 {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else if ranges.count < FanOutStream.Burst.maximumRanges {
        ranges.append(number...number)
      } else {
        break
      }
    }
    return ranges
  }
}
