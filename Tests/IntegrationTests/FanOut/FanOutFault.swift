import ReferenceOrigin
import TestServers
import Testing

/// Something that is wrong with a deployment, on purpose, and what is to be said of it: that and nothing else.
struct FanOutFault: Sendable, CustomTestStringConvertible {
  /// What a finding is about.
  enum Subject: Sendable {
    case instance, deployment, publicURL
  }

  /// What it is, in a few words.
  var name: String
  /// The check that finds it.
  var check: String
  /// What that finding is about.
  var subject: Subject
  /// What its message says; NAME stands for the instance.
  var says: [String]
  /// Puts it into a deployment, at one of the instances.
  var inject: @Sendable (inout FanOutDeployment, Int) -> Void
  /// What has to happen to the running deployment.
  var prepare: @Sendable (FanOutDeployment.Running, Int) async throws -> Void

  init(
    _ name: String, _ check: String = "pubsub.fanout", at subject: Subject = .instance, says: String...,
    prepare: @escaping @Sendable (FanOutDeployment.Running, Int) async throws -> Void = { _, _ in },
    inject: @escaping @Sendable (inout FanOutDeployment, Int) -> Void
  ) {
    self.name = name
    self.check = check
    self.subject = subject
    self.says = says
    self.prepare = prepare
    self.inject = inject
  }

  var testDescription: String { name }

  /// Whether a finding is the one that names it rightly.
  func isNamed(by verdict: JSONReport.Verdict, at index: Int, _ running: FanOutDeployment.Running) -> Bool {
    let instance = FanOutDeployment.name(index)
    let subjects =
      switch subject {
      case .instance: instance
      case .deployment: "deployment"
      case .publicURL: "\(running.files.publicURL)/api/flowpanel/stream"
      }
    return verdict.check == check && verdict.subject == subjects
      && says.allSatisfy { verdict.message.contains($0.replacing("NAME", with: instance)) }
  }
}

// Of one instance.
extension FanOutFault {
  static let memoryDriver = FanOutFault(
    "memory driver", says: "it runs the memory driver (REDIS_URL is not set"
  ) { deployment, index in
    deployment.fallsBack = true
    deployment.instances[index].redis = nil
    deployment.instances[index].environment["REDIS_URL"] = nil
  }

  static let otherRedis = FanOutFault(
    "other Redis", says: "NAME does not hear", "it is subscribed on redis://127.0.0.1:"
  ) { deployment, index in
    deployment.instances[index].redis = .other
    deployment.instances[index].environment["REDIS_URL"] = "redis://OTHER"
  }

  static let otherPrefix = FanOutFault(
    "other prefix", says: "NAME does not hear", "it subscribes under the prefix staging", "under the prefix admin"
  ) { deployment, index in
    deployment.instances[index].settings.keyPrefix = "staging"
    deployment.instances[index].environment["REDIS_KEY_PREFIX"] = "staging"
  }

  /// What runs was started before its environment was mended.
  static let otherPrefixUnseen = FanOutFault(
    "other prefix, the environment mended since", says: "NAME does not hear", "it subscribes under the prefix staging"
  ) { deployment, index in
    deployment.instances[index].settings.keyPrefix = "staging"
  }

  static let otherConvention = FanOutFault(
    "other convention", says: "NAME does not hear", "names without a prefix", "a rollout is half done"
  ) { deployment, index in
    deployment.instances[index].settings.convention = .verbatim
  }

  static let refusedChannel = FanOutFault(
    "channel refused by the ACL", says: "the user limited may not use its channels"
  ) { deployment, index in
    deployment.redis.aclUsers += ["limited on >word resetchannels &other:* ~* +@all"]
    deployment.instances[index].user = ("limited", "word")
    deployment.instances[index].environment["REDIS_URL"] = "redis://limited:word@MAIN"
  }

  static let wrongPassword = FanOutFault(
    "wrong password", says: "refuses the credentials of its URL"
  ) { deployment, index in
    deployment.redis.aclUsers += ["app on >right allchannels ~* +@all"]
    deployment.instances[index].user = ("app", "wrong")
    deployment.instances[index].environment["REDIS_URL"] = "redis://app:wrong@MAIN"
  }

  static let tlsToPlainPort = FanOutFault(
    "rediss:// to a plain port", says: "speaks no TLS, and its URL says rediss"
  ) { deployment, index in
    // It waits for an answer to its handshake for as long as it runs.
    deployment.instances[index].settings.fanOutFault = .dead
    deployment.instances[index].environment["REDIS_URL"] = "rediss://MAIN"
  }

  static let plainToTLSPort = FanOutFault(
    "redis:// to a TLS port", says: "speaks TLS, and its URL says redis"
  ) { deployment, index in
    deployment.hasTLS = true
    deployment.instances[index].redis = .tls
    deployment.instances[index].environment["REDIS_URL"] = "redis://TLS"
  }

  static let redisDown = FanOutFault("Redis down", says: "can't be reached", "Connection refused") {
    deployment, index in
    deployment.instances[index].redis = .nowhere
    deployment.instances[index].environment["REDIS_URL"] = "redis://NOWHERE"
  }

  static let deafAfterReconnect = FanOutFault(
    "deaf after a reconnect", says: "NAME answers ready and never subscribed: its driver is redis", "is well",
    "its subscriber's connection is dead",
    prepare: { running, index in
      try await TCPConnection.with(port: running.origins[index].port) { connection in
        try connection.send("GET /api/flowpanel/stream?channel=lost HTTP/1.0\r\n\r\n")
        try await running.redis.waitForSubscribers(1, of: "admin:lost")
        // Its two connections, and the one that asks.
        try await wait(for: "both connections") { try await running.redis.clients() == 3 }
        _ = try await running.redis.replies(to: "CLIENT KILL TYPE pubsub")
        try await wait(for: "the connection that comes back") { try await running.redis.clients() == 3 }
      }
    },
    inject: { $0.instances[$1].settings.fanOutFault = .deafAfterReconnect })

  static let duplicates = FanOutFault(
    "duplicates", "pubsub.delivered-once", says: "at NAME's own URL", "came more than once"
  ) { $0.instances[$1].settings.fanOutFault = .duplicates }

  static let disorders = FanOutFault(
    "disorder", "pubsub.delivered-once", says: "at NAME's own URL", "came after a later one"
  ) { $0.instances[$1].settings.fanOutFault = .disorders }

  static let losses = FanOutFault("losses", says: "NAME is subscribed, and its stream brought only") {
    $0.instances[$1].settings.fanOutFault = .loses(every: 7)
  }

  static let cutByBufferLimit = FanOutFault(
    "cut by the output buffer limit", "pubsub.burst-loss", says: "NAME lost", "of 4,000 messages",
    "1 subscriber's connection to Redis ended"
  ) { deployment, index in
    // More than Redis writes at a time, less than the burst: the system holds up to some 250 KB of it beside that.
    deployment.redis.extra = ["client-output-buffer-limit pubsub 48kb 0 0"]
    deployment.burst = 4000
    deployment.instances[index].settings.fanOutFault = .stalls(.seconds(2))
  }

  static let unreached = FanOutFault(
    "not reached by the balancer", "pubsub.balancer-reach", at: .publicURL, says: "the public URL never led to NAME"
  ) { $0.instances[$1].isBalanced = false }

  static let unnamed = FanOutFault(
    "not named by the manifest", "pubsub.balancer-reach", at: .publicURL,
    says: "streams at the public URL led to a process that is none of web-1"
  ) { deployment, _ in
    var instance = FanOutDeployment.Instance()
    instance.isNamed = false
    deployment.instances.append(instance)
  }
}

// Of all of them.
extension FanOutFault {
  static let noIoredis = FanOutFault("ioredis missing", at: .deployment, says: "ioredis", "is not installed") {
    deployment, _ in
    deployment.packages = [:]
    for index in deployment.instances.indices { deployment.instances[index].settings.fanOutFault = .dead }
  }

  static let redisDownForAll = FanOutFault(
    "Redis down for all", at: .deployment, says: "web-1…web-3", "can't be reached"
  ) { deployment, _ in
    for index in deployment.instances.indices {
      deployment.instances[index].redis = .nowhere
      deployment.instances[index].environment["REDIS_URL"] = "redis://NOWHERE"
    }
  }

  static let holdingProxy = FanOutFault("a proxy that holds", "stream.buffered", at: .publicURL, says: "brings nothing")
  { deployment, _ in
    deployment.balancer = .nginx(route: "")
    for index in deployment.instances.indices { deployment.instances[index].settings.accelBuffering = nil }
  }
}

extension FanOutFault {
  static let ofAnInstance = [
    memoryDriver, otherRedis, otherPrefix, otherPrefixUnseen, otherConvention, refusedChannel, wrongPassword,
    tlsToPlainPort, plainToTLSPort, redisDown, deafAfterReconnect, duplicates, disorders, losses, cutByBufferLimit,
    unreached, unnamed,
  ]

  static let ofTheDeployment = [noIoredis, redisDownForAll, holdingProxy]

  /// Each fault of an instance in two pairs with others.
  static let pairs = ofAnInstance.indices.map { index in
    (ofAnInstance[index], ofAnInstance[(index + 5) % ofAnInstance.count])
  }
}
