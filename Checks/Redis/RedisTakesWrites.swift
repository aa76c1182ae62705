import Diagnosis
import Facts

/// A Redis that answers may still refuse the work: while it loads, when it can't save, or when replicas are missing.
struct RedisTakesWrites: Check {
  static let card = CheckCard(
    id: "redis.loading-or-readonly",
    title: "Redis is in a state to serve and to take writes",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      While it loads its data Redis refuses nearly every command, and clients wait. A snapshot that can't be written, \
      often for a full disk, makes it refuse all writes with MISCONF until one succeeds, and too few replicas do so \
      with NOREPLICAS. PUBLISH is no write: it still works then, so a system that uses pub/sub alone notices little.
      """,
    remedy: Remedy(
      "Wait for a server that loads; otherwise free its disk, or bring its replicas back.",
      commands: ["redis-cli INFO persistence", "redis-cli INFO replication"]),
    references: [
      "Redis: persistence, https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/",
      "Redis: replication, https://redis.io/docs/latest/operate/oss_and_stack/management/replication/",
      "Redis: redis.conf, https://github.com/redis/redis/blob/7.0/redis.conf",
    ],
    scenarios: [
      .passes("all is well", Samples.answering(.redisStreams)),
      .passes("what PING proves need not be shown", pinged { $0.numbers = [:] }),
      .passes("this user may not PING, and INFO shows all", unpinged(.redisStreams) { _ in }),
      .finds(
        "it is loading", refused("LOADING Redis is loading the dataset in memory", .flowpanel),
        on: "redis://cache:6379/0"),
      .finds("a replica without its primary", refused("MASTERDOWN Link with MASTER is down", .redisStreams)),
      .finds("a script that does not end", refused("BUSY Redis is busy running a script.", .flowpanel)),
      .finds("snapshots fail, and writes are refused", refused(misconf, .redisStreams)),
      .finds("the same, for pub/sub alone", refused(misconf, .flowpanel), severity: .warning),
      .finds("it began to load after PING", pinged { $0.numbers?["loading"] = 1 }),
      .finds("snapshots fail, and writes go on", pinged { $0.lastSaveWorked = false }, severity: .warning),
      .finds(
        "snapshots fail, and pub/sub needs none",
        Samples.answering(.flowpanel) { $0.info { $0.lastSaveWorked = false } }, severity: .notice),
      .finds(
        "snapshots fail, and whether writes go on was not tried",
        unpinged(.redisStreams) { $0.info { $0.lastSaveWorked = false } }),
      .finds(
        "snapshots fail, and are told not to stop writes",
        unpinged(.redisStreams) { redis in
          redis.info { $0.lastSaveWorked = false }
          redis.settings = .seen(["stop-writes-on-bgsave-error": "no"])
        }, severity: .warning),
      .finds("too few replicas", replicas(good: 0, wanted: "1", .redisStreams)),
      .finds("too few replicas, for pub/sub alone", replicas(good: 0, wanted: "1", .flowpanel), severity: .warning),
      .passes("replicas enough", replicas(good: 2, wanted: "1", .redisStreams)),
      .undetermined(
        "this user may not PING, and INFO hides the rest", unpinged(.redisStreams) { $0.info { $0.numbers = nil } }),
      .undetermined(
        "this user may not PING, and INFO hides the last snapshot",
        unpinged(.redisStreams) { $0.info { $0.lastSaveWorked = nil } }),
      .undetermined("INFO hides the role", pinged { $0.role = "" }),
      .undetermined("INFO is refused", Samples.noInfo),
      .undetermined("the port is closed", Samples.closedPort),
      .undetermined(
        "no room for another client", Samples.redis(.ping, .serverError, "ERR max number of clients reached")),
      .notApplicable("a replica: another check's finding", Samples.redis(role: "slave", linkIsUp: true)),
      .notApplicable("a replica without its primary: another check's finding", lostReplica),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    // A system that is not known is taken to keep keys.
    let keepsKeys = facts.deployment.value?.system.keepsKeysInRedis ?? true
    return card.eachRedis(facts) { redis in
      let isReplica = redis.server.value?.role == "slave"
      if let refusal = redis.refusingState, refusal.state != .masterDown || !isReplica {
        return finding(
          redis, fault(refusal.state, keepsKeys),
          severity: refusal.state == .misconfigured && !keepsKeys ? .warning : .error,
          evidence: [Evidence(refusal.step.title, refusal.words, source: redis.address)], remedy(refusal.state, redis))
      }
      switch redis.server {
      case .unseen(let reason):
        return card.undetermined(.redis(redis.endpoint), redis.whyUnseen(reason), at: redis.location)
      case .seen(let server): return verdict(redis, server, keepsKeys)
      }
    }
  }

  private func verdict(_ redis: RedisFacts, _ server: RedisFacts.Server, _ keepsKeys: Bool) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    if redis.number("loading") == 1 {
      return finding(
        redis, fault(.loading, keepsKeys), severity: .error,
        evidence: [Evidence("loading", "1", expected: "0", source: "INFO persistence")], remedy(.loading, redis))
    }
    if server.role == "slave" {
      return card.notApplicable(subject, "it is a replica, which redis.role-replica judges")
    }
    if server.lastSaveWorked == false { return failedSave(redis, keepsKeys) }
    if let missing = missingReplicas(redis, keepsKeys) { return missing }
    if server.role.isEmpty { return card.undetermined(subject, "INFO shows no role", at: redis.location) }
    // A server that answers PING is neither loading nor refuses writes for the want of a snapshot.
    if redis.succeeded(.ping) { return card.pass(subject, "it answers PING, and its role is \(server.role)") }
    if redis.number("loading") == nil { return card.hidden("loading", by: redis) }
    if server.lastSaveWorked == nil { return card.hidden("rdb_last_bgsave_status", by: redis) }
    return card.pass(subject, "it is not loading, its last snapshot worked, and its role is \(server.role)")
  }

  private func failedSave(_ redis: RedisFacts, _ keepsKeys: Bool) -> Verdict {
    let writesGoOn =
      redis.succeeded(.ping) || redis.setting("stop-writes-on-bgsave-error") == "no" || redis.setting("save") == ""
    return finding(
      redis,
      writesGoOn
        ? "could not write its last snapshot, and takes writes all the same: a restart loses them"
        : fault(.misconfigured, keepsKeys) + ", unless stop-writes-on-bgsave-error is off",
      severity: severity(keepsKeys: keepsKeys, writesGoOn: writesGoOn),
      evidence: [Evidence("rdb_last_bgsave_status", "err", expected: "ok", source: "INFO persistence")],
      remedy(.misconfigured, redis))
  }

  private func severity(keepsKeys: Bool, writesGoOn: Bool) -> Severity {
    switch (keepsKeys, writesGoOn) {
    case (true, false): .error
    case (true, true), (false, false): .warning
    case (false, true): .notice
    }
  }

  private func missingReplicas(_ redis: RedisFacts, _ keepsKeys: Bool) -> Verdict? {
    guard let wanted = redis.setting("min-replicas-to-write").flatMap({ Int($0) }),
      let good = redis.number("min_slaves_good_slaves"), good < wanted
    else { return nil }
    return finding(
      redis,
      "refuses writes with NOREPLICAS: \(good) of the \(wanted) replicas that it wants are there"
        + (keepsKeys ? "" : "; PUBLISH goes on"),
      severity: keepsKeys ? .error : .warning,
      evidence: [
        Evidence("min_slaves_good_slaves", "\(good)", expected: "\(wanted) or more", source: "INFO replication"),
        Evidence("min-replicas-to-write", "\(wanted)", source: "CONFIG GET"),
      ],
      Remedy(
        "Bring the replicas back, or ask for fewer of them.",
        commands: [redis.cli("INFO replication"), redis.cli("CONFIG SET min-replicas-to-write \(max(good, 0))")]))
  }

  private func finding(
    _ redis: RedisFacts, _ fault: String, severity: Severity, evidence: [Evidence], _ remedy: Remedy
  ) -> Verdict {
    card.finding(
      .redis(redis.endpoint), "\(redis.endpoint) \(fault)\(redis.users)", severity: severity, evidence: evidence,
      at: redis.location, remedy: remedy)
  }

  private func fault(_ state: RefusingState, _ keepsKeys: Bool) -> String {
    switch state {
    case .loading: "is loading its data and refuses commands until it is done"
    case .masterDown: "is a replica that has lost its primary and refuses commands"
    case .busy: "runs a script that does not end and refuses commands"
    case .misconfigured:
      "can't write to disk and refuses writes with MISCONF" + (keepsKeys ? "" : "; PUBLISH goes on")
    }
  }

  private func remedy(_ state: RefusingState, _ redis: RedisFacts) -> Remedy {
    switch state {
    case .loading:
      Remedy(
        "Wait until it has loaded; if it begins again and again, see why it restarts.",
        commands: [redis.cli("INFO persistence")])
    case .masterDown:
      Remedy(
        "Put the primary's address into the URL, and mend the replication.", commands: [redis.cli("INFO replication")])
    case .busy:
      Remedy(
        "End the script, and find out who sent it; one that has written ends only with the server.",
        commands: [redis.cli("SCRIPT KILL"), redis.cli("FUNCTION KILL")])
    case .misconfigured:
      Remedy(
        "Read the server's log for why it can't write, free or mend its disk and let the snapshot run again: writes go "
          + "on once one succeeds.",
        commands: [redis.cli("INFO persistence"), redis.cli("CONFIG GET dir"), redis.cli("BGSAVE")])
    }
  }

  private static let misconf = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist"

  private static func refused(_ words: String, _ system: System) -> Facts {
    Samples.redis(.ping, .serverError, words).under(Samples.deployment(system))
  }

  private static var lostReplica: Facts {
    refused("MASTERDOWN Link with MASTER is down", .redisStreams).redis {
      $0.server = .seen(RedisFacts.Server(role: "slave", masterLinkIsUp: false))
    }
  }

  private static func pinged(_ change: (inout RedisFacts.Server) -> Void) -> Facts {
    Samples.answering(.redisStreams) { $0.info(change) }
  }

  private static func unpinged(_ system: System, _ change: (inout RedisFacts) -> Void) -> Facts {
    Samples.answering(system) { redis in
      redis.steps = redis.steps.map { step in
        var step = step
        if step.step == .ping {
          step.failure = RedisFacts.StepFailure(.commandRefused, "NOPERM no permission to run 'ping'")
        }
        return step
      }
      change(&redis)
    }
  }

  private static func replicas(good: Int, wanted: String, _ system: System) -> Facts {
    Samples.answering(system) { redis in
      redis.info { $0.numbers?["min_slaves_good_slaves"] = good }
      redis.settings = .seen(["min-replicas-to-write": wanted])
    }
  }
}
