import Diagnosis
import FanOut
import Facts

/// What is published faster than a subscriber reads is lost with its connection.
struct BurstIsWhole: Check {
  static let card = CheckCard(
    id: "pubsub.burst-loss",
    title: "No message of a burst is lost",
    severity: .error,
    needs: [.redis, .stream],
    why: """
      An import or a bulk action publishes a thousand events at once. Redis keeps what a subscriber has not read yet in a \
      buffer, and closes the connection when that grows past client-output-buffer-limit: everything in it is lost, and \
      everything until it has subscribed again. No error reaches the publisher.
      """,
    remedy: Remedy(
      "Raise client-output-buffer-limit for pubsub, or see why the instance reads slowly (a busy event loop, too little "
        + "CPU); let bulk actions publish one event for many rows.",
      commands: ["redis-cli CONFIG GET client-output-buffer-limit", "redis-cli CLIENT LIST TYPE pubsub"]),
    references: [
      "Redis: client output buffers, https://redis.io/docs/latest/develop/reference/clients/#output-buffer-limits",
      "Redis: Pub/Sub, delivery semantics, https://redis.io/docs/latest/develop/pubsub/",
    ],
    scenarios: [
      .passes("all of a thousand", Samples.fanOut()),
      .finds(
        "the last ones are missing on web-2",
        Samples.fanOut {
          $0.receive("web-2") { burst in (burst.count, burst.came) = (940, [1...940]) }
          $0.burst.closedConnections = 1
          $0.bufferLimit = "normal 0 0 0 slave 268435456 67108864 60 pubsub 16384 0 0"
        }, on: "web-2"),
      .undetermined(
        "its stream was over too soon",
        Samples.fanOut {
          $0.receive("web-2") { burst in (burst.count, burst.came) = (940, [1...940]) }
          $0.streams[1].endMilliseconds = 2100
        }, on: "web-2"),
      .undetermined("web-2 hears nothing", Samples.fanOut { $0.silence("web-2", driver: "redis") }, on: "web-2"),
      .notApplicable(
        "no burst was asked for",
        Samples.fanOut { sample in
          for index in sample.streams.indices { sample.streams[index].burst = nil }
        }),
      .notApplicable("no fan-out was looked at", Samples.stream(Samples.ready)),
    ])

  /// How long after it was sent a message is missed, in milliseconds.
  private static let patience = 4000.0

  func judge(_ facts: Facts) -> [Verdict] {
    guard let matrix = FanOutMatrix(facts), let drive = facts.drive?.value else {
      return [
        card.notApplicable(
          .deployment, "no burst was published; fanout publishes one where a Redis is known, unless --burst 0")
      ]
    }
    let streams = matrix.rows.compactMap(\.direct) + matrix.publicStreams.flatMap { $0 }
    let listening = streams.filter { $0.facts.burst != nil }
    let limit = facts.redis.value?.lazy.compactMap { $0.setting("client-output-buffer-limit") }.first
    if drive.publishers.allSatisfy({ $0.burst == nil && $0.failure == nil }) {
      return [card.notApplicable(.deployment, "no burst was published")]
    }
    let verdicts = listening.map { judge($0, matrix, drive, limit: limit) }
    return verdicts.isEmpty ? [card.notApplicable(.deployment, "no burst was published")] : verdicts
  }

  private func judge(
    _ stream: FanOutMatrix.Stream, _ matrix: FanOutMatrix, _ drive: StreamDrive, limit: String?
  ) -> Verdict {
    let name = stream.facts.instance
    let subject = name.map { Subject.instance($0) } ?? .stream(stream.facts.url)
    let who = name ?? "the public URL"
    guard stream.arrival.came > 0, let received = stream.facts.burst else {
      return card.undetermined(subject, "nothing came there at all, which pubsub.fanout judges")
    }
    let bursts = matrix.bursts(for: stream)
    guard !bursts.isEmpty else {
      let why = drive.publishers.lazy.compactMap(\.failure).first ?? "the run was over first, or nobody listened"
      return card.undetermined(subject, "no burst was published where \(who) listens: \(why)")
    }
    let missing = bursts.flatMap { Self.missing(received.came, of: $0) }
    let lost = missing.reduce(0) { $0 + $1.count }
    let count = bursts.reduce(0) { $0 + $1.count }
    if lost == 0 {
      return card.pass(subject, "\(who) brought all \(thousands(count)) messages of a burst")
    }
    let sent = bursts.map(\.answeredMilliseconds).max() ?? 0
    // What a connection that is gone had not brought will never come.
    let isGone = if case .lost = stream.hearing { true } else { false }
    guard isGone || stream.facts.endMilliseconds - max(sent, received.lastMilliseconds ?? 0) > Self.patience else {
      return card.undetermined(
        subject,
        "of a burst \(thousands(count - lost)) of \(thousands(count)) messages had come when it was over")
    }
    let closed = bursts.compactMap(\.closedConnections).max() ?? 0
    let cut = closed > 0
    return card.finding(
      subject,
      "\(who) lost \(thousands(lost)) of \(thousands(count)) messages that were published at once"
        + (cut
          ? ": \(counted(closed, "subscriber's connection", "subscribers' connections")) to Redis ended meanwhile"
          : ""),
      evidence: [
        Evidence("lost", ranges(missing), expected: "none"),
        Evidence(
          "subscribers' connections that ended", bursts.isEmpty ? "not known" : "\(closed)", expected: "0",
          source: "CLIENT LIST TYPE pubsub"),
      ] + (limit.map { [Evidence("client-output-buffer-limit", $0, source: "CONFIG GET")] } ?? []),
      explains: cut ? afterCut(stream, matrix) : [])
  }

  /// What follows from a connection that Redis closed in the burst, until the instance has subscribed again.
  private func afterCut(_ stream: FanOutMatrix.Stream, _ matrix: FanOutMatrix) -> [Symptom] {
    guard let name = stream.facts.instance else { return [] }
    let urls = matrix.publicStreams.compactMap { $0.first?.facts.url }
    return [
      Symptom("pubsub.fanout", .instance(name)), Symptom("stream.ready-without-redis", .stream(stream.facts.url)),
      Symptom("pubsub.subscriber-count"),
    ]
      + urls.flatMap { url in
        ["pubsub.fanout", "pubsub.balancer-reach", "stream.ready-without-redis"].map { Symptom($0, .stream(url)) }
      }
  }

  /// The numbers of a burst that are in none of the ranges, which stand in order.
  private static func missing(_ came: [ClosedRange<Int>], of burst: StreamDrive.Burst) -> [ClosedRange<Int>] {
    let (first, count) = (min(max(1, burst.first), 100_000_000), min(max(0, burst.count), 1_000_000))
    var missing: [ClosedRange<Int>] = []
    var next = first
    for range in came where range.upperBound >= first {
      if range.lowerBound > first + count - 1 { break }
      if range.lowerBound > next { missing.append(next...range.lowerBound - 1) }
      next = min(range.upperBound, first + count) + 1
    }
    if next <= first + count - 1 { missing.append(next...first + count - 1) }
    return missing
  }

  /// `17, 20 to 31 and 4 more`.
  private func ranges(_ ranges: [ClosedRange<Int>]) -> String {
    listed(
      ranges.map { range in
        range.count == 1 ? "number \(range.lowerBound)" : "numbers \(range.lowerBound) to \(range.upperBound)"
      })
  }
}
