import Diagnosis
import Facts

/// Between events nothing moves on a subscriber's connection: what watches over it is a setting of Redis's.
struct RedisKeepsIdleConnections: Check {
  static let card = CheckCard(
    id: "redis.idle-connections",
    title: "Redis keeps idle connections, and notices dead ones",
    severity: .warning,
    needs: [.redis],
    why: """
      A subscriber says nothing for hours. Load balancers and NAT forget a silent connection after minutes (350 s on \
      AWS, 4 min on Azure) without a word to either end: the instance waits for events that Redis sends into nowhere. \
      TCP keep-alive probes, which tcp-keepalive has Redis send, keep such a way open and find out a dead one. The \
      setting timeout does the opposite for connections that only publish: it closes them, though never a subscriber's.
      """,
    remedy: Remedy(
      "Have Redis probe silent connections, and close none for being idle.",
      commands: ["redis-cli CONFIG SET tcp-keepalive 60", "redis-cli CONFIG SET timeout 0"],
      snippet: "tcp-keepalive 60\ntimeout 0"),
    references: [
      "Redis: client timeouts and TCP keep-alive, https://redis.io/docs/latest/develop/reference/clients/",
      "AWS: Network Load Balancer idle timeout, "
        + "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html",
    ],
    scenarios: [
      .passes("Redis's own settings", idle(timeout: "0", keepAlive: "300")),
      .finds("nothing is probed", idle(timeout: "0", keepAlive: "0"), on: "redis://cache:6379/0"),
      .finds("probed more rarely than balancers wait", idle(timeout: "0", keepAlive: "7200"), severity: .notice),
      .finds("idle connections are closed", idle(timeout: "300", keepAlive: "300"), severity: .notice),
      .finds("both", idle(timeout: "60", keepAlive: "0"), severity: .warning),
      .undetermined("a setting that is no number", idle(timeout: "0", keepAlive: "often")),
      .undetermined("one of both is hidden", idle(timeout: nil, keepAlive: "300")),
      .undetermined(
        "the user may not read settings", Samples.answering { $0.settings = .unseen(Samples.configRefused) }),
      .undetermined("nobody asked", Samples.answering { $0.settings = nil }),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable(
        "a provider keeps them to itself",
        Samples.answering {
          $0.settings = .unseen(Unseen(.refused, "CONFIG GET was refused: ERR unknown command 'CONFIG'"))
        }),
      .notApplicable(
        "a Unix socket",
        idle(timeout: "0", keepAlive: "0").redis {
          $0.endpoint = RedisEndpoint(host: "/run/redis.sock", port: 0, isUnixSocket: true)
        }),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  /// Redis's own, and below what the balancers of AWS wait.
  private static let longestKeepAlive = 300

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if redis.endpoint.isUnixSocket {
        return card.notApplicable(subject, "nothing stands between both ends of a Unix socket")
      }
      if let reason = redis.settings?.unseen, reason.detail.contains("unknown command") {
        return card.notApplicable(
          subject,
          "there is no CONFIG here, as with most providers: look for timeout and tcp-keepalive among its parameters")
      }
      return card.onAnswer(redis.settings, to: "its settings (CONFIG GET)", by: redis) { _ in
        guard let timeout = redis.setting("timeout").flatMap({ Int($0) }),
          let keepAlive = redis.setting("tcp-keepalive").flatMap({ Int($0) })
        else {
          return card.undetermined(subject, "CONFIG GET shows no timeout or no tcp-keepalive", at: redis.location)
        }
        return judge(redis, timeout: timeout, keepAlive: keepAlive)
      }
    }
  }

  private func judge(_ redis: RedisFacts, timeout: Int, keepAlive: Int) -> Verdict {
    var faults: [String] = []
    var settings: [String] = []
    if keepAlive <= 0 {
      faults.append("never probes a silent connection, so that a subscriber that is gone is not noticed")
    } else if keepAlive > Self.longestKeepAlive {
      faults.append("probes a silent connection only after \(keepAlive) s, and balancers forget it sooner")
    }
    if !faults.isEmpty { settings.append("tcp-keepalive 60") }
    if timeout > 0 {
      faults.append("closes connections that are idle for \(timeout) s, subscribers' excepted")
      settings.append("timeout 0")
    }
    let evidence = [
      Evidence(
        "tcp-keepalive", "\(keepAlive)", expected: "1 to \(Self.longestKeepAlive)", source: "CONFIG GET tcp-keepalive"),
      Evidence("timeout", "\(timeout)", expected: "0", source: "CONFIG GET timeout"),
    ]
    if faults.isEmpty {
      return card.pass(
        .redis(redis.endpoint), "it closes no silent connection, and probes them after \(keepAlive) s",
        evidence: evidence)
    }
    return card.finding(
      .redis(redis.endpoint), "\(redis.endpoint) \(faults.joined(separator: ", and "))\(redis.users)",
      severity: keepAlive <= 0 ? .warning : .notice, evidence: evidence, at: redis.location,
      remedy: Remedy(
        "Have Redis probe silent connections, and close none for being idle.",
        commands: (settings.map { "CONFIG SET \($0)" } + ["CONFIG REWRITE"]).map { redis.cli($0) },
        snippet: "tcp-keepalive 60\ntimeout 0"))
  }

  private static func idle(timeout: String?, keepAlive: String?) -> Facts {
    Samples.answering(settings: ["timeout": timeout, "tcp-keepalive": keepAlive])
  }
}
