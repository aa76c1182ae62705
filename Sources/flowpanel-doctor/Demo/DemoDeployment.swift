import Doctor
import Facts
import Foundation
import ReferenceOrigin

/// The deployment that the demo looks at: two imitated instances of flowpanel, a proxy in front of them and, where there is
/// one to be had, a Redis. Everything is real and on loopback; what is wrong with it is one line of one environment, and
/// how many bytes the proxy waits for.
struct DemoDeployment: Sendable {
  private(set) var folder: DemoFolder?
  private(set) var redis: DemoRedis?
  /// Why there is no Redis.
  private(set) var whyNoRedis: String?
  private(set) var instances: [ReferenceOrigin] = []
  private(set) var proxy: FaultyProxy?

  /// The manifest's name.
  static let manifest = "flowpanel-doctor.yaml"

  /// How many bytes the faulty proxy waits for.
  static let withheldBytes = 4096

  private static let config = """
    import { defineAdmin } from "@flowpanel/kit";

    const redisUrl = process.env.REDIS_URL;

    export default defineAdmin({
      resources: {},
      // Without REDIS_URL an instance keeps its events to itself.
      realtime: redisUrl ? { driver: "redis", url: redisUrl } : { driver: "memory" },
    });

    """

  /// Starts everything, and writes the files that describe it into a new working folder.
  ///
  /// - Throws: `RunError`; `RunStatus` where the task is cancelled while Redis starts, which alone may take its time.
  mutating func start(isMended: Bool) async throws {
    do {
      folder = try DemoFolder.make()
      try write(Self.config, to: "flowpanel.config.ts")
      let redisURL = try await startRedis()
      var manifest = "system: flowpanel\nconfig: flowpanel.config.ts\ninstances:\n"
      for number in 1...2 {
        // A rollout that forgot REDIS_URL on one instance.
        let url = number == 1 || isMended ? redisURL : nil
        let instance = try await startInstance(number, withRedis: url != nil)
        let lines = [url.map { "REDIS_URL=\($0.reveal())" }, "PORT=\(instance.port)"].compactMap(\.self)
        try write(lines.map { $0 + "\n" }.joined(), to: "web-\(number).env")
        manifest +=
          "  - name: web-\(number)\n    env: web-\(number).env\n    url: http://127.0.0.1:\(instance.port)\n"
      }
      var settings = FaultyProxySettings(upstreamPorts: instances.map(\.port))
      settings.withheldBytes = isMended ? 0 : Self.withheldBytes
      let proxy = try await FaultyProxy.start(settings)
      self.proxy = proxy
      try write(manifest + "public: \(proxy.url)\n", to: Self.manifest)
    } catch let failure as OriginFailure {
      throw RunError(.missing, "\(failure)")
    }
  }

  /// Ends everything that was started, and removes the folder.
  func stop() async {
    await proxy?.stop()
    for instance in instances { await instance.stop() }
    await redis?.stop()
    await folder?.remove()
  }

  /// The URL for the environments that have one; without a Redis it leads nowhere.
  private mutating func startRedis() async throws -> Secret {
    let outcome = try await DemoRedis.start(freePort: freePort)
    redis = try? outcome.get()
    if Task.isCancelled { throw RunStatus(code: .interrupted) }
    switch outcome {
    case .success(let started):
      return Secret("redis://:\(started.password.reveal())@127.0.0.1:\(started.port)/0")
    case .failure(let failure):
      whyNoRedis = failure.reason
      return Secret("redis://127.0.0.1:\(try await freePort())/0")
    }
  }

  /// Starts an instance as its environment has it.
  private mutating func startInstance(_ number: Int, withRedis: Bool) async throws -> ReferenceOrigin {
    var settings = OriginSettings()
    if withRedis, let redis {
      settings.fanOut = .redis(
        OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: redis.port), password: redis.password))
    }
    let instance = try await ReferenceOrigin.start(settings) { Console.talk("web-\(number): \($0)") }
    instances.append(instance)
    return instance
  }

  /// A port that was free a moment ago.
  private func freePort() async throws -> Int {
    let origin = try await ReferenceOrigin.start()
    await origin.stop()
    return origin.port
  }
}
