import Facts
import Foundation
import ReferenceOrigin
import TestServers

/// A deployment of imitated instances, real Redis behind them and a real balancer in front, and what its manifest and its
/// environments say of it. As it is made, all is well.
struct FanOutDeployment: Sendable {
  /// A place where a Redis is, or is not.
  enum Place: String, Sendable, CaseIterable {
    /// The plain port of the deployment's Redis, and its TLS port.
    case main = "MAIN"
    case tls = "TLS"
    /// Another Redis.
    case other = "OTHER"
    /// A port where nobody listens.
    case nowhere = "NOWHERE"
  }

  /// One copy of the application: what runs, and what is known of it.
  struct Instance: Sendable {
    /// Whether the manifest names it.
    var isNamed = true
    /// Whether the balancer knows it.
    var isBalanced = true
    /// The Redis that it is connected to; nil for the memory driver.
    var redis: Place? = .main
    /// As whom.
    var user: (name: String, password: String)?
    /// What it is beside that.
    var settings = OriginSettings()
    /// Its environment, with places for hosts and ports.
    var environment = ["REDIS_URL": "redis://MAIN", "REDIS_KEY_PREFIX": "admin"]
  }

  /// What chooses the instance for a browser, as its configuration says it.
  enum Balancer: Sendable {
    /// nginx, with a further line of the upstream, and further directives of the route in place of those that stream.
    case nginx(upstream: String = "", route: String = "proxy_http_version 1.1; proxy_buffering off;")
    /// HAProxy, with its way of choosing.
    case haproxy(balance: String)
  }

  var instances: [Instance]
  var balancer = Balancer.nginx()
  /// How the deployment's Redis is set up, and whether it has a TLS port.
  var redis = RedisServer.Configuration()
  var hasTLS = false
  /// Whether the config has the memory driver where REDIS_URL is not set.
  var fallsBack = false
  /// How many messages are published at once.
  var burst = 1000
  /// The project's packages beside flowpanel.
  var packages = ["ioredis": "5.10.1"]

  /// So many instances.
  init(instances count: Int) {
    instances = Array(repeating: Instance(), count: count)
  }

  /// The name of an instance in the manifest.
  static func name(_ index: Int) -> String { "web-\(index + 1)" }

  private var config: String {
    let redis = #"{ driver: "redis", url: process.env.REDIS_URL, keyPrefix: process.env.REDIS_KEY_PREFIX }"#
    return """
      import { defineAdmin } from "@flowpanel/kit";

      export default defineAdmin({
        realtime: \(fallsBack ? "process.env.REDIS_URL ? \(redis) : { driver: \"memory\" }" : redis),
      });

      """
  }

  private static let route = """
    import { stream } from "@flowpanel/kit/next";
    import config from "../../../../flowpanel.config";

    export const GET = stream(config);
    export const runtime = "nodejs";
    export const dynamic = "force-dynamic";

    """

  /// Runs the body with all of it running.
  func run<R>(_ body: (Running) async throws -> R) async throws -> R {
    try await TemporaryFolder.with { folder in
      var redis = redis
      if hasTLS { redis.tls = try await TestCertificates.make(in: folder) }
      let usesOther = instances.contains { $0.redis == .other }
      return try await RedisServer.withServers(usesOther ? [redis, .init()] : [redis]) { servers in
        var ports: [Place: Int] = [.main: servers[0].port, .nowhere: try closedPort()]
        ports[.tls] = servers[0].tlsPort
        ports[.other] = servers.last?.port
        return try await withOrigins(instances[...], after: [], ports) { origins in
          try await withBalancer(origins) { balancer in
            let named = instances.indices.filter { instances[$0].isNamed }
            var files = TestDeployment(
              folder: folder, instancePorts: named.map { origins[$0].port }, publicURL: balancer.origin)
            files.config = config
            try files.write(
              environments: named.map { environment(of: instances[$0], ports) },
              manifestTail: redis.tls.map { "redis:\n  caFile: \($0.caFile)\n" } ?? "")
            try writeProject(in: folder)
            return try await body(Running(files: files, redis: servers[0], origins: origins, burst: burst))
          }
        }
      }
    }
  }

  private func environment(of instance: Instance, _ ports: [Place: Int]) -> String {
    instance.environment.sorted { $0.key < $1.key }.map { name, value in
      let value = Place.allCases.reduce(value) { text, place in
        text.replacing(place.rawValue, with: "127.0.0.1:\(ports[place] ?? 0)")
      }
      return "\(name)=\(value)\n"
    }.joined()
  }

  private func writeProject(in folder: TemporaryFolder) throws {
    let packages = packages.merging(["@flowpanel/kit": "1.0.0"]) { first, _ in first }.sorted { $0.key < $1.key }
    let dependencies = packages.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", ")
    let locked = packages.map { "\"node_modules/\($0.key)\": { \"version\": \"\($0.value)\" }" }.joined(separator: ", ")
    try folder.write("{ \"dependencies\": { \(dependencies) } }\n", to: "package.json")
    try folder.write(
      """
      { "lockfileVersion": 3, "packages": { "": { "dependencies": { \(dependencies) } }, \(locked) } }

      """, to: "package-lock.json")
    try folder.write(Self.route, to: "app/api/flowpanel/stream/route.ts")
  }

  private func withOrigins<R>(
    _ instances: ArraySlice<Instance>, after started: [ReferenceOrigin], _ ports: [Place: Int],
    _ body: ([ReferenceOrigin]) async throws -> R
  ) async throws -> R {
    guard let instance = instances.first else { return try await body(started) }
    return try await withOrigin {
      $0 = instance.settings
      // Under its own prefix, unless another is set.
      $0.keyPrefix = instance.settings.keyPrefix ?? "admin"
      guard let place = instance.redis else { return }
      var redis = OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: ports[place] ?? 0))
      redis.username = (instance.user?.name).map { Secret($0) }
      redis.password = (instance.user?.password).map { Secret($0) }
      $0.fanOut = .redis(redis)
    } _: { origin in
      try await withOrigins(instances.dropFirst(), after: started + [origin], ports, body)
    }
  }

  private func withBalancer<R>(
    _ origins: [ReferenceOrigin], _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    let ports = zip(instances, origins).filter(\.0.isBalanced).map(\.1.port)
    switch balancer {
    case .nginx(let upstream, let route):
      let servers = ports.map { "server 127.0.0.1:\($0);" }.joined(separator: " ")
      return try await NginxServer.withServer(
        http: "upstream app { \(upstream) \(servers) }",
        serverBlock: "location / { proxy_pass http://app; \(route) }", body)
    case .haproxy(let balance):
      let servers = ports.enumerated().map { "server app\($0) 127.0.0.1:\($1)" }
      return try await HAProxyServer.withServer(
        section: (["balance \(balance)", "option http-no-delay"] + servers).joined(separator: "\n"), body)
    }
  }

  /// All of it, running.
  struct Running {
    /// The folder with its files.
    var files: TestDeployment
    /// The deployment's Redis.
    var redis: RedisServer
    /// The instances, in order.
    var origins: [ReferenceOrigin]
    /// How many messages are published at once.
    var burst: Int
  }
}

extension FanOutDeployment.Running {
  /// Runs `flowpanel-doctor fanout`.
  func fanOut(_ arguments: String...) async throws -> ProcessResult {
    let options = ["--format", "json", "--save-facts", "facts.json", "--burst", "\(burst)"]
    return try await doctor(["fanout"] + options + arguments, in: files.folder)
  }

  /// Keeps what was seen where DOCTOR_PATH_FACTS names a folder.
  func keepFacts(as name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["DOCTOR_PATH_FACTS"] else { return }
    let file = "\(folder)/\(name.replacing("/", with: "_")).json"
    try Data((files.folder.read("facts.json") ?? "").utf8).write(to: URL(fileURLWithPath: file))
  }
}
