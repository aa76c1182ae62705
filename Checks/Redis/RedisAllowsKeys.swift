import Diagnosis
import Facts

/// The keys of a user are patterns, and a prefix that changed is no longer among them.
struct RedisAllowsKeys: Check {
  static let card = CheckCard(
    id: "redis.acl-key-denied",
    title: "The user may use the system's keys",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      A user is bound to patterns of keys. Where the system's prefix is not among them, every write to a stream, a \
      queue or a presence set fails with NOPERM while pub/sub goes on working: events arrive live, and whoever \
      reconnects finds nothing to catch up with.
      """,
    remedy: Remedy(
      "Allow the system's keys to its user, and no others.",
      commands: ["redis-cli ACL SETUSER USER '~sse:*'", "redis-cli ACL SAVE"]),
    references: [
      "Redis: ACL, https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/",
      "Redis: ACL SETUSER, https://redis.io/docs/latest/commands/acl-setuser/",
    ],
    scenarios: [
      .passes("the keys are allowed", Samples.permissions(.redisStreams)),
      .finds(
        "the prefix is missing", Samples.permissions(.fluxstack, without: "~fluxstack:*"), on: "redis://cache:6379/0"),
      .passes("a command is refused, and others show the keys", Samples.permissions(.redisStreams, without: "+xadd")),
      .undetermined("every command is refused, which hides the keys", Samples.noPermissions(.redisStreams)),
      .undetermined("the user may not ask", Samples.permissionsRefused(.flock)),
      .undetermined("nobody asked", Samples.details(.flock)),
      .undetermined(
        "no key was asked about",
        Samples.details(.flock) { $0.permissions = .seen(.init(user: "app", source: "ACL DRYRUN", answers: [])) }),
      .notApplicable("the system has no keys", Samples.permissions(.flowpanel)),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    if let system, system.redisNeeds().keys.isEmpty, facts.redis.value != nil {
      return [card.notApplicable(.deployment, "\(system.rawValue) keeps no keys in Redis")]
    }
    return card.eachRedis(facts, with: \.permissions, "the permissions of its user") { redis, permissions in
      let subject = Subject.redis(redis.endpoint)
      let patterns = permissions.patterns(.key)
      let refusals = permissions.refusals(.key)
      if !refusals.isEmpty { return finding(redis, permissions, system, refusals) }
      if patterns.isEmpty {
        let commands = permissions.refusals(.command).map(\.command)
        return card.undetermined(
          subject,
          commands.isEmpty
            ? "no key was asked about"
            : "\(listed(commands)) may not be run on any key, which redis.acl-command-denied judges", at: redis.location
        )
      }
      if let open = card.notAskable(redis, permissions) { return open }
      return card.pass(
        subject, "\(redis.userInWords(permissions)) may use \(listed(patterns)), by \(permissions.source)")
    }
  }

  private func finding(
    _ redis: RedisFacts, _ permissions: RedisFacts.Permissions, _ system: System?,
    _ refusals: [RedisFacts.Permissions.Answer]
  ) -> Verdict {
    card.finding(
      .redis(redis.endpoint), "\(redis.userInWords(permissions)) may not use all keys: refused is \(inWords(refusals))",
      evidence: evidence(of: refusals, permissions), at: redis.location,
      remedy: redis.remedy(
        permissions, system, rules: distinct(refusals.map(\.pattern)).map { "~\($0)" },
        "As an administrator, allow the keys to the user."))
  }
}
