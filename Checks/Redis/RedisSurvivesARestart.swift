import Diagnosis
import Facts

/// A Redis that writes nothing to disk comes back empty: replay, queues and state are gone.
struct RedisSurvivesARestart: Check {
  static let card = CheckCard(
    id: "redis.persistence-off",
    title: "Redis keeps its data over a restart",
    severity: .warning,
    needs: [.deployment, .redis],
    why: """
      Without the append-only file and without snapshots a Redis that restarts is empty. Readers that reconnect with \
      an id get no replay, jobs that waited never run, and rooms forget their state. A primary that comes back empty \
      also empties its replicas.
      """,
    remedy: Remedy(
      "Turn the append-only file on, and keep it on in the configuration.",
      commands: ["redis-cli CONFIG SET appendonly yes", "redis-cli CONFIG REWRITE"],
      snippet: "appendonly yes\nappendfsync everysec"),
    references: [
      "Redis: persistence, https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/",
      "BullMQ: going to production, https://docs.bullmq.io/guide/going-to-production",
    ],
    scenarios: [
      .passes("the append-only file is on", Samples.answering(.redisStreams)),
      .passes("there are save points", Samples.answering(.testplanit, settings: ["appendonly": "no"])),
      .passes("CONFIG is refused, and INFO shows AOF", refused(.fluxstack, aof: 1)),
      .passes(
        "CONFIG hides appendonly, and INFO shows AOF",
        Samples.answering(.redisStreams, settings: ["appendonly": nil, "save": nil])),
      .finds(
        "neither", Samples.answering(.redisStreams, settings: ["appendonly": "no", "save": ""]),
        on: "redis://cache:6379/0"),
      .undetermined("CONFIG is refused, and INFO shows no AOF", refused(.redisStreams, aof: 0)),
      .undetermined("CONFIG and INFO hide it", refused(.redisStreams, aof: nil)),
      .undetermined(
        "no AOF, and the save points are hidden",
        Samples.answering(.redisStreams, settings: ["appendonly": "no", "save": nil])),
      .undetermined("nobody asked, and INFO shows no AOF", refused(.redisStreams, aof: 0, settings: nil)),
      .undetermined("which system it is is not known", Samples.answering().under(nil)),
      .undetermined("the port is closed", Samples.closedPort.under(Samples.deployment(.redisStreams))),
      .notApplicable("the system keeps no keys", Samples.answering(.flowpanel, settings: ["appendonly": "no"])),
      .notApplicable("flock's clients tell their presence anew", Samples.answering(.flock)),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      switch facts.deployment.value?.system {
      case .flowpanel: return card.notApplicable(subject, "flowpanel keeps no keys in Redis")
      case .flock: return card.notApplicable(subject, "flock's clients tell their presence anew after a restart")
      case nil: return card.undetermined(subject, "which system keeps its keys here is not known", at: redis.location)
      case .redisStreams, .testplanit, .fluxstack: return verdict(on: redis)
      }
    }
  }

  private func verdict(on redis: RedisFacts) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    let usesAOF = redis.setting("appendonly").map { $0 == "yes" } ?? redis.number("aof_enabled").map { $0 != 0 }
    let savePoints = redis.setting("save")
    switch (usesAOF, savePoints) {
    case (true?, _): return card.pass(subject, "its append-only file is on")
    case (_, let points?) where !points.isEmpty:
      return card.pass(subject, "it has save points (\(points)): a crash loses what came after the last snapshot")
    case (false?, _?):
      return card.finding(
        subject, "\(redis.endpoint) writes nothing to disk\(redis.users): after a restart it is empty",
        evidence: [
          Evidence("appendonly", "no", expected: "yes", source: "CONFIG GET"),
          Evidence("save", "none", expected: "save points, or appendonly yes", source: "CONFIG GET"),
        ],
        at: redis.location,
        remedy: Remedy(
          "Turn the append-only file on, keep it on in the configuration, and give the server a disk that outlives it "
            + "(in containers a volume).",
          commands: [redis.cli("CONFIG SET appendonly yes"), redis.cli("CONFIG REWRITE")],
          snippet: "appendonly yes\nappendfsync everysec"))
    case (let known, _):
      let aof = known == nil ? "whether it has an append-only file" : "it has no append-only file, and whether it has"
      let reason = redis.settings?.unseen.map { redis.whyUnseen($0) } ?? redis.whyNotAsked("its settings")
      return card.undetermined(
        subject,
        "\(aof)\(known == nil ? " or" : "") save points is not known: "
          + (redis.settings?.value == nil ? reason : "CONFIG GET does not show them"),
        at: redis.location)
    }
  }

  private static func refused(
    _ system: System, aof: Int?, settings: Observation<[String: String]>? = .unseen(Samples.configRefused)
  ) -> Facts {
    Samples.answering(system) { redis in
      redis.info { $0.numbers?["aof_enabled"] = aof }
      redis.settings = settings
    }
  }
}
