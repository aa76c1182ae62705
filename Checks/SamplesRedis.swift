// Connections to one Redis that scenarios are told with: `cache:6379`, used by web-1 and web-2.

import Facts

extension Samples {
  /// Steps that went well, a millisecond each.
  static func steps(_ steps: RedisFacts.Step...) -> [RedisFacts.StepResult] {
    steps.map { RedisFacts.StepResult($0, milliseconds: 1) }
  }

  /// A connection on which everything went well, to a primary with noeviction.
  static func redis(tls: Bool = false) -> Facts {
    redis(
      steps: tls ? steps(.nameLookup, .connect, .tls, .ping, .info) : steps(.nameLookup, .connect, .ping, .info),
      tls: tls)
  }

  /// The same through a Unix socket.
  static func redis(socket: String) -> Facts {
    let endpoint = RedisEndpoint(host: socket, port: 0, isUnixSocket: true)
    return facts(
      RedisFacts(
        endpoint: endpoint, steps: steps(.connect, .ping, .info), otherSide: notTried, server: .seen(server()),
        policy: .seen(policy("noeviction"))))
  }

  /// A connection that took these steps.
  static func redis(
    steps: [RedisFacts.StepResult], tls: Bool = false,
    otherSide: Observation<RedisFacts.OtherSide> = notTried
  ) -> Facts {
    let isDone = steps.contains { $0.step == .info && $0.failure == nil }
    let reason = steps.last?.failure.map { Unseen(.notAttempted, $0.detail) } ?? Unseen(.interrupted, "interrupted")
    return facts(
      RedisFacts(
        endpoint: RedisEndpoint(host: "cache", usesTLS: tls), usedBy: ["web-1", "web-2"],
        location: Location(file: "web-1.env", line: 2), address: "10.0.0.5:6379", steps: steps, otherSide: otherSide,
        server: isDone ? .seen(server()) : .unseen(reason),
        policy: isDone ? .seen(policy("noeviction")) : .unseen(reason)))
  }

  /// A connection that failed at a step.
  static func redis(
    _ step: RedisFacts.Step, _ kind: RedisFacts.StepFailure.Kind, _ detail: String, tls: Bool = false,
    otherSide: Observation<RedisFacts.OtherSide> = notTried
  ) -> Facts {
    let order: [RedisFacts.Step] =
      switch step {
      case .sentinels: [.sentinels]
      case .nameLookup, .connect: [.nameLookup, .connect]
      case .tls: [.nameLookup, .connect, .tls]
      case .authenticate: [.nameLookup, .connect, .authenticate]
      case .select: [.nameLookup, .connect, .select]
      case .ping, .info: [.nameLookup, .connect, .ping, .info]
      }
    let before = order.prefix { $0 != step }.map { RedisFacts.StepResult($0, milliseconds: 1) }
    let failed = RedisFacts.StepResult(step, milliseconds: 5, failure: RedisFacts.StepFailure(kind, detail))
    return redis(steps: before + [failed], tls: tls, otherSide: otherSide)
  }

  /// A Redis with an eviction policy and a memory limit, under a system.
  static func redis(_ system: System, policy name: String, limit: Int?, evicted: Int? = 0) -> Facts {
    var server = server()
    server.maxmemoryBytes = limit
    server.evictedKeys = evicted
    return redis(system, server: server, policy: .seen(policy(name)))
  }

  /// A Redis whose policy may not be known, under a system.
  static func redis(_ system: System, policy: Observation<RedisFacts.Policy>) -> Facts {
    redis(system, server: server(), policy: policy)
  }

  /// A Redis in a role.
  static func redis(role: String, linkIsUp: Bool? = nil) -> Facts {
    var server = server()
    server.role = role
    if role == "slave" { server.masterAddress = "10.0.0.4:6379" }
    server.masterLinkIsUp = linkIsUp
    return redis(.flowpanel, server: server, policy: .seen(policy("noeviction")))
  }

  private static func redis(
    _ system: System, server: RedisFacts.Server, policy: Observation<RedisFacts.Policy>
  ) -> Facts {
    facts(
      RedisFacts(
        endpoint: cache, usedBy: ["web-1", "web-2"], location: Location(file: "web-1.env", line: 2),
        address: "10.0.0.5:6379", steps: steps(.nameLookup, .connect, .ping, .info), otherSide: notTried,
        server: .seen(server), policy: policy), system)
  }

  private static func facts(_ redis: RedisFacts, _ system: System = .flowpanel) -> Facts {
    Facts(deployment: deployment(system), redis: .seen([redis]))
  }

  private static func server() -> RedisFacts.Server {
    RedisFacts.Server(version: "7.0.15", role: "master", maxmemoryBytes: 0, evictedKeys: 0)
  }

  private static func policy(_ name: String) -> RedisFacts.Policy {
    RedisFacts.Policy(name, source: "CONFIG GET maxmemory-policy")
  }

  static let notTried = Observation<RedisFacts.OtherSide>.unseen(
    Unseen(.notAttempted, "there was no reason to try the other kind of connection"))
}
