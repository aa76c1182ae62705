import Diagnosis
import Facts

/// Redis before 6 has no users and gets no fixes; permissions on channels came with 6.2.
struct RedisIsRecent: Check {
  static let card = CheckCard(
    id: "redis.version",
    title: "Redis is recent enough for users and for permissions on channels",
    severity: .error,
    needs: [.redis],
    why: """
      Redis before 6 knows no users: a URL with a user name fails there, and every client may do everything. Nobody \
      mends its holes any more, and some of them let a client run code on the server. Before 6.2 permissions can't be \
      given by channel, so every user may listen and publish everywhere. What works on the newer server of a test \
      system then fails in production alone.
      """,
    remedy: Remedy("Update to a Redis or Valkey that gets security fixes.", commands: ["redis-cli INFO server"]),
    references: [
      "Redis: ACL, https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/",
      "Redis: supported versions, https://github.com/redis/redis/blob/unstable/SECURITY.md",
    ],
    scenarios: [
      .passes("Redis 7.0", Samples.answering()),
      .passes("Redis 6.2", version("6.2.14")),
      .passes("a version with a suffix", version("7.4.0-rc1")),
      .passes("any Valkey", version("8.1.1", of: "valkey")),
      .finds("Redis 5", version("5.0.14"), on: "redis://cache:6379/0"),
      .finds("Redis 6.0", version("6.0.16"), severity: .notice),
      .undetermined("INFO hides the version", version("")),
      .undetermined("a version of another kind", version("edge")),
      .undetermined("INFO is refused", Samples.noInfo),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachServer(facts) { redis, server in
      let subject = Subject.redis(redis.endpoint)
      if server.version.isEmpty { return card.undetermined(subject, "INFO shows no version", at: redis.location) }
      if server.product == "valkey" { return card.pass(subject, "it is Valkey \(server.version)") }
      guard let version = redis.version else {
        return card.undetermined(
          subject, "its version, \(server.version), is not two numbers or more", at: redis.location)
      }
      switch version {
      case (..<6, _):
        return finding(redis, server, "it has no users, and its security holes stay open", .error)
      case (6, ..<2):
        return finding(redis, server, "it can't give permissions by channel, so every user may use all", .notice)
      default: return card.pass(subject, "it is Redis \(server.version)")
      }
    }
  }

  private func finding(
    _ redis: RedisFacts, _ server: RedisFacts.Server, _ fault: String, _ severity: Severity
  ) -> Verdict {
    card.finding(
      .redis(redis.endpoint), "\(redis.endpoint) runs Redis \(server.version)\(redis.users): \(fault)",
      severity: severity,
      evidence: [Evidence("redis_version", server.version, expected: "6.2 or later", source: "INFO server")],
      at: redis.location,
      remedy: Remedy(
        "Update the server to a Redis or Valkey that gets security fixes, 7.2 or later; save its data first.",
        commands: [redis.cli("INFO server"), redis.cli("BGSAVE")]))
  }

  private static func version(_ version: String, of product: String = "redis") -> Facts {
    Samples.answering { redis in
      redis.info {
        $0.version = version
        $0.product = product
      }
    }
  }
}
