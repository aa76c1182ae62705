import Facts
import RedisProbe
import StreamProbe
import Transport

/// What the network probes have brought so far, and the reason for what they have not.
struct Gathered: Sendable {
  private let redis: Observation<[RedisProbeTarget]>
  private let streams: Observation<[StreamTarget]>
  private var redisResults: [Int: RedisFacts] = [:]
  private var redisProgress: [RedisFacts] = []
  private var streamResults: [Int: StreamFacts] = [:]
  private var whyUnfinished = Unseen(.notAttempted, "the probe did not begin")

  private enum News: Sendable {
    case redis(Int, RedisFacts)
    case redisSoFar(Int, RedisFacts)
    case stream(Int, StreamFacts)
    case deadline
    case interrupted
    /// The time for probes that were told to stop is over.
    case graceOver
  }

  /// How long a probe that was told to stop may take to say what it has seen.
  private static let grace = Duration.milliseconds(200)

  init(redis: Observation<[RedisProbeTarget]>, streams: Observation<[StreamTarget]>) {
    self.redis = redis
    self.streams = streams
  }

  /// Runs every probe at once until all have answered, the deadline has passed or the operator interrupts; says whether
  /// it was the latter.
  mutating func probe(
    redis redisProbe: RedisProbe, stream streamProbe: StreamProbe, watcher: StreamInputs.Watcher?,
    deadline: Duration, interruption: AsyncStream<Void>
  ) async throws -> Bool {
    let redisTargets = redis.value ?? []
    redisProgress = redisTargets.map { redisProbe.facts(beforeTrying: $0.target) }
    let streamTargets = streams.value ?? []
    guard !redisTargets.isEmpty || !streamTargets.isEmpty else { return false }
    let transport = try Transport()
    let (news, report) = AsyncStream.makeStream(of: News.self)
    var tasks: [Task<Void, Never>] = []
    for (index, target) in redisTargets.enumerated() {
      tasks.append(
        Task {
          let facts = await redisProbe.facts(of: target.target, over: transport) {
            report.yield(.redisSoFar(index, $0))
          }
          report.yield(.redis(index, facts))
        })
    }
    watcher?.begin(streamTargets.map { $0.facts(.failure(StreamFacts.Failure(.notFinished, whyUnfinished.detail))) })
    for (index, target) in streamTargets.enumerated() {
      tasks.append(
        Task {
          let facts = await streamProbe.facts(of: target, over: transport) { watcher?.tell(index, $0) }
          watcher?.end(index, facts)
          report.yield(.stream(index, facts))
        })
    }
    tasks.append(
      Task {
        guard (try? await Task.sleep(for: deadline)) != nil else { return }
        report.yield(.deadline)
      })
    tasks.append(
      Task {
        for await _ in interruption { report.yield(.interrupted) }
      })
    defer { for task in tasks { task.cancel() } }

    var wasInterrupted = false
    var hasEnded = false
    for await message in news {
      switch message {
      // What a probe brings that was told to stop is not all that it would have brought.
      case .redis(let index, let facts): redisResults[index] = hasEnded ? facts.cut(short: whyUnfinished) : facts
      case .redisSoFar(let index, let facts): redisProgress[index] = facts
      case .stream(let index, let facts): streamResults[index] = facts
      case .graceOver: return wasInterrupted
      case .deadline, .interrupted:
        hasEnded = true
        if case .interrupted = message { wasInterrupted = true }
        whyUnfinished =
          wasInterrupted
          ? Unseen(.interrupted, "the run was interrupted first")
          : Unseen(.timedOut, "the run's deadline of \(deadline) passed first; raise --timeout")
        for task in tasks { task.cancel() }
        Task {
          try? await Task.sleep(for: Self.grace)
          report.yield(.graceOver)
        }
      }
      if redisResults.count == redisTargets.count, streamResults.count == streamTargets.count { break }
    }
    return wasInterrupted
  }

  /// The facts of every server; one whose probe was cut short says so.
  var redisFacts: Observation<[RedisFacts]> {
    redis.map { targets in
      targets.enumerated().map { index, target in
        var facts = redisResults[index] ?? redisProgress[index].cut(short: whyUnfinished)
        facts.usedBy = target.usedBy
        facts.location = target.location
        return facts
      }
    }
  }

  /// The facts of every stream; one whose probe was cut short says so.
  var streamFacts: Observation<[StreamFacts]> {
    streams.map { targets in
      targets.enumerated().map { index, target in
        streamResults[index]
          ?? target.facts(.failure(StreamFacts.Failure(.notFinished, whyUnfinished.detail)))
      }
    }
  }
}

extension StreamTarget {
  /// The facts of a stream before anything is known of it.
  fileprivate func facts(_ outcome: StreamFacts.Outcome) -> StreamFacts {
    var facts = StreamFacts(
      url: redactedURL(url), cell: cell, instance: instance, location: location, outcome: outcome)
    facts.target = number
    facts.via = via
    return facts
  }
}

/// A URL as it may be shown.
func redactedURL(_ url: String) -> String {
  URLParts(url)?.redacted ?? "(not a URL)"
}
