// A Redis that was asked for everything and is well, and what scenarios change about it: `cache:6379`, Redis 7.0.15
// with 256 MiB, AOF and 12 connections.

import Diagnosis
import Facts

extension Samples {
  /// Figures of INFO's on a server that is well.
  static let figures = [
    "uptime_in_seconds": 864_000, "connected_clients": 12, "connected_slaves": 0, "cluster_connections": 0,
    "maxclients": 10_000, "rejected_connections": 0, "used_memory": 20_000_000, "maxmemory": 268_435_456,
    "mem_not_counted_for_evict": 0, "aof_enabled": 1, "loading": 0, "rdb_changes_since_last_save": 0,
  ]

  /// Settings of CONFIG GET's that are Redis's own, with AOF.
  static let settings = [
    "appendonly": "yes", "save": "3600 1 300 100 60 10000", "maxclients": "10000",
    "client-output-buffer-limit": "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
    "stop-writes-on-bgsave-error": "yes", "min-replicas-to-write": "0",
  ]

  /// A Redis that was asked for everything and is well, changed as a scenario wants it.
  static func answering(_ system: System = .flowpanel, _ change: (inout RedisFacts) -> Void = { _ in }) -> Facts {
    redis().under(deployment(system)).redis { redis in
      redis.info {
        $0.numbers = figures
        $0.maxmemoryBytes = figures["maxmemory"]
        $0.lastSaveWorked = true
      }
      redis.settings = .seen(settings)
      redis.clients = .seen([
        RedisFacts.ClientGroup(host: "10.0.0.7", name: "web-1", kind: .pubsub, count: 1),
        RedisFacts.ClientGroup(host: "10.0.0.7", kind: .normal, count: 11),
      ])
      redis.roundTrip = .seen(RedisFacts.RoundTrip(samples: 20, minimum: 0.3, median: 0.5, p95: 1.2))
      change(&redis)
    }
  }

  /// The same with figures of INFO's that differ; nil for one that is hidden.
  static func answering(_ system: System = .flowpanel, figures: [String: Int?]) -> Facts {
    answering(system) { redis in
      redis.info { server in
        for (name, value) in figures { server.numbers?[name] = value }
        if let limit = figures["maxmemory"] { server.maxmemoryBytes = limit }
      }
    }
  }

  /// The same with settings of CONFIG GET's that differ; nil for one that is hidden.
  static func answering(_ system: System = .flowpanel, settings: [String: String?]) -> Facts {
    answering(system) { redis in
      redis.settings = redis.settings?.map { all in
        settings.reduce(into: all) { all, setting in all[setting.key] = setting.value }
      }
    }
  }

  /// The same under a deployment with so many instances, all of which use it.
  static func answering(_ system: System = .flowpanel, instances count: Int, figures: [String: Int?] = [:]) -> Facts {
    let names = (0..<count).map { "web-\($0 + 1)" }
    let deployment = deployment(system).map { deployment in
      var deployment = deployment
      deployment.instances = names.map { Deployment.Instance(name: $0) }
      return deployment
    }
    return answering(system, figures: figures).under(deployment).redis { $0.usedBy = names }
  }

  /// CONFIG refused.
  static let configRefused = Unseen(.refused, "CONFIG GET was refused: NOPERM this user has no permissions")

  /// A Redis that can't be connected to.
  static let closedPort = redis(.connect, .connectionRefused, "connection refused")

  /// A Redis whose INFO this user may not read.
  static let noInfo = redis(.info, .commandRefused, "NOPERM no permission to run 'info'")

  /// No Redis at all.
  static let noRedis = Facts(redis: .unseen(Unseen(.notGiven, "no Redis URL was named")))
}

extension Facts {
  /// The same with each Redis changed.
  func redis(_ change: (inout RedisFacts) -> Void) -> Facts {
    var facts = self
    facts.redis = facts.redis.map { list in
      list.map { redis in
        var redis = redis
        change(&redis)
        return redis
      }
    }
    return facts
  }

  /// The same under another deployment; nil for one that is not known.
  func under(_ deployment: Observation<Deployment>?) -> Facts {
    var facts = self
    facts.deployment = deployment ?? .unseen(.notAsked)
    return facts
  }
}

extension RedisFacts {
  /// Changes what INFO says.
  mutating func info(_ change: (inout Server) -> Void) {
    server = server.map { server in
      var server = server
      change(&server)
      return server
    }
  }
}

extension [Scenario] {
  /// What every check on INFO's figures comes to where there are none.
  static func withoutFigures() -> [Scenario] {
    [
      .undetermined("INFO is refused", Samples.noInfo),
      .undetermined("INFO's figures were not taken", Samples.answering { $0.info { $0.numbers = nil } }),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("no Redis was named", Samples.noRedis),
    ]
  }
}
