import Diagnosis
import Facts

/// Entries that are written while nobody is subscribed beside them: the loop that passes them on is dead.
struct PublishedEventsAreHeard: Check {
  static let card = CheckCard(
    id: "pubsub.publish-drop",
    title: "Somebody listens while events are written",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      Each event is written to a stream for those who come back, and published for those who are there. When the \
      subscriber's connection was lost and not made again, the stream goes on growing and no open browser sees any of \
      it, until a reload replays everything at once. Health checks see a writer that works.
      """,
    remedy: Remedy(
      "Restart the instances, and let the subscriber connect and subscribe again after an error.",
      commands: ["redis-cli PUBSUB NUMSUB sse:channel:CHANNEL"]),
    references: [
      "Redis: PUBSUB NUMSUB, https://redis.io/docs/latest/commands/pubsub-numsub/",
      "Redis: Pub/Sub, https://redis.io/docs/latest/develop/pubsub/",
    ],
    scenarios: [
      .passes(
        "written and heard", Samples.entries(Samples.stream("sse:news", length: 120, inSample: 4, subscribers: 2))),
      .finds(
        "written, and nobody listens",
        Samples.entries(
          Samples.stream("sse:news", length: 120, inSample: 4, subscribers: 0),
          Samples.stream("sse:orders", length: 120, inSample: 4, subscribers: 2)), on: "redis://cache:6379/0"),
      .undetermined(
        "written, and somebody listens by a pattern",
        Samples.entries(patterns: 1, Samples.stream("sse:user:7", length: 120, inSample: 4, subscribers: 0))),
      .undetermined(
        "written, and another node may have the subscribers",
        Samples.entries(mode: "cluster", Samples.stream("sse:news", length: 120, inSample: 4, subscribers: 0))),
      .undetermined(
        "written, and who listens is not known", Samples.entries(Samples.stream("sse:news", length: 120, inSample: 4))),
      .undetermined(
        "XINFO is refused",
        Samples.details(.redisStreams) { $0.streams = .unseen(Unseen(.refused, "XINFO STREAM was refused: NOPERM")) }),
      .undetermined("nobody asked", Samples.details(.redisStreams)),
      .undetermined("no sample was taken", Samples.entries(Samples.stream("sse:news", length: 120, subscribers: 0))),
      .notApplicable(
        "nothing was written", Samples.entries(Samples.stream("sse:news", length: 120, inSample: 0, subscribers: 0))),
      .undetermined(
        "there are more streams",
        Samples.moreEntries(Samples.stream("sse:news", length: 120, inSample: 4, subscribers: 2))),
      .notApplicable("no stream exists", Samples.entries()),
      .notApplicable("another system", Samples.details()),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedisWithStreams(facts, judge)
  }

  private func judge(_ redis: RedisFacts, _ streams: [RedisFacts.Stream]) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    let sampled = streams.filter { $0.addedInSample != nil }
    let written = sampled.filter { ($0.addedInSample ?? 0) > 0 }
    let unheard = written.filter { $0.subscribers == 0 }
    let patterns = redis.channels?.value?.patternSubscriptions
    if let first = unheard.first {
      if redis.isClusterNode {
        return card.undetermined(
          subject,
          "nobody is subscribed beside \(first.key) on this node, and in a cluster each node counts its own "
            + "subscribers alone", at: redis.location)
      }
      if patterns != 0 {
        let who = patterns.map { "\(counted($0, "pattern")) subscribed to may cover it" } ?? "patterns were not counted"
        return card.undetermined(
          subject, "nobody is subscribed beside \(first.key) by name, and \(who)", at: redis.location)
      }
      return finding(redis, unheard)
    }
    if sampled.count < streams.count {
      return card.undetermined(
        subject, redis.unfinished?.detail ?? "not every stream was looked at a second time", at: redis.location)
    }
    if written.isEmpty { return card.notApplicable(subject, "nothing was written during the sample") }
    if let unknown = written.first(where: { $0.subscribers == nil }) {
      return card.undetermined(
        subject, "entries were written to \(unknown.key), and who is subscribed beside it is not known",
        at: redis.location)
    }
    return card.pass(
      subject, "\(counted(written.count, "stream")) written to during the sample, each with subscribers\(redis.users)")
  }

  private func finding(_ redis: RedisFacts, _ unheard: [RedisFacts.Stream]) -> Verdict {
    card.finding(
      .redis(redis.endpoint),
      "entries are written to \(listed(unheard.map(\.key))) on \(redis.endpoint), and nobody is subscribed beside "
        + "\(unheard.count == 1 ? "it" : "them")\(redis.users): no open browser sees them",
      evidence: unheard.prefix(8).map { stream in
        Evidence(
          stream.key, "\(thousands(stream.addedInSample ?? 0)) added during the sample, 0 subscribers",
          expected: "1 subscriber or more", source: "XINFO STREAM, PUBSUB NUMSUB")
      },
      at: redis.location,
      remedy: Remedy(
        "If browsers have streams open, restart the instances, and let the subscriber connect and subscribe again after "
          + "an error.",
        commands: [redis.cli("PUBSUB CHANNELS 'sse:channel:*'"), redis.cli("CLIENT LIST TYPE pubsub")]))
  }
}
