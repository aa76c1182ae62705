import Diagnosis
import Facts

/// AUTH sends the password as it is: over a plain connection everyone on the way can read it.
struct RedisPasswordIsEncrypted: Check {
  static let card = CheckCard(
    id: "redis.tls-off-remote",
    title: "No password crosses a public network in clear",
    severity: .warning,
    needs: [.redis],
    why: """
      The Redis protocol has no encryption of its own, and AUTH sends the password as it is. On a path that leaves the \
      private network whoever listens has the password, and with it every key and every event. Hosted Redis offers TLS \
      on the same or on another port.
      """,
    remedy: Remedy("Use the server's port for TLS and write rediss:// in the URL."),
    references: [
      "Redis: TLS, https://redis.io/docs/latest/operate/oss_and_stack/management/security/encryption/",
      "Redis: security, https://redis.io/docs/latest/operate/oss_and_stack/management/security/",
      "RFC 1918: private addresses", "RFC 4193: unique local IPv6 addresses", "RFC 6598: shared address space",
    ],
    scenarios: [
      .passes("over TLS", Samples.redis(tls: true)),
      .passes("no password was sent", Samples.redis()),
      .passes("a Unix socket", Samples.redis(socket: "/run/redis.sock")),
      .passes("a name of the local network", Samples.password(to: "cache", at: "8.8.4.4:6379")),
      .passes("a long name with a private address", Samples.password(to: "a.cache.amazonaws.com", at: "10.0.0.5:6379")),
      .passes("another private block", Samples.password(to: "172.31.0.9", at: "172.31.0.9:6379")),
      .passes("a private address", Samples.password(to: "192.168.1.2", at: nil)),
      .passes("the shared address space", Samples.password(to: "100.64.3.4", at: nil)),
      .passes("loopback", Samples.password(to: "127.0.0.1", at: "127.0.0.1:6379")),
      .passes("loopback in IPv6", Samples.password(to: "::1", at: "[::1]:6379")),
      .passes("a unique local address", Samples.password(to: "redis.example.com", at: "[fd12:3456::1]:6379")),
      .passes(
        "a private address in IPv6's clothes", Samples.password(to: "redis.example.com", at: "[::ffff:10.0.0.5]:6379")),
      .finds(
        "a public address", Samples.password(to: "redis.example.com", at: "203.0.113.9:6379"),
        on: "redis://redis.example.com:6379/0"),
      .finds("no private block", Samples.password(to: "172.32.0.1", at: "172.32.0.1:6379")),
      .finds("a public address in IPv6", Samples.password(to: "2001:db8::1", at: "[2001:db8::1]:6379")),
      .undetermined(
        "the port of a public host is closed",
        Samples.details { redis in
          redis.endpoint.host = "redis.example.com"
          redis.address = "203.0.113.9:6379"
          redis.steps =
            Samples.steps(.nameLookup) + [
              RedisFacts.StepResult(
                .connect, milliseconds: 5, failure: RedisFacts.StepFailure(.connectionRefused, "connection refused"))
            ]
        }),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      let endpoint = redis.endpoint
      if endpoint.isUnixSocket { return card.pass(subject, "a Unix socket crosses no network") }
      if endpoint.usesTLS { return card.pass(subject, "the URL says TLS\(redis.users)") }
      if endpoint.isMasterName { return card.undetermined(subject, redis.failureInWords, at: redis.location) }
      if let why = trust(in: redis) { return card.pass(subject, "\(why)\(redis.users)") }
      if redis.result(of: .authenticate) != nil {
        var secure = endpoint
        secure.usesTLS = true
        return card.finding(
          subject, "the password for \(endpoint) crosses a public network in clear\(redis.atAddress)\(redis.users)",
          evidence: [
            Evidence("scheme", "redis, without TLS", expected: "rediss"), Evidence("host", endpoint.host),
            Evidence("address", redis.address ?? "not known", expected: "loopback or private"),
          ],
          at: redis.location,
          remedy: Remedy(
            "Use the server's port for TLS (tls-port, or the provider's), write rediss:// on every instance, and then "
              + "change the password: the present one has been readable.", snippet: "\(secure)"))
      }
      return redis.commands.isEmpty
        ? card.undetermined(
          subject, "whether a password would be sent is not known: \(redis.failureInWords)", at: redis.location)
        : card.pass(subject, "no password was sent\(redis.users)")
    }
  }

  /// Why the path is taken to be private; nil where nothing says so. The address that was reached counts for more than
  /// the name: names of providers are long and lead into private networks.
  private func trust(in redis: RedisFacts) -> String? {
    let host = redis.endpoint.host
    if !host.contains(".") && !host.contains(":") { return "\(host) is a name of the local network" }
    let address = redis.address.map(withoutPort) ?? host
    return isPrivateAddress(address) ? "\(address) is a loopback or private address" : nil
  }
}
