import Diagnosis
import Facts

/// A user that may connect may still not be allowed the commands that the system sends.
struct RedisAllowsCommands: Check {
  static let card = CheckCard(
    id: "redis.acl-command-denied",
    title: "The user may run every command that the system needs",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      A user that was made for reading, or by a list of commands from an older version, lets the system connect and \
      refuses what it then does. The refusal comes back to code that often swallows it, and the stream stays open and \
      empty. Which command it was stands in no health check.
      """,
    remedy: Remedy(
      "Allow the missing commands to the system's user.",
      commands: ["redis-cli ACL SETUSER USER +publish +subscribe +unsubscribe", "redis-cli ACL SAVE"]),
    references: [
      "Redis: ACL, https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/",
      "Redis: ACL SETUSER, https://redis.io/docs/latest/commands/acl-setuser/",
      "Redis: ACL DRYRUN, https://redis.io/docs/latest/commands/acl-dryrun/",
    ],
    scenarios: [
      .passes("every command is allowed", Samples.permissions(.flowpanel)),
      .passes("channels are another check's", Samples.permissions(.flowpanel, without: "&resource.*", "&flowpanel:*")),
      .finds(
        "one command is missing", Samples.permissions(.redisStreams, without: "+xadd"), on: "redis://cache:6379/0"),
      .finds("nothing is allowed", Samples.noPermissions(.flock, database: 2)),
      .finds("nothing is allowed to the default user", Samples.noPermissions(.flowpanel, user: "default")),
      .undetermined("the user may not ask", Samples.permissionsRefused()),
      .undetermined("nobody asked", Samples.details()),
      .undetermined(
        "no command was asked about",
        Samples.details { $0.permissions = .seen(.init(user: "app", source: "ACL DRYRUN", answers: [])) }),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    return card.eachRedis(facts, with: \.permissions, "the permissions of its user") { redis, permissions in
      let subject = Subject.redis(redis.endpoint)
      let asked = permissions.answers.filter { $0.need == .command }.map(\.command)
      if asked.isEmpty { return card.undetermined(subject, "no command was asked about", at: redis.location) }
      let refusals = permissions.refusals(.command)
      if refusals.isEmpty {
        if let open = card.notAskable(redis, permissions) { return open }
        return card.pass(
          subject, "\(redis.userInWords(permissions)) may run \(listed(asked)), by \(permissions.source)")
      }
      return card.finding(
        subject, "\(redis.userInWords(permissions)) may not run \(listed(refusals.map(\.command)))",
        evidence: evidence(of: refusals, permissions), at: redis.location,
        remedy: redis.remedy(
          permissions, system, rules: refusals.map { "+\($0.command.lowercased())" },
          "As an administrator, allow \(refusals.count == 1 ? "the command" : "the commands") to the user."))
    }
  }
}
