import Diagnosis
import Facts

/// `localhost` is another machine on every instance: each would talk to a Redis of its own, or to none.
struct RedisIsNotLocal: Check {
  static let card = CheckCard(
    id: "config.redis-url-localhost",
    title: "With several instances, Redis is not on localhost",
    severity: .error,
    needs: [.config, .deployment],
    why: """
      localhost, 127.0.0.1 or a Unix socket lead every instance to its own machine, or in a container to the container \
      itself. If a Redis answers there, each instance has one of its own and events cross to nobody; if none does, \
      flowpanel's streams still open and say ready. It works on one development machine, which is how it gets there.
      """,
    remedy: Remedy(
      "Name a Redis that all instances reach under one address.", snippet: "REDIS_URL=redis://HOST:6379/0"),
    references: ["flowpanel documentation: Realtime (redis driver, url)"],
    scenarios: [
      .passes("a host that all reach", Samples.located(.web1, .web2)),
      .finds(
        "two instances on different hosts",
        Samples.located(
          at: ["http://10.0.0.1:3000", "http://10.0.0.2:3000"],
          .redis("web-1", .endpoint(RedisEndpoint(host: "127.0.0.1"))),
          .redis("web-2", .endpoint(RedisEndpoint(host: "localhost")))), on: "web-2"),
      .finds(
        "a Unix socket on two hosts",
        Samples.located(
          at: ["http://10.0.0.1:3000", "http://10.0.0.2:3000"],
          .redis("web-1", .endpoint(RedisEndpoint(host: "/run/redis.sock", port: 0, isUnixSocket: true))), .web2),
        on: "web-1"),
      .finds(
        "two instances, and where they run is not known",
        Samples.located(
          .redis("web-1", .endpoint(RedisEndpoint(host: "::1"))), .redis("web-2", .endpoint(RedisEndpoint(host: "::1")))
        ),
        on: "web-1", severity: .warning),
      .undetermined(
        "the environment of web-2 can't be read",
        Samples.located(.web1, .redisUnknown("web-2", "the environment of web-2 could not be read")), on: "web-2"),
      .notApplicable("one instance", Samples.located(.redis("web-1", .endpoint(RedisEndpoint(host: "127.0.0.1"))))),
      .notApplicable(
        "all instances are reached on one host",
        Samples.located(
          at: ["http://127.0.0.1:3001", "http://localhost:3002"],
          .redis("web-1", .endpoint(RedisEndpoint(host: "127.0.0.1"))),
          .redis("web-2", .endpoint(RedisEndpoint(host: "127.0.0.1"))))),
      .notApplicable("the memory driver", Samples.located(.memory("web-1"), .memory("web-2"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let instances = facts.config.value?.instances ?? []
    let hosts = hosts(of: facts.deployment.value?.instances ?? [])
    return card.eachInstanceOnRedis(facts.config) { realtime in
      let subject = Subject.instance(realtime.instance)
      switch realtime.redis.outcome {
      case .unseen(let reason): return realtime.redis.unknown("its Redis URL", card, realtime.instance, reason)
      case .seen(.endpoint(let endpoint)) where !endpoint.isLocal:
        return card.pass(subject, "its Redis is not on localhost")
      case .seen(.endpoint) where instances.count < 2:
        return card.notApplicable(subject, "only one instance was named, and one may have its Redis beside it")
      case .seen(.endpoint) where hosts?.count == 1:
        return card.notApplicable(
          subject, "its Redis is on localhost, and all instances are reached on one host, so it may be one for all")
      case .seen(.endpoint(let endpoint)): return finding(realtime, endpoint, among: instances, hosts)
      case .seen:
        return card.notApplicable(subject, "it has no usable Redis URL, which config.redis-url-missing judges")
      }
    }
  }

  private func finding(
    _ realtime: InstanceRealtime, _ endpoint: RedisEndpoint, among instances: [InstanceRealtime], _ hosts: Set<String>?
  ) -> Verdict {
    let others = listed(instances.map(\.instance), except: realtime.instance)
    let url = realtime.redis
    let doubt = hosts == nil ? ", unless all of them run on one machine" : ""
    let names = url.variables.map(\.name)
    return card.finding(
      .instance(realtime.instance),
      "the Redis of \(realtime.instance) is on its own machine (\(endpoint.host)), where \(others) can't reach it\(doubt)",
      severity: hosts == nil ? .warning : .error,
      evidence: [
        Evidence(
          "url", endpoint.description, expected: "a host that all instances reach", source: url.location?.description),
        Evidence("instances", "\(instances.count): \(listed(instances.map(\.instance)))"),
      ] + (hosts.map { [Evidence("hosts of the instances", listed($0.sorted()))] } ?? [])
        + url.variableEvidence(on: realtime.instance),
      at: url.location,
      remedy: names.isEmpty
        ? nil
        : Remedy(
          "Set \(listed(names)) to a Redis that all instances reach under one address.",
          snippet: names.map { "\($0)=redis://HOST:6379/0" }.joined(separator: "\n")))
  }

  /// The hosts under which the instances are reached, one for all names of this machine; nil where one is not known.
  private func hosts(of instances: [Deployment.Instance]) -> Set<String>? {
    var hosts: Set<String> = []
    for instance in instances {
      guard let host = instance.directURL.flatMap(hostName(inURL:)) else { return nil }
      hosts.insert(isLoopback(host) ? "localhost" : host)
    }
    return hosts.isEmpty ? nil : hosts
  }
}

extension RedisEndpoint {
  /// Whether the endpoint is on the machine that connects to it.
  fileprivate var isLocal: Bool { isUnixSocket || isLoopback(host) }
}
