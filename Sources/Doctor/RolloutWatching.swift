import Diagnosis
import Facts
import RedisProbe
import StreamProbe
import Transport

/// How a deploy is watched.
public struct RolloutInputs: Sendable {
  /// The longest watch.
  public static let longest = Duration.seconds(86_400)
  /// How many streams are held open at each public URL, where it is not said.
  public static let defaultConnections = 10
  /// The most that may be.
  public static let maximumConnections = 200

  /// How long; nil until it is interrupted, a day at most.
  public var limit: Duration?
  /// How many streams are held open at each public URL.
  public var connections: Int
  /// Who looks on; nil for nobody.
  public var watcher: RolloutWatcher?

  /// A watch; it has no end of its own unless given.
  public init(
    limit: Duration? = nil, connections: Int = RolloutInputs.defaultConnections, watcher: RolloutWatcher? = nil
  ) {
    self.limit = limit
    self.connections = connections
    self.watcher = watcher
  }
}

/// Watches a deploy: holds a stream open at each instance's own URL and several at each public one, comes back as the
/// system's client does where one ends, and publishes meanwhile. It ends at its limit or when `interruption` yields.
///
/// - Throws: `RunError` when an input that was named is missing or can't be understood.
public func watchRollout(
  _ inputs: RunInputs, _ rollout: RolloutInputs, interruption: AsyncStream<Void>
) async throws -> SavedRun {
  var inputs = inputs
  inputs.topics = [.stream]
  inputs.redis.isActive = true
  inputs.fanOut = nil
  let plan = try Plan(inputs)
  let (first, second) = twice(interruption)
  let (environments, wasInterrupted) = await readEnvironments(
    plan, inputs, interruption: first, plan.fingerprinter(inputs.fingerprintKey)
  ) { reading, _ in reading }
  let ground = try groundwork(inputs, plan, environments)
  var run = SavedRun(
    topics: inputs.topics, facts: ground.facts, overrides: plan.overrides, wasInterrupted: wasInterrupted)
  let targets = plan.rolloutTargets(rollout)
  guard case .seen(let targets) = targets else {
    run.facts.streams = targets.unseen.map { .unseen($0) } ?? .unseen(.notAsked)
    return run
  }
  run.facts.streams = .unseen(
    Unseen(.notAsked, "a rollout was watched, and no stream looked at closely; flowpanel-doctor stream does that"))
  let drive =
    plan.driving(ground.servers, keyPrefix: ground.keyPrefix.value ?? nil)
    ?? .unseen(Unseen(.notAsked, "the checks that were chosen need no message"))
  let watch = RolloutWatch(
    plan, targets, drive, redisProbe: plan.redisProbe(keyPrefix: ground.keyPrefix), rollout)
  let (facts, wasCutShort) = try await watch.facts(interruption: second)
  run.facts.rollout = facts
  run.wasInterrupted = wasInterrupted || wasCutShort
  return run
}

extension Plan {
  /// The streams that are held open, or why there are none.
  fileprivate func rolloutTargets(_ rollout: RolloutInputs) -> Observation<[RolloutTarget]> {
    if let unseen = streamTargets(drivenBy: nil).unseen { return .unseen(unseen) }
    return .seen(
      streams.enumerated().filter { $1.via == nil }.flatMap { number, target in
        (1...(target.instance == nil ? max(1, rollout.connections) : 1)).map { connection in
          var target = target
          target.number = number
          target.cell = StreamCell(version: .negotiated, coding: .browser)
          return RolloutTarget(stream: target, connection: connection)
        }
      })
  }
}

/// One stream to hold open.
private struct RolloutTarget {
  var stream: StreamTarget
  /// Which of those at its URL it is, from 1.
  var connection: Int
}

/// The work of one watch.
private struct RolloutWatch {
  private let clients: [RolloutClient]
  private let driving: Driving?
  /// The indices of the streams with a channel of their own, beside the one that all share.
  private let counted: [(stream: Int, channel: String)]
  private let redisProbe: RedisProbe
  private let rollout: RolloutInputs
  private let limit: Duration
  private let before: RolloutFacts
  private let epoch: ContinuousClock.Instant

  init(
    _ plan: Plan, _ targets: [RolloutTarget], _ drive: Observation<Driving>, redisProbe: RedisProbe,
    _ rollout: RolloutInputs
  ) {
    self.redisProbe = redisProbe
    self.rollout = rollout
    limit = min(rollout.limit ?? RolloutInputs.longest, RolloutInputs.longest)
    var probe = plan.streamProbe
    // The watch ends them all.
    probe.watch = limit + .seconds(60)
    probe.stop = StreamStop()
    probe.passesBytes = false
    probe.keepsArrivals = false
    probe.epoch = .now
    epoch = probe.epoch
    let driving = drive.value
    self.driving = driving
    var counted: [(stream: Int, channel: String)] = []
    clients = targets.enumerated().map { index, target in
      var target = target.stream
      if let driving {
        target.channel = (driving.channel, true)
        if plan.system == .flowpanel, target.instance != nil {
          target.furtherChannels = [driving.channel.own(index)]
          counted.append((index, driving.channel.own(index)))
        }
      }
      return RolloutClient(index: index, target: target, reconnection: plan.system.reconnection, probe: probe)
    }
    self.counted = counted
    before = RolloutFacts(
      channel: driving?.channel.name, reconnection: plan.system.reconnection,
      streams: targets.map { target in
        RolloutFacts.Stream(
          target: target.stream.number, connection: target.connection, url: redactedURL(target.stream.url),
          instance: target.stream.instance, location: target.stream.location)
      },
      publishers: drive.map { driving in
        driving.targets.map { target in
          RolloutFacts.Publisher(
            redisURL: "\(redisProbe.facts(beforeTrying: target.target).endpoint)", instances: target.usedBy)
        }
      })
  }

  private enum Event: Sendable {
    case news(RolloutNews)
    case publisher(Int, RolloutPublishing.Publication)
    case limit
    case interrupted
  }

  /// Watches, and says whether it was interrupted rather than over.
  func facts(interruption: AsyncStream<Void>) async throws -> (facts: RolloutFacts, wasInterrupted: Bool) {
    let transport = try Transport()
    let (events, report) = AsyncStream.makeStream(of: Event.self)
    rollout.watcher?.begin(before)
    var tasks = clients.map { client in
      Task { await client.watch(over: transport) { report.yield(.news($0)) } }
    }
    tasks += publishing(over: transport, report)
    tasks.append(
      Task { [limit] in
        guard (try? await Task.sleep(for: limit)) != nil else { return }
        report.yield(.limit)
      })
    tasks.append(
      Task {
        for await _ in interruption { report.yield(.interrupted) }
      })
    defer { for task in tasks { task.cancel() } }

    var record = RolloutRecord(before)
    for await event in events {
      switch event {
      case .news(let news):
        record.take(news)
        rollout.watcher?.tell(news)
      case .publisher(let index, let publication):
        record.change(index) { publisher in
          publisher.redisURL = publication.redisURL
          publisher.names = publication.names
          publisher.looksRefused = publication.looksRefused
        }
        let counts = zip(counted, publication.subscribers ?? []).map { ($0.stream, $1) }
        let news = RolloutNews.published(
          index, number: publication.number, subscribers: Dictionary(uniqueKeysWithValues: counts))
        record.take(news)
        rollout.watcher?.tell(news)
      case .limit, .interrupted:
        let isInterrupted = if case .interrupted = event { true } else { false }
        return (record.facts(until: milliseconds(.now)), isInterrupted)
      }
    }
    return (record.facts(until: milliseconds(.now)), true)
  }

  private func publishing(
    over transport: Transport, _ report: AsyncStream<Event>.Continuation
  ) -> [Task<Void, Never>] {
    guard let driving else { return [] }
    return driving.targets.enumerated().map { index, target in
      let publishing = RolloutPublishing(
        on: driving.channel, counting: counted.map(\.channel), keyPrefix: driving.keyPrefix,
        numbers: (first: index + 1, step: driving.targets.count))
      return Task { [redisProbe, epoch] in
        await publishing.publish(to: target.target, through: redisProbe, over: transport) { news in
          switch news {
          case .sending(let number):
            let time = epoch.duration(to: .now).milliseconds
            report.yield(.news(.sending(index, number: number, atMilliseconds: time)))
          case .published(let publication): report.yield(.publisher(index, publication))
          case .failed(let reason):
            let time = epoch.duration(to: .now).milliseconds
            report.yield(.news(.publisherFailed(index, reason, atMilliseconds: time)))
          }
        }
      }
    }
  }

  private func milliseconds(_ time: ContinuousClock.Instant) -> Double { epoch.duration(to: time).milliseconds }
}
