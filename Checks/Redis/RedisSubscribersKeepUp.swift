import Diagnosis
import Facts

/// Redis closes a subscriber that reads too slowly, and what was queued for it is lost.
struct RedisSubscribersKeepUp: Check {
  static let card = CheckCard(
    id: "redis.subscriber-buffer",
    title: "Subscribers read as fast as events come",
    severity: .warning,
    needs: [.redis],
    why: """
      What a subscriber has not read yet is queued in Redis's memory. Past the limit for pubsub, 8 MiB for 60 seconds \
      or 32 MiB at once unless set otherwise, Redis closes the connection and drops the queue. The instance \
      subscribes anew and its streams never say that events are missing. The cause is an instance whose event loop is \
      stuck.
      """,
    remedy: Remedy(
      "Find the instance that reads slowly, and what holds it up.",
      commands: ["redis-cli CLIENT LIST TYPE pubsub"]),
    references: [
      "Redis: output buffer limits, https://redis.io/docs/latest/develop/reference/clients/#output-buffer-limits",
      "Redis: CLIENT LIST, https://redis.io/docs/latest/commands/client-list/",
    ],
    scenarios: [
      .passes("nothing is queued", Samples.answering()),
      .passes("less than the limit is queued", subscriber(queued: 8_388_607)),
      .passes(
        "what is queued for others than subscribers is not looked at",
        Samples.answering { redis in
          redis.clients = redis.clients?.map {
            $0 + [RedisFacts.ClientGroup(host: "10.0.0.4", kind: .replica, count: 1, largestOutputBytes: 90_000_000)]
          }
        }),
      .passes(
        "the limit is higher here",
        subscriber(queued: 9_000_000, limit: "normal 0 0 0 slave 0 0 0 pubsub 67108864 33554432 60")),
      .finds("the soft limit is reached", subscriber(queued: 8_388_608), on: "redis://cache:6379/0"),
      .finds(
        "the limit is lower here", subscriber(queued: 1_048_576, limit: "pubsub 4194304 1048576 30")),
      .finds("only the hard limit is set", subscriber(queued: 4_194_304, limit: "pubsub 4194304 0 0")),
      .finds("there is no limit", subscriber(queued: 9_000_000, limit: "pubsub 0 0 0")),
      .finds("the limit is hidden", subscriber(queued: 9_000_000, limit: nil)),
      .finds("the limit can't be understood", subscriber(queued: 9_000_000, limit: "pubsub 32mb")),
      .undetermined(
        "CLIENT is refused",
        Samples.answering { $0.clients = .unseen(Unseen(.refused, "CLIENT LIST was refused: NOPERM")) }),
      .undetermined("nobody asked who is connected", Samples.answering { $0.clients = nil }),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("nobody is subscribed", Samples.answering { $0.clients = .seen([]) }),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      card.onAnswer(redis.clients, to: "its clients (CLIENT LIST)", by: redis) { clients in
        let subscribers = clients.filter { $0.kind == .pubsub }
          .sorted { ($1.largestOutputBytes, $0.inWords) < ($0.largestOutputBytes, $1.inWords) }
        guard let worst = subscribers.first else {
          return card.notApplicable(.redis(redis.endpoint), "no subscriber is connected")
        }
        let limit = Limit(setting: redis.setting("client-output-buffer-limit"))
        if worst.largestOutputBytes < limit.bytes {
          let most = worst.largestOutputBytes > 0 ? "at most \(roundedSize(worst.largestOutputBytes))" : "nothing"
          return card.pass(.redis(redis.endpoint), "\(most) is queued for a subscriber (\(limit.inWords))")
        }
        return finding(redis, subscribers.filter { $0.largestOutputBytes >= limit.bytes }, worst, limit)
      }
    }
  }

  private func finding(
    _ redis: RedisFacts, _ slow: [RedisFacts.ClientGroup], _ worst: RedisFacts.ClientGroup, _ limit: Limit
  ) -> Verdict {
    card.finding(
      .redis(redis.endpoint),
      "\(redis.endpoint) holds \(roundedSize(worst.largestOutputBytes)) for a subscriber that reads too slowly, at "
        + "\(worst.origin) (\(limit.inWords))",
      evidence: slow.prefix(5).map {
        Evidence(
          "omem", "\(roundedSize($0.largestOutputBytes)) at \($0.origin)",
          expected: "less than \(binarySize(limit.bytes))", source: "CLIENT LIST")
      },
      at: redis.location,
      remedy: Remedy(
        "See what holds the instance at \(worst.host) up: a blocked event loop, a CPU limit, a network that drops. A "
          + "higher limit only buys time.",
        commands: [redis.cli("CLIENT LIST TYPE pubsub"), redis.cli("CONFIG GET client-output-buffer-limit")]))
  }

  /// From how many queued bytes on a subscriber is close to being closed.
  private struct Limit {
    var bytes = 8 << 20
    var inWords = "the limit is hidden; 8 MiB for 60 s is Redis's own"

    /// Reads `normal 0 0 0 slave … pubsub <hard> <soft> <seconds>`; 0 turns a limit off.
    init(setting: String?) {
      let words = setting?.split(separator: " ") ?? []
      guard let start = words.firstIndex(of: "pubsub") else { return }
      let numbers = words[(start + 1)...].prefix(3).compactMap { Int($0) }
      guard numbers.count == 3 else { return }
      switch (numbers[0], numbers[1]) {
      case (let hard, let soft) where soft > 0 && (soft <= hard || hard <= 0):
        bytes = soft
        inWords = "the limit is \(binarySize(soft)) for \(numbers[2]) s"
      case (let hard, _) where hard > 0:
        bytes = hard
        inWords = "the limit is \(binarySize(hard))"
      default: inWords = "there is no limit, and 8 MiB is much"
      }
    }
  }

  private static func subscriber(
    queued: Int, limit: String? = Samples.settings["client-output-buffer-limit"]
  ) -> Facts {
    Samples.answering { redis in
      redis.settings = redis.settings?.map { settings in
        var settings = settings
        settings["client-output-buffer-limit"] = limit
        return settings
      }
      redis.clients = .seen([
        RedisFacts.ClientGroup(host: "10.0.0.7", kind: .pubsub, count: 4, largestOutputBytes: 20),
        RedisFacts.ClientGroup(
          host: "10.0.0.8", name: "web-2", kind: .pubsub, count: 1, largestOutputBytes: queued),
      ])
    }
  }
}
