// A rollout that scenarios are told with: two instances' own streams and ten at the public URL, watched for a minute while
// 120 messages were published.

import Facts

extension Samples {
  static let secondURL = "http://web-2:3000/api/flowpanel/stream"

  static func rollout(_ system: System = .flowpanel, _ change: (inout RolloutFacts) -> Void) -> Facts {
    var rollout = RolloutFacts(
      channel: "flowpanel-doctor.x", reconnection: system.reconnection,
      streams: [
        RolloutFacts.Stream(target: 0, url: directURL, instance: "web-1"),
        RolloutFacts.Stream(target: 1, url: secondURL, instance: "web-2"),
      ] + (1...10).map { RolloutFacts.Stream(target: 2, connection: $0, url: publicURL) },
      publishers: .seen([RolloutFacts.Publisher(redisURL: "redis://cache:6379/0")]))
    rollout.watchedMilliseconds = 60_000
    for index in rollout.streams.indices {
      rollout.streams[index].openedMilliseconds = 12
      rollout.streams[index].heard = 118
    }
    rollout.publishers = rollout.publishers.map { publishers in
      publishers.map { publisher in
        var publisher = publisher
        publisher.published = 120
        return publisher
      }
    }
    change(&rollout)
    var facts = Facts(deployment: deployment(system))
    facts.rollout = rollout
    return facts
  }

  /// All ten of the public URL's streams drop at once, and no instance's own is watched.
  static var publicHerd: Facts {
    rollout {
      $0.streams.removeAll { $0.instance != nil }
      $0.publicDrops(at: 8020, back: 8530, count: 10)
    }
  }
}

extension RolloutFacts {
  /// An instance's own stream brings none of the messages.
  mutating func isDeaf(_ name: String, wasSubscribed: Bool?) {
    for index in streams.indices where streams[index].instance != nil {
      let isDeaf = streams[index].instance == name
      streams[index].wasSubscribed = isDeaf ? wasSubscribed : wasSubscribed.map { _ in true }
      if isDeaf {
        streams[index].heard = 0
        streams[index].unheard = 99
      }
    }
  }

  /// So many of the public URL's streams drop, a few milliseconds after each other.
  mutating func publicDrops(
    at time: Double, back: Double?, count: Int = 1, failures: Int = 0, lost: Int? = nil
  ) {
    let open = streams.indices.filter { streams[$0].instance == nil }.suffix(count)
    for (number, index) in open.enumerated() {
      streams[index].gaps.append(
        Self.gap(at: time + Double(number) * 3, back: back.map { $0 + Double(number) * 4 }, failures, status: 502, lost)
      )
    }
  }

  /// An instance's own stream drops.
  mutating func instanceDrops(_ name: String, at time: Double, back: Double?, failures: Int = 0, lost: Int? = nil) {
    for index in streams.indices where streams[index].instance == name {
      streams[index].gaps.append(Self.gap(at: time, back: back, failures, status: nil, lost))
    }
  }

  /// The public URL's streams are answered with 502 all the time.
  mutating func neverOpened() {
    for index in streams.indices where streams[index].instance == nil {
      var gap = Self.gap(at: 0, back: nil, 6, status: 502, nil)
      gap.end = nil
      streams[index].gaps = [gap]
      streams[index].openedMilliseconds = nil
      streams[index].heard = 0
    }
  }

  /// The first stream loses messages while it is open.
  mutating func loses(_ count: Int, unsubscribed: Int, isOver: Bool) {
    streams[0].losses = [
      Loss(
        from: 8000, to: 8000 + Double(count) * 500, count: count, unsubscribed: unsubscribed, isOver: isOver)
    ]
  }

  /// Redis takes none of the messages for some time.
  mutating func publishesNothing(from: Double, to: Double) {
    publishers = publishers.map { publishers in
      publishers.map { publisher in
        var publisher = publisher
        var outage = Outage(fromMilliseconds: from)
        outage.toMilliseconds = to
        publisher.outages = [outage]
        publisher.failure = "TCP connect: Connection refused"
        return publisher
      }
    }
  }

  /// No stream brings any of the messages.
  mutating func hearsNothing(published: Int, failure: String? = nil) {
    for index in streams.indices { streams[index].heard = 0 }
    var publisher = Publisher(redisURL: "redis://cache:6379/0")
    publisher.published = published
    publisher.failure = failure
    publishers = .seen([publisher])
  }

  private static func gap(
    at time: Double, back: Double?, _ failures: Int, status: Int?, _ lost: Int?
  ) -> Gap {
    var gap = Gap(atMilliseconds: time, end: .cut(StreamFacts.Cut(.endOfFile, "closed")))
    gap.backMilliseconds = back
    gap.failureCount = failures
    gap.failures = (0..<failures).map { number in
      Attempt(
        atMilliseconds: time + 500 * Double(1 << number), status: status,
        status.map { "status \($0)" } ?? "Connection refused")
    }
    gap.lost = lost
    return gap
  }
}
