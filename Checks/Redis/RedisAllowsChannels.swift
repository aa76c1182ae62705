import Diagnosis
import Facts

/// Channels have permissions of their own since Redis 6.2, and a new user has none since 7.0.
struct RedisAllowsChannels: Check {
  static let card = CheckCard(
    id: "redis.acl-channel-denied",
    title: "The user may publish and subscribe on the system's channels",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      Since Redis 7.0 a user that is made without a rule for channels may use none (acl-pubsub-default is \
      resetchannels), so an upgrade or a new user turns every PUBLISH and SUBSCRIBE into NOPERM. The password is right, \
      PING works and the streams say ready: only a line in the log tells that no event will ever come.
      """,
    remedy: Remedy(
      "Allow the system's channels to its user, and no others.",
      commands: ["redis-cli ACL SETUSER USER '&resource.*'", "redis-cli ACL SAVE"]),
    references: [
      "Redis: ACL, https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/",
      "Redis: ACL SETUSER, https://redis.io/docs/latest/commands/acl-setuser/",
      "Redis: ACL DRYRUN, https://redis.io/docs/latest/commands/acl-dryrun/",
    ],
    scenarios: [
      .passes("every channel is allowed", Samples.permissions(.flowpanel)),
      .passes("every channel of a system with one convention", Samples.permissions(.fluxstack)),
      .finds(
        "no pattern is allowed, and any would do",
        Samples.permissions(.flowpanel, without: "&resource.*", "&flowpanel:*"),
        on: "redis://cache:6379/0"),
      .finds(
        "only the older convention is allowed", Samples.permissions(.flowpanel, without: "&flowpanel:*"),
        severity: .notice),
      .finds(
        "one of two patterns that are both needed",
        Samples.permissions(.testplanit, without: "&issue-updates:tenant:*")),
      .undetermined("a command is refused, which hides its channels", Samples.permissions(.flock, without: "+publish")),
      .undetermined(
        "the same where any pattern would do", Samples.permissions(.flowpanel, without: "+publish")),
      .undetermined(
        "the server's own channels could not be asked about",
        Samples.permissions(.flock).redis { redis in
          redis.permissions = redis.permissions?.map { all in
            RedisFacts.Permissions(
              user: "app", source: "MULTI … DISCARD",
              answers: all.answers.filter { !$0.pattern.hasPrefix("__keyevent") })
          }
        }),
      .undetermined("the user may not ask", Samples.permissionsRefused()),
      .undetermined("nobody asked", Samples.details()),
      .undetermined(
        "no channel was asked about",
        Samples.details { $0.permissions = .seen(.init(user: "app", source: "ACL DRYRUN", answers: [])) }),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    return card.eachRedis(facts, with: \.permissions, "the permissions of its user") { redis, permissions in
      let subject = Subject.redis(redis.endpoint)
      let patterns = permissions.patterns(.channel)
      let refusals = permissions.refusals(.channel)
      let refused = Set(refusals.map(\.pattern))
      let allowed = patterns.filter { !refused.contains($0) }
      let anyWillDo = system?.redisNeeds().anyChannelWillDo == true
      if !refusals.isEmpty, !anyWillDo || allowed.isEmpty { return finding(redis, permissions, system, refusals) }
      let commands = permissions.refusals(.command).map(\.command).filter(["PUBLISH", "SUBSCRIBE"].contains)
      if !commands.isEmpty {
        return card.undetermined(
          subject, "\(listed(commands)) may not be run on any channel, which redis.acl-command-denied judges",
          at: redis.location)
      }
      if patterns.isEmpty { return card.undetermined(subject, "no channel was asked about", at: redis.location) }
      if !refusals.isEmpty { return oneConvention(redis, permissions, system, refusals, allowed: allowed) }
      // Where any one will do, those that were asked about are all there are; before 6.2 channels have no permissions.
      let unasked =
        anyWillDo || redis.version.map { $0 < (6, 2) } == true
        ? [] : (system?.redisNeeds().channels ?? []).filter { !patterns.contains($0) }
      if let open = card.notAskable(redis, permissions, unasked) { return open }
      return card.pass(
        subject, "\(redis.userInWords(permissions)) may use \(listed(patterns)), by \(permissions.source)")
    }
  }

  private func finding(
    _ redis: RedisFacts, _ permissions: RedisFacts.Permissions, _ system: System?,
    _ refusals: [RedisFacts.Permissions.Answer]
  ) -> Verdict {
    let missing = distinct(refusals.map(\.pattern))
    let newUsers = redis.setting("acl-pubsub-default").map { Evidence("acl-pubsub-default", $0, source: "CONFIG GET") }
    let anyWillDo = system?.redisNeeds().anyChannelWillDo == true && missing.count > 1
    let choice =
      anyWillDo ? " Versions up to 0.2 use resource.*, later ones the prefix: leave out what yours does not use." : ""
    return card.finding(
      .redis(redis.endpoint),
      "\(redis.userInWords(permissions)) may use \(anyWillDo ? "no channel that any version uses" : "not all channels"): "
        + "refused is \(inWords(refusals))",
      evidence: evidence(of: refusals, permissions) + [newUsers].compactMap(\.self), at: redis.location,
      remedy: redis.remedy(
        permissions, system, rules: missing.map { "&\($0)" },
        "As an administrator, allow the channels: since Redis 7.0 a new user has none (acl-pubsub-default is "
          + "resetchannels).\(choice)"))
  }

  private func oneConvention(
    _ redis: RedisFacts, _ permissions: RedisFacts.Permissions, _ system: System?,
    _ refusals: [RedisFacts.Permissions.Answer], allowed: [String]
  ) -> Verdict {
    let missing = distinct(refusals.map(\.pattern))
    return card.finding(
      .redis(redis.endpoint),
      "\(redis.userInWords(permissions)) may use \(listed(allowed)) and not \(listed(missing)): versions up to 0.2 use "
        + "resource.*, later ones the prefix", severity: .notice,
      evidence: evidence(of: refusals, permissions), at: redis.location,
      remedy: redis.remedy(
        permissions, system, rules: missing.map { "&\($0)" },
        "If every instance runs a version that uses \(listed(allowed)), nothing needs to change. Otherwise, and before "
          + "an update, allow the other form as well."))
  }
}
