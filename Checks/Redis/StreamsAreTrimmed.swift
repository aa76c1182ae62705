import Diagnosis
import Facts

/// A stream grows until its writer says MAXLEN, or until the memory is full.
struct StreamsAreTrimmed: Check {
  static let card = CheckCard(
    id: "redis.stream-untrimmed",
    title: "Streams are trimmed",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      Without MAXLEN in every XADD a stream keeps all that was ever written. Memory fills for weeks, and then every \
      write to this Redis fails at once, or keys are evicted, the streams among them. One writer that forgot it, a \
      worker or a script, is enough.
      """,
    remedy: Remedy(
      "Give MAXLEN in every XADD, and trim what is there once.",
      commands: ["redis-cli XTRIM sse:CHANNEL MAXLEN '~' 10000"],
      snippet: "XADD sse:CHANNEL MAXLEN ~ 10000 * type … data …"),
    references: [
      "Redis: XADD, https://redis.io/docs/latest/commands/xadd/",
      "Redis: XTRIM, https://redis.io/docs/latest/commands/xtrim/",
      "Redis: XINFO STREAM, https://redis.io/docs/latest/commands/xinfo-stream/",
    ],
    scenarios: [
      .passes("below the cap", Samples.entries(Samples.stream("sse:news", length: 120))),
      .passes(
        "at the cap and a node beyond it", Samples.entries(Samples.stream("sse:news", length: 10_100, added: 90_000))),
      .passes(
        "a higher cap, at which it stays",
        Samples.entries(Samples.stream("sse:news", length: 50_045, added: 900_000, inSample: 40, growth: 0))),
      .passes(
        "larger nodes", Samples.entries(nodeEntries: 500, Samples.stream("sse:news", length: 10_400, added: 90_000))),
      .passes(
        "nodes without a bound",
        Samples.entries(nodeEntries: 0, Samples.stream("sse:news", length: 10_400, added: 90_000))),
      .finds(
        "nothing was ever removed, and it grows",
        Samples.entries(Samples.stream("sse:news", length: 48_000, inSample: 40, growth: 40)),
        on: "redis://cache:6379/0"),
      .finds(
        "it grows, and Redis does not tell what was removed",
        Samples.entries(
          RedisFacts.Stream(
            "sse:news", length: 48_000, firstID: "1-0", lastID: "2-0", addedInSample: 40, growthInSample: 40))),
      .finds(
        "it grows faster than it is trimmed",
        Samples.entries(Samples.stream("sse:news", length: 48_000, added: 90_000, inSample: 900, growth: 900))),
      .finds(
        "it grows within a node of a cap that may be higher",
        Samples.entries(Samples.stream("sse:news", length: 48_000, added: 90_000, inSample: 40, growth: 40)),
        severity: .notice),
      .finds(
        "long, and no sample was taken", Samples.entries(Samples.stream("sse:news", length: 48_000)), severity: .warning
      ),
      .finds(
        "long, CONFIG is closed, and nobody wrote during the sample",
        Samples.entries(nodeEntries: nil, Samples.stream("sse:news", length: 48_000, inSample: 0, growth: 0)),
        severity: .warning),
      .undetermined(
        "XINFO is refused",
        Samples.details(.redisStreams) { $0.streams = .unseen(Unseen(.refused, "XINFO STREAM was refused: NOPERM")) }),
      .undetermined("nobody asked", Samples.details(.redisStreams)),
      .undetermined("there are more streams", Samples.moreEntries(Samples.stream("sse:news", length: 120))),
      .finds(
        "there are more streams, and this one is enough",
        Samples.moreEntries(Samples.stream("sse:news", length: 48_000)),
        severity: .warning),
      .undetermined("none here, and there may be some elsewhere", Samples.moreEntries()),
      .notApplicable("no stream exists", Samples.entries()),
      .notApplicable("another system", Samples.details()),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedisWithStreams(facts) { redis, streams in
      let long = streams.compactMap { stream in
        severity(stream, slack: redis.trimmingSlack).map { (stream: stream, severity: $0) }
      }
      .sorted { ($1.severity, $1.stream.length, $0.stream.key) < ($0.severity, $0.stream.length, $1.stream.key) }
      if !long.isEmpty { return finding(redis, long) }
      return card.pass(
        .redis(redis.endpoint),
        "\(counted(streams.count, "stream")), none of them growing beyond \(thousands(RedisFacts.Stream.cap)) entries",
        evidence: [slack(redis)])
    }
  }

  /// How bad the length of a stream is; nil where it is in order.
  private func severity(_ stream: RedisFacts.Stream, slack: Int) -> Severity? {
    guard stream.length > RedisFacts.Stream.cap + slack else { return nil }
    // Without a sample in which somebody wrote, a long stream may be one that was filled once.
    guard let growth = stream.growthInSample, (stream.addedInSample ?? 0) > 0 || growth > 0 else { return .warning }
    if growth <= 0 { return nil }
    // A stream at a higher cap grows too, until a whole node is removed.
    return stream.wasTrimmed == true && growth <= slack ? .notice : .error
  }

  private func finding(
    _ redis: RedisFacts, _ long: [(stream: RedisFacts.Stream, severity: Severity)]
  ) -> Verdict {
    let (worst, severity) = long[0]
    let more = long.count > 1 ? ", and \(long.count - 1) more are too long" : ""
    let growth =
      switch severity {
      case .error: "and goes on growing: nothing trims it"
      case .warning: "and whether it goes on growing is not known, as nothing was written during a sample"
      case .notice: "and is trimmed at times, to a cap of its own"
      }
    return card.finding(
      .redis(redis.endpoint),
      "\(worst.key) on \(redis.endpoint) holds \(thousands(worst.length)) entries, more than the "
        + "\(thousands(RedisFacts.Stream.cap)) of the pattern, \(growth)\(more)\(redis.users)",
      severity: severity, evidence: long.prefix(8).map { evidence($0.stream) } + [slack(redis)], at: redis.location,
      remedy: severity == .notice
        ? Remedy(
          "If the higher cap is meant, nothing needs to change; see that the memory is enough for it.",
          commands: [redis.cli("XINFO STREAM \(shellWord(worst.key))")])
        : Remedy(
          "Give MAXLEN in every XADD, also in workers and scripts, and trim what is there once.",
          commands: [redis.cli("XTRIM \(shellWord(worst.key)) MAXLEN '~' \(RedisFacts.Stream.cap)")],
          snippet: "XADD \(worst.key) MAXLEN ~ \(RedisFacts.Stream.cap) * type … data …"))
  }

  private func evidence(_ stream: RedisFacts.Stream) -> Evidence {
    let added = stream.entriesAdded.map { ", \(thousands($0)) ever added" } ?? ""
    let growth =
      stream.growthInSample.map { ", \($0 < 0 ? "" : "+")\(thousands($0)) during the sample" } ?? ", no sample"
    let expiry = stream.ttlSeconds.map { ", expires in \(ageText($0))" } ?? ", never expires"
    return Evidence(
      stream.key, "\(thousands(stream.length)) entries\(added)\(growth)\(expiry)",
      expected: "at most \(thousands(RedisFacts.Stream.cap)) and a node", source: "XINFO STREAM")
  }

  private func slack(_ redis: RedisFacts) -> Evidence {
    let isSeen = redis.setting("stream-node-max-entries") != nil
    return Evidence(
      "stream-node-max-entries", "\(redis.trimmingSlack)", source: isSeen ? "CONFIG GET" : "default of Redis")
  }
}
