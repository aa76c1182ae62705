import Diagnosis
import FanOut
import Facts

/// The whole way, from Redis to every browser: the one proof that `ready` is not.
struct EventsReachEveryInstance: Check {
  static let card = CheckCard(
    id: "pubsub.fanout",
    title: "An event reaches every instance, and a browser through every public URL",
    severity: .error,
    needs: [.config, .deployment, .redis, .stream],
    why: """
      A stream that says ready while nobody behind it listens looks well from every side: status 200, heartbeats, no line \
      in any log. Only a message that is published once and comes out of each instance, and through each public URL, proves \
      the way. Where it does not come out, what Redis counts, what the config says and what the proxy does tell which part \
      of the way is at fault: the memory driver, ioredis that is missing, TLS on one side alone, credentials or channels \
      that Redis refuses, a Redis that can't be reached, another Redis, another prefix, the names of another version, a \
      subscription that ended, a subscriber that is deaf for none of these reasons, or a proxy that holds the stream.
      """,
    remedy: Remedy(
      "Start with the instances that are not subscribed: their driver, their REDIS_URL, and their log line "
        + "\"[flowpanel] redis subscribe failed\"."),
    references: [
      "Redis: PUBSUB NUMSUB, https://redis.io/docs/latest/commands/pubsub-numsub/",
      "Redis: PUBLISH, https://redis.io/docs/latest/commands/publish/",
      "flowpanel documentation: Realtime (drivers, several instances)",
    ],
    scenarios: [
      .passes("both instances and the public URL", Samples.fanOut()),
      .finds("web-2 runs the memory driver", Samples.fanOut { $0.silence("web-2", driver: "memory") }, on: "web-2"),
      .finds(
        "web-2 is deaf for no reason that is seen", Samples.fanOut { $0.silence("web-2", driver: "redis") }, on: "web-2"
      ),
      .finds("web-2 under another prefix", Samples.fanOut { $0.rename("web-2", "acme:") }, on: "web-2"),
      .finds("web-2 under the names of another version", Samples.fanOut { $0.rename("web-2", "") }, on: "web-2"),
      .finds("web-2 was subscribed and is no more", Samples.fanOut { $0.lose("web-2") }, on: "web-2"),
      .finds("the public URL brings nothing", Samples.fanOut { $0.holdPublic() }, on: Samples.publicURL),
      .finds(
        "a stream at the public URL ends in a bad gateway", Samples.fanOut { $0.answerPublic(status: 502) },
        on: Samples.publicURL),
      .undetermined(
        "a stream at the public URL is turned away", Samples.fanOut { $0.answerPublic(status: 503) },
        on: Samples.publicURL),
      .undetermined(
        "Redis does not say who is subscribed, and nothing came", Samples.fanOut { $0.hideCounts("web-2") }, on: "web-2"
      ),
      .undetermined("web-2's stream does not begin", Samples.fanOut { $0.close("web-2") }, on: "web-2"),
      .undetermined("no Redis is known to publish through", Samples.undriven),
      .notApplicable("nobody published", Samples.stream(Samples.ready)),
      .notApplicable("messages were published for the streams alone", Samples.driven(arrived: 1...6, receivers: 1)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    switch facts.drive {
    case nil:
      return [
        card.notApplicable(.deployment, "nothing was published; fanout does, and check --active for several instances")
      ]
    case .unseen(let reason)? where DriveChannel.obstacle(in: facts.deployment.value?.system ?? .flowpanel) != nil:
      return [card.notApplicable(.deployment, reason.detail)]
    case .unseen(let reason)?:
      return [card.undetermined(.deployment, "nothing could be published: \(reason.detail)", at: reason.location)]
    case .seen?: break
    }
    guard let matrix = FanOutMatrix(facts) else {
      return [
        card.notApplicable(.deployment, "what was published was for the streams alone; fanout follows it everywhere")
      ]
    }
    return instances(matrix, facts) + matrix.publicStreams.map { publicURL($0, matrix) }
  }

  /// One verdict for each instance; those that one reason keeps from hearing have one together.
  private func instances(_ matrix: FanOutMatrix, _ facts: Facts) -> [Verdict] {
    var verdicts: [Verdict] = []
    var reasons: [(words: String, reason: FanOutReason, names: [String])] = []
    for row in matrix.rows {
      let clues = FanOutClues(row, in: matrix, facts)
      guard let cause = cause(clues, matrix) else {
        verdicts.append(verdict(clues, matrix))
        continue
      }
      let reason = FanOutReason(cause: cause, clues: clues, matrix: matrix, facts: facts)
      let words = cause.kind.rawValue + reason.words(false)
      if let index = reasons.firstIndex(where: { $0.words == words }) {
        reasons[index].names.append(row.instance)
      } else {
        reasons.append((words, reason, [row.instance]))
      }
    }
    return reasons.map { $0.reason.finding(card, $0.names) } + verdicts
  }

  /// What keeps an instance from hearing, as far as anything is known to.
  private func cause(_ clues: FanOutClues, _ matrix: FanOutMatrix) -> FanOutCause? {
    // Alone an instance hears itself.
    if clues.driver == "memory", matrix.rows.count < 2 { return nil }
    let best = FanOutCause.ranked(clues).first
    switch clues.row.direct?.hearing {
    case .subscribed?: return clues.elsewhere == nil ? nil : best
    case .lost?: return best
    case .never?: return best
    case .unknown?, nil:
      // Not by what was seen on the way, but by what its settings are known to lead to.
      return best.flatMap { $0.isSigned ? $0 : nil }
    }
  }

  /// The verdict on an instance that nothing is known to keep from hearing.
  private func verdict(_ clues: FanOutClues, _ matrix: FanOutMatrix) -> Verdict {
    let name = clues.row.instance
    let subject = Subject.instance(name)
    guard let direct = clues.row.direct else {
      // Each process is one subscriber: where there are as many as instances, none is missing.
      if matrix.processes == matrix.rows.count, matrix.gap == nil {
        return card.pass(
          subject, "no URL of its own was named; as many processes are subscribed as there are instances")
      }
      return card.undetermined(
        subject,
        "no URL of its own was named, so nothing shows whether \(name) hears: url: in the manifest names one, and "
          + "beside a URL on the command line --direct \(name)=URL")
    }
    if clues.driver == "memory", direct.hearing == .never {
      return card.notApplicable(
        subject, "it is the only instance, and runs the memory driver: nothing goes through Redis")
    }
    switch direct.hearing {
    case .unknown(let why):
      return card.undetermined(subject, "whether \(name) is subscribed is not known: \(why)")
    case .never, .lost: return card.undetermined(subject, "\(name) is not subscribed, and nothing says why")
    case .subscribed: break
    }
    let arrival = direct.arrival
    if arrival.came == 0, arrival.sent == 0 {
      return card.undetermined(
        subject, "\(name) is subscribed, and nothing was published there\(why(clues.publishers))")
    }
    if arrival.came == 0 || arrival.lost > 0 {
      return card.finding(
        subject,
        "\(name) is subscribed, and its stream brought "
          + (arrival.came == 0
            ? "none of the messages" : "only \(arrival.came) of \(counted(arrival.came + arrival.lost, "message"))"),
        evidence: [
          Evidence("messages that came on it", "\(arrival.came)", expected: "\(arrival.came + arrival.lost)"),
          Evidence("subscribed", "yes", source: "PUBSUB NUMSUB"),
        ],
        remedy: Remedy(
          "Look for what holds the bytes between the application and its port (a sidecar, a compressing middleware), and "
            + "into its log."),
        explains: lossSymptoms(clues.row, direct, matrix))
    }
    let latest = arrival.latest.map { ", the latest after \(millisecondsText($0))" } ?? ""
    if let other = otherPrefix(direct, clues) {
      return card.finding(
        subject,
        "\(name) brought each message\(latest), and listens under the prefix \(other.running) where its config has "
          + "\(other.configured): it runs under other settings than its files have", severity: .warning,
        evidence: [Evidence("prefix", other.running, expected: other.configured, source: "PUBSUB CHANNELS")],
        at: clues.realtime?.keyPrefix.location,
        remedy: Remedy(
          "Restart \(name), so that it takes over its settings; what publishes under them it does not hear."))
    }
    let surprise = clues.driver == "memory" ? ", although its files choose the memory driver: it runs under others" : ""
    return card.pass(subject, "\(name) brought each message\(latest)\(surprise)")
  }

  /// The prefix that an instance listens under, where its config has another; versions without prefixes have none.
  private func otherPrefix(
    _ stream: FanOutMatrix.Stream, _ clues: FanOutClues
  ) -> (running: String, configured: String)? {
    guard case .subscribed(let places) = stream.hearing, places.count == 1, clues.driver == "redis",
      case .prefixed(let running)? = places.first?.name.form, let realtime = clues.realtime,
      case .seen(let prefix) = realtime.keyPrefix.outcome
    else { return nil }
    let configured = prefix ?? "flowpanel"
    return running == configured ? nil : (running, configured)
  }

  /// Why nothing was published, as far as known.
  private func why(_ publishers: [StreamDrive.Publisher]) -> String {
    publishers.lazy.compactMap(\.failure).first.map { ": \($0)" } ?? ""
  }

  /// What else is seen of messages that an instance itself loses.
  private func lossSymptoms(
    _ row: FanOutMatrix.Row, _ direct: FanOutMatrix.Stream, _ matrix: FanOutMatrix
  ) -> [Symptom] {
    let urls = matrix.publicStreams.filter { streams in streams.contains { $0.seat == .instance(row.instance) } }
      .compactMap { $0.first?.facts.url }
    return [
      Symptom("stream.ready-without-redis", .stream(direct.facts.url)),
      Symptom("pubsub.burst-loss", .instance(row.instance)),
    ] + urls.flatMap { [Symptom("pubsub.fanout", .stream($0)), Symptom("stream.ready-without-redis", .stream($0))] }
  }
}
