import Facts

/// What a watch of a deploy has shown so far, put together from its news.
struct RolloutRecord: Sendable {
  /// One of the run's own messages.
  struct Message: Sendable {
    var sentMilliseconds: Double
    /// Whether Redis is known to have taken it.
    var isPublished = false
  }

  /// What is known of one stream.
  struct Listening: Sendable {
    /// Whether it is open now.
    var isOpen = false
    /// The numbers of the messages that came.
    var heard = NumberSet()
    /// The most that one of them took.
    var latestMilliseconds = 0.0
    /// The numbers of the messages at which nobody was subscribed to its own channel.
    var unsubscribed = NumberSet()
    /// Whether Redis ever said how many are.
    var isCounted = false
    /// Whether somebody ever was: where Redis counts only its own node's subscribers, nobody may ever be.
    var wasSubscribed = false
  }

  /// How many times in which a Redis took nothing are kept.
  private static let maximumOutages = 100
  /// How many failed attempts of a gap are kept.
  static let maximumFailures = 10

  private(set) var facts: RolloutFacts
  private(set) var streams: [Listening]
  /// The messages of each publisher, in order: the n-th has the number `publisher + 1 + n · publishers`.
  private(set) var messages: [[Message]]

  init(_ facts: RolloutFacts) {
    self.facts = facts
    streams = facts.streams.map { _ in Listening() }
    messages = (facts.publishers.value ?? []).map { _ in [] }
  }

  mutating func take(_ news: RolloutNews) {
    switch news {
    case .opened(let stream, let time): open(stream, time)
    case .heard(let stream, let number, let time): hear(number, on: stream, time)
    case .ended(let stream, let time, let end):
      streams[stream].isOpen = false
      facts.streams[stream].gaps.append(RolloutFacts.Gap(atMilliseconds: time, end: end))
    case .failed(let stream, let attempt): fail(stream, attempt)
    case .stopped(let stream, let stop): facts.streams[stream].stop = stop
    case .sending(let publisher, let number, let time):
      guard messages.indices.contains(publisher), number == self.number(messages[publisher].count, of: publisher)
      else { break }
      messages[publisher].append(Message(sentMilliseconds: time))
    case .published(let publisher, let number, let subscribers):
      guard let place = place(of: number), place.publisher == publisher else { break }
      messages[publisher][place.index].isPublished = true
      let time = messages[publisher][place.index].sentMilliseconds
      change(publisher) { publisher in
        publisher.published += 1
        guard let last = publisher.outages.indices.last, publisher.outages[last].toMilliseconds == nil else { return }
        publisher.outages[last].toMilliseconds = time
      }
      for (stream, count) in subscribers {
        streams[stream].isCounted = true
        if count > 0 { streams[stream].wasSubscribed = true } else { streams[stream].unsubscribed.insert(number) }
      }
    case .publisherFailed(let publisher, let reason, let time):
      change(publisher) { publisher in
        publisher.failure = reason
        let isOver = publisher.outages.last.map { $0.toMilliseconds != nil } ?? true
        if isOver, publisher.outages.count < Self.maximumOutages {
          publisher.outages.append(RolloutFacts.Outage(fromMilliseconds: time))
        }
      }
    }
  }

  /// Changes what is known of a publisher.
  mutating func change(_ publisher: Int, _ change: (inout RolloutFacts.Publisher) -> Void) {
    guard case .seen(var publishers) = facts.publishers, publishers.indices.contains(publisher) else { return }
    change(&publishers[publisher])
    facts.publishers = .seen(publishers)
  }

  /// What was seen until a time.
  func facts(until milliseconds: Double) -> RolloutFacts {
    var facts = facts
    facts.watchedMilliseconds = milliseconds
    for (index, listening) in streams.enumerated() {
      facts.streams[index].wasSubscribed = listening.isCounted ? listening.wasSubscribed : nil
      addLosses(to: &facts.streams[index], listening, until: milliseconds)
    }
    return facts
  }

  /// The number of a publisher's n-th message.
  func number(_ index: Int, of publisher: Int) -> Int { publisher + 1 + index * messages.count }

  private func place(of number: Int) -> (publisher: Int, index: Int)? {
    guard number > 0, !messages.isEmpty else { return nil }
    let (index, publisher) = (number - 1).quotientAndRemainder(dividingBy: messages.count)
    return messages[publisher].indices.contains(index) ? (publisher, index) : nil
  }

  private mutating func open(_ stream: Int, _ time: Double) {
    streams[stream].isOpen = true
    if facts.streams[stream].openedMilliseconds == nil { facts.streams[stream].openedMilliseconds = time }
    if let last = facts.streams[stream].gaps.indices.last, facts.streams[stream].gaps[last].backMilliseconds == nil {
      facts.streams[stream].gaps[last].backMilliseconds = time
    }
  }

  private mutating func fail(_ stream: Int, _ attempt: RolloutFacts.Attempt) {
    if facts.streams[stream].gaps.isEmpty {
      facts.streams[stream].gaps.append(RolloutFacts.Gap(atMilliseconds: 0, end: nil))
    }
    let last = facts.streams[stream].gaps.count - 1
    facts.streams[stream].gaps[last].failureCount += 1
    if facts.streams[stream].gaps[last].failures.count < Self.maximumFailures {
      facts.streams[stream].gaps[last].failures.append(attempt)
    }
  }

  private mutating func hear(_ number: Int, on stream: Int, _ time: Double) {
    // What was never sent, no server can have from here.
    guard let place = place(of: number), streams[stream].heard.insert(number) else { return }
    facts.streams[stream].heard += 1
    let sent = messages[place.publisher][place.index].sentMilliseconds
    streams[stream].latestMilliseconds = max(streams[stream].latestMilliseconds, time - sent)
  }
}

/// A set of numbers from 0 that takes an eighth of a byte for each.
struct NumberSet: Sendable {
  private var words: [UInt64] = []

  func contains(_ number: Int) -> Bool {
    let word = number / 64
    return words.indices.contains(word) && words[word] & (1 << UInt64(number % 64)) != 0
  }

  /// Adds a number, and says whether it is new.
  @discardableResult
  mutating func insert(_ number: Int) -> Bool {
    if contains(number) { return false }
    let word = number / 64
    if word >= words.count { words += Array(repeating: 0, count: word + 1 - words.count) }
    words[word] |= 1 << UInt64(number % 64)
    return true
  }
}
