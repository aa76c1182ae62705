import Doctor
import Facts
import ReferenceOrigin
import Synchronization
import TestServers

/// What a watch has told so far, for tests to wait for.
final class SeenRollout: Sendable {
  struct State {
    var open: Set<Int> = []
    var drops: [Int: Int] = [:]
    /// Failed attempts since a stream was open.
    var failures: [Int: Int] = [:]
    /// The last message that came on each stream.
    var heard: [Int: Int] = [:]
    var stopped: Set<Int> = []
    /// The last message that Redis took, and the last of those at which nobody was subscribed to a stream's own channel.
    var published = 0
    var unsubscribed: [Int: Int] = [:]
  }

  private let mutex = Mutex(State())

  var state: State { mutex.withLock { $0 } }

  var watcher: RolloutWatcher {
    RolloutWatcher(begin: { _ in }) { [self] news in mutex.withLock { Self.take(news, &$0) } }
  }

  private static func take(_ news: RolloutNews, _ state: inout State) {
    switch news {
    case .opened(let stream, _):
      state.open.insert(stream)
      state.failures[stream] = 0
    case .heard(let stream, let number, _): state.heard[stream] = number
    case .ended(let stream, _, _):
      state.open.remove(stream)
      state.drops[stream, default: 0] += 1
    case .failed(let stream, _): state.failures[stream, default: 0] += 1
    case .stopped(let stream, _): state.stopped.insert(stream)
    case .published(_, let number, let subscribers):
      state.published = number
      for (stream, count) in subscribers where count == 0 { state.unsubscribed[stream] = number }
    case .sending, .publisherFailed: break
    }
  }

  func wait(for state: String, _ condition: @escaping (State) -> Bool) async throws {
    try await TestServers.wait(for: state, within: .seconds(240)) { condition(self.state) }
  }

  /// Waits until each of so many streams has brought a message that was published from now on.
  func waitUntilAllHear(_ streams: Int) async throws {
    let last = state.published
    try await wait(for: "all streams hear") { state in
      (0..<streams).allSatisfy { (state.heard[$0] ?? 0) > last }
    }
  }
}

/// Watches a rollout while the body runs, and gives what was seen by its end.
func watchingRollout(
  _ urls: [String], direct: [(name: String, url: String)], redis: RedisServer?, system: System = .flowpanel,
  connections: Int = 3, _ body: (SeenRollout) async throws -> Void
) async throws -> SavedRun {
  var inputs = RunInputs(topics: [.stream], environment: [:])
  inputs.stream.urls = urls
  inputs.stream.directURLs = direct
  inputs.system = system
  inputs.redisURLs = redis.map { [Secret($0.url())] } ?? []
  let seen = SeenRollout()
  let rollout = RolloutInputs(connections: connections, watcher: seen.watcher)
  let (interruption, interrupt) = AsyncStream.makeStream(of: Void.self)
  let watch = Task { [inputs] in try await watchRollout(inputs, rollout, interruption: interruption) }
  do {
    try await body(seen)
  } catch {
    interrupt.yield()
    _ = try? await watch.value
    throw error
  }
  interrupt.yield()
  return try await watch.value
}

/// Instances that can be stopped and started again at their own ports, on an address where no other test's server takes
/// one meanwhile.
struct RolloutInstance {
  private(set) var origin: ReferenceOrigin
  private let settings: OriginSettings

  static func with<R>(
    _ redis: RedisServer, _ body: (inout RolloutInstance) async throws -> R
  ) async throws -> R {
    var settings = OriginSettings()
    settings.host = "127.82.0.1"
    settings.heartbeatInterval = nil
    settings.fanOut = .redis(OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: redis.port)))
    let origin = try await ReferenceOrigin.start(settings)
    settings.port = origin.port
    var instance = RolloutInstance(origin: origin, settings: settings)
    do {
      let result = try await body(&instance)
      await instance.origin.stop()
      return result
    } catch {
      await instance.origin.stop()
      throw error
    }
  }

  var authority: String { "127.82.0.1:\(settings.port)" }
  var url: String { origin.url }

  mutating func start() async throws { origin = try await ReferenceOrigin.start(settings) }
}
