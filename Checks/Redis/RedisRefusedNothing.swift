import Diagnosis
import Facts

/// Redis keeps a log of what it refused: the answer to why nothing arrived, for whoever asks in time.
struct RedisRefusedNothing: Check {
  static let card = CheckCard(
    id: "redis.acl-log",
    title: "Redis refused nothing in the last 24 hours",
    severity: .warning,
    needs: [.deployment, .redis],
    why: """
      Every refusal of a command, a key, a channel or a password stands in ACL LOG with the user who met it, also those \
      that the application swallowed. The log holds 128 entries and is lost with a restart, so it is worth reading \
      while the trouble is fresh.
      """,
    remedy: Remedy(
      "Allow what the users need, or correct the client that asks for more.",
      commands: ["redis-cli ACL LOG", "redis-cli ACL LOG RESET"]),
    references: [
      "Redis: ACL LOG, https://redis.io/docs/latest/commands/acl-log/",
      "Redis: ACL, https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/",
    ],
    scenarios: [
      .passes("the log is empty", Samples.denials()),
      .passes(
        "older than a day", Samples.denials(.flowpanel, Samples.denial("channel", "resource.x", ageSeconds: 90_000))),
      .passes(
        "what this tool tried itself",
        Samples.denials(
          .flowpanel, Samples.denial("channel", "resource.flowpanel-doctor-1"), Samples.denial("command", "config|get"),
          Samples.denial("command", "acl|log", by: "reports"))),
      .finds(
        "the system's user on its channels",
        Samples.denials(.flowpanel, Samples.denial("channel", "resource.users", count: 12)),
        on: "redis://cache:6379/0"),
      .finds(
        "another user on the system's keys",
        Samples.denials(.redisStreams, Samples.denial("key", "sse:news", by: "reports"))),
      .finds(
        "on the system's keys, and who we are is not known",
        Samples.details(.redisStreams) { $0.denials = .seen([Samples.denial("key", "sse:news", by: "reports")]) }),
      .finds("a command that the system needs", Samples.denials(.flowpanel, Samples.denial("command", "publish"))),
      .finds(
        "another user's affairs", Samples.denials(.flowpanel, Samples.denial("key", "orders:1", by: "reports")),
        severity: .notice),
      .finds(
        "somebody has a wrong password, and who we are is not known",
        Samples.details { $0.denials = .seen([Samples.denial("auth", "AUTH", by: "default")]) }, severity: .notice),
      .undetermined(
        "the log is closed", Samples.details { $0.denials = .unseen(Unseen(.refused, "ACL LOG was refused: NOPERM")) }),
      .undetermined("nobody asked", Samples.details()),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  /// What this tool asks and an application need not: a refusal of one of these is taken for its own doing, of whichever
  /// user's URL it was given. Before Redis 7 the log names no subcommands.
  private static let askedByThisTool: Set<String> = {
    let commands = System.allCases.flatMap(\.doctorCommands) + ["acl|dryrun", "multi", "discard"]
    return Set(commands + commands.map { String($0.prefix { $0 != "|" }) })
  }()
  private static let daySeconds = 86_400.0

  func judge(_ facts: Facts) -> [Verdict] {
    let needs = facts.deployment.value?.system.redisNeeds()
    let needed = Set(needs?.commands.map { $0.lowercased() } ?? [])
    let patterns = (needs?.channels ?? []) + (needs?.keys ?? [])
    return card.eachRedis(facts, with: \.denials, "ACL LOG") { redis, denials in
      let user = redis.permissions?.value?.user
      let young = denials.filter { $0.ageSeconds <= Self.daySeconds && !$0.object.contains(ownName) }
      let recent = young.filter { !isOwnQuestion($0, needed) }
      if recent.isEmpty {
        let own = young.isEmpty ? "" : ", but for \(listed(distinct(young.map(\.object)))), which this tool asks"
        return card.pass(.redis(redis.endpoint), "ACL LOG holds no denial of \(period(redis))\(own)\(redis.users)")
      }
      let asked = redis.permissions?.value.map { $0.patterns(.channel) + $0.patterns(.key) } ?? []
      return finding(redis, recent, user: user, patterns + asked)
    }
  }

  private func isOwnQuestion(_ denial: RedisFacts.Denial, _ needed: Set<String>) -> Bool {
    guard denial.reason == "command" else { return false }
    let command = denial.object.prefix { $0 != " " }.lowercased()
    return Self.askedByThisTool.contains(command) && !needed.contains(command)
  }

  private func finding(
    _ redis: RedisFacts, _ denials: [RedisFacts.Denial], user: String?, _ patterns: [String]
  ) -> Verdict {
    let concern = denials.filter { denial in
      denial.user == user
        || ["channel", "key"].contains(denial.reason) && patterns.contains { isName(denial.object, under: $0) }
    }
    let reasons = distinct(denials.map(\.reason))
    let whose =
      concern.isEmpty ? ", none of them on the system's names\(user.map { " or to its user \($0)" } ?? "")" : ""
    return card.finding(
      .redis(redis.endpoint),
      "\(redis.endpoint) refused something in \(period(redis))\(redis.users): "
        + listed(reasons.map { inWords($0, denials) }) + whose,
      severity: concern.isEmpty ? .notice : .warning, evidence: reasons.map { evidence($0, denials) },
      at: redis.location,
      remedy: reasons == ["auth"]
        ? Remedy("Correct the user name or the password of whoever fails to log in.", commands: [redis.cli("ACL LOG")])
        : Remedy(
          concern.isEmpty
            ? "Ask whoever runs the other users of this server; nothing of this system is concerned."
            : "Allow what the system needs, with the line that redis.acl-channel-denied, redis.acl-command-denied or "
              + "redis.acl-key-denied gives; then empty the log, so that what comes next is new.",
          commands: [redis.cli("ACL LOG")] + (concern.isEmpty ? [] : [redis.cli("ACL LOG RESET")])))
  }

  private func inWords(_ reason: String, _ denials: [RedisFacts.Denial]) -> String {
    let count = total(denials.filter { $0.reason == reason })
    return switch reason {
    case "channel", "key", "command": counted(count, reason)
    case "auth": counted(count, "log-in")
    default: "\(count) for the reason \(reason)"
    }
  }

  private func evidence(_ reason: String, _ denials: [RedisFacts.Denial]) -> Evidence {
    let group = denials.filter { $0.reason == reason }
    let users = distinct(group.map { $0.user.isEmpty ? "a user who is not shown" : $0.user })
    let objects = distinct(group.map(\.object).filter { !$0.isEmpty })
    // Saved facts may hold any number.
    let latest = Int(exactly: (group.map(\.ageSeconds).min() ?? 0).rounded()) ?? 0
    return Evidence(
      reason.isEmpty ? "denial" : reason,
      "\(counted(total(group), "time")), last \(ageText(latest)) ago, to \(listed(users))"
        + (objects.isEmpty ? "" : ": \(listed(objects))")
        + (["auth", "command"].contains(reason) ? "; earlier runs of this tool may be among them" : ""),
      expected: "none", source: "ACL LOG")
  }

  /// Saved facts may hold any number.
  private func total(_ denials: [RedisFacts.Denial]) -> Int {
    denials.reduce(0) { sum, denial in
      let (result, isTooLarge) = sum.addingReportingOverflow(denial.count)
      return isTooLarge ? Int.max : result
    }
  }

  /// The log goes back no further than the server's start.
  private func period(_ redis: RedisFacts) -> String {
    guard let uptime = redis.number("uptime_in_seconds"), Double(uptime) < Self.daySeconds else {
      return "the last 24 h"
    }
    return "the \(ageText(uptime)) since its start"
  }
}
