import Diagnosis
import Facts

/// A capped stream holds a stretch of time, and who was away for longer has lost something.
struct StreamsHoldEnough: Check {
  static let card = CheckCard(
    id: "redis.stream-near-cap",
    title: "A capped stream spans more than a short outage",
    severity: .warning,
    needs: [.deployment, .redis],
    why: """
      With MAXLEN ~ 10000 a busy stream always holds some 10,000 entries, so its length says nothing: what counts is \
      the time between its first entry and its last. A browser that was away for longer than that comes back with a \
      Last-Event-ID that is gone, gets what is left and never learns what it missed. A rollout or a failover takes \
      minutes.
      """,
    remedy: Remedy(
      "Raise MAXLEN until the stream spans the longest outage that readers should survive.",
      commands: ["redis-cli XINFO STREAM sse:CHANNEL"], snippet: "XADD sse:CHANNEL MAXLEN ~ 50000 * type … data …"),
    references: [
      "Redis: XADD, https://redis.io/docs/latest/commands/xadd/",
      "Redis: XTRIM, https://redis.io/docs/latest/commands/xtrim/",
      "WHATWG HTML section 9.2.4: Last-Event-ID, https://html.spec.whatwg.org/multipage/server-sent-events.html",
    ],
    scenarios: [
      .passes("nothing was trimmed yet", Samples.entries(Samples.stream("sse:news", length: 120, withinSeconds: 60))),
      .passes(
        "at its cap, and it spans a day", Samples.entries(Samples.stream("sse:news", length: 10_045, added: 90_000))),
      .finds(
        "at its cap, and it spans a minute",
        Samples.entries(
          Samples.stream("sse:news", length: 10_045, added: 90_000, withinSeconds: 60),
          Samples.stream("sse:quiet", length: 3)), on: "redis://cache:6379/0"),
      .finds(
        "near its cap, and it spans a minute",
        Samples.entries(Samples.stream("sse:news", length: 9500, withinSeconds: 60))),
      .finds(
        "a smaller cap",
        Samples.entries(Samples.stream("sse:progress", length: 1000, added: 50_000, withinSeconds: 60))),
      .undetermined(
        "ids that are not times",
        Samples.entries(RedisFacts.Stream("sse:news", length: 10_000, firstID: "1-0", lastID: "10000-0"))),
      .undetermined(
        "XINFO is refused",
        Samples.details(.redisStreams) { $0.streams = .unseen(Unseen(.refused, "XINFO STREAM was refused: NOPERM")) }),
      .undetermined("nobody asked", Samples.details(.redisStreams)),
      .undetermined("there are more streams", Samples.moreEntries(Samples.stream("sse:news", length: 120))),
      .notApplicable("no stream exists", Samples.entries()),
      .notApplicable("another system", Samples.details()),
    ])

  /// Longer than a rollout or a failover takes.
  private static let enoughSeconds = 900

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedisWithStreams(facts, judge)
  }

  private func judge(_ redis: RedisFacts, _ streams: [RedisFacts.Stream]) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    // What goes on past the cap and was never trimmed has lost nothing: redis.stream-untrimmed judges that.
    let capped = streams.filter { stream in
      stream.wasTrimmed == true
        || stream.length > RedisFacts.Stream.cap / 10 * 9
          && (stream.wasTrimmed == nil || stream.length <= RedisFacts.Stream.cap + redis.trimmingSlack)
    }
    let spans = capped.compactMap { stream in stream.spanSeconds.map { (stream: stream, seconds: $0) } }
      .sorted { ($0.seconds, $0.stream.key) < ($1.seconds, $1.stream.key) }
    let short = spans.filter { $0.seconds < Self.enoughSeconds }
    if let worst = short.first {
      return card.finding(
        subject,
        "\(worst.stream.key) on \(redis.endpoint) spans \(ageText(worst.seconds)) in "
          + "\(thousands(worst.stream.length)) entries\(short.count > 1 ? ", and \(short.count - 1) more are as short" : "")"
          + "\(redis.users): who is away for longer misses events",
        evidence: short.prefix(8).map(evidence), at: redis.location,
        remedy: Remedy(
          "Raise MAXLEN in every XADD until the stream spans the longest outage that readers should survive, and give "
            + "Redis the memory.",
          commands: [redis.cli("XINFO STREAM \(shellWord(worst.stream.key))")],
          snippet: "XADD \(worst.stream.key) MAXLEN ~ \(wanted(worst.stream, worst.seconds)) * type … data …"))
    }
    if let stream = capped.first(where: { $0.spanSeconds == nil }) {
      return card.undetermined(
        subject,
        "the ids of \(stream.key), \(stream.firstID.isEmpty ? "which are not known" : stream.firstID), are not "
          + "times, so what it spans is not known", at: redis.location)
    }
    guard let least = spans.first else {
      return card.pass(
        subject,
        "\(counted(streams.count, "stream")), none of them trimmed or near \(thousands(RedisFacts.Stream.cap)) "
          + "entries")
    }
    return card.pass(
      subject, "\(counted(capped.count, "stream")) at a cap, each spanning \(ageText(least.seconds)) or more",
      evidence: spans.prefix(8).map(evidence))
  }

  private func evidence(_ span: (stream: RedisFacts.Stream, seconds: Int)) -> Evidence {
    Evidence(
      span.stream.key,
      "\(thousands(span.stream.length)) entries in \(ageText(span.seconds)), \(span.stream.firstID) to "
        + span.stream.lastID,
      expected: "\(ageText(Self.enoughSeconds)) or more", source: "XINFO STREAM")
  }

  /// The cap that would span an hour at the rate of the entries that are there, in whole ten thousands, at most a
  /// million.
  private func wanted(_ stream: RedisFacts.Stream, _ seconds: Int) -> Int {
    let needed = Double(max(stream.length, 1)) * 3600 / Double(max(seconds, 1))
    return needed < 1_000_000 ? max(Int(needed / 10_000 + 1) * 10_000, 10_000) : 1_000_000
  }
}
