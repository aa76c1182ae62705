import Facts
import RedisProbe
import StreamProbe
import Transport

/// What the network probes have brought so far, and the reason for what they have not.
struct Gathered: Sendable {
  private let redis: Observation<[RedisProbeTarget]>
  private let streams: Observation<[StreamTarget]>
  private let drive: Observation<Driving>?
  private let replay: Observation<Replaying>?
  private let rooms: Observation<RoomJoining>?
  private var redisResults: [Int: RedisFacts] = [:]
  private var redisProgress: [RedisFacts] = []
  private var streamResults: [Int: StreamFacts] = [:]
  private var publishers: [StreamDrive.Publisher] = []
  private var replayResult: ReplayFacts?
  private var roomResult: Observation<RoomFacts>?
  private var whyUnfinished = Unseen(.notAttempted, "the probe did not begin")

  private enum News: Sendable {
    case redis(Int, RedisFacts)
    case redisSoFar(Int, RedisFacts)
    case arrival(Int, StreamFacts.Arrival)
    case began(Int, atMilliseconds: Double)
    case burst(Int, count: Int)
    case stream(Int, StreamFacts)
    case published(Int, StreamDrive.Publisher)
    case replayed(ReplayFacts)
    case joined(Observation<RoomFacts>)
    case publisherIsOver
    case publishersHadTime
    /// The streams that have not begun by now may be held up on their way.
    case patienceOver
    case deadline
    case interrupted
    /// The time for probes that were told to stop is over.
    case graceOver
  }

  /// How long a probe that was told to stop may take to say what it has seen.
  private static let grace = Duration.milliseconds(200)
  /// How long the streams' handshakes are waited for before anything is published.
  private static let patience = Duration.seconds(1)

  init(
    redis: Observation<[RedisProbeTarget]>, streams: Observation<[StreamTarget]>, drive: Observation<Driving>? = nil,
    replay: Observation<Replaying>? = nil, rooms: Observation<RoomJoining>? = nil
  ) {
    self.redis = redis
    self.streams = streams
    self.drive = drive
    self.replay = replay
    self.rooms = rooms
  }

  /// Runs every probe at once until all have answered, the deadline has passed or the operator interrupts; says whether
  /// it was the latter.
  mutating func probe(
    _ plan: Plan, redis redisProbe: RedisProbe, interruption: AsyncStream<Void>
  ) async throws -> Bool {
    let redisTargets = redis.value ?? []
    redisProgress = redisTargets.map { redisProbe.facts(beforeTrying: $0.target) }
    let streamTargets = streams.value ?? []
    guard !redisTargets.isEmpty || !streamTargets.isEmpty || rooms?.value != nil else { return false }
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

    let streamProbe = plan.streamProbe
    let driving = streamTargets.isEmpty ? nil : drive?.value
    let watcher = plan.streamInputs.watcher
    publishers = driving?.publishers(before: redisProbe) ?? []
    var watchedFor = plan.watchedFor
    watchedFor.publishers = publishers.count
    watcher?.begin(
      streamTargets.map { $0.facts(.failure(StreamFacts.Failure(.notFinished, whyUnfinished.detail))) }, watchedFor)
    let publishing = driving?.publish(
      through: redisProbe, over: transport, epoch: streamProbe.epoch,
      progress: { index, publisher in
        watcher?.published(index, publisher)
        report.yield(.published(index, publisher))
      }, end: { report.yield(.publisherIsOver) })
    var openPublishers = publishers.count

    var goals = WatchGoals(
      streamTargets, publishers: publishers.count, watch: plan.streamInputs.goal, of: plan.system, driving)
    let streamTasks = streamTargets.enumerated().map { index, target in
      Task { [areOpen = goals.areOpen] in
        let facts = await streamProbe.facts(of: target, over: transport) { news in
          watcher?.tell(index, news)
          guard areOpen else { return }
          switch news {
          case .arrival(let arrival): report.yield(.arrival(index, arrival))
          case .began(let time): report.yield(.began(index, atMilliseconds: time))
          case .burst(let count): report.yield(.burst(index, count: count))
          case .redirect, .response, .bytes, .totals: break
          }
        }
        watcher?.end(index, facts)
        report.yield(.stream(index, facts))
      }
    }
    tasks += streamTasks
    if let replaying = replay?.value {
      tasks.append(
        Task { report.yield(.replayed(await replaying.facts(through: redisProbe, over: transport))) })
    }
    if let joining = rooms?.value {
      tasks.append(Task { report.yield(.joined(await joining.facts(through: redisProbe, over: transport))) })
    }
    func after(_ time: Duration, _ message: News) -> Task<Void, Never> {
      Task {
        guard (try? await Task.sleep(for: time)) != nil else { return }
        report.yield(message)
      }
    }
    tasks += [after(Self.patience, .patienceOver), after(plan.timeout, .deadline)]
    tasks.append(
      Task {
        for await _ in interruption { report.yield(.interrupted) }
      })
    defer {
      for task in tasks { task.cancel() }
      publishing?.cancel()
    }

    var wasInterrupted = false
    var hasEnded = false
    for await message in news {
      switch message {
      // What a probe brings that was told to stop is not all that it would have brought.
      case .redis(let index, let facts): redisResults[index] = hasEnded ? facts.cut(short: whyUnfinished) : facts
      case .redisSoFar(let index, let facts): redisProgress[index] = facts
      case .began(let index, let time): goals.begin(index, atMilliseconds: time)
      case .arrival(let index, let arrival):
        goals.take(arrival, of: index)
        end(goals, streamTasks, after: index)
        if goals.allListen { publishing?.start() }
      case .burst(let index, let count):
        goals.takeBurst(count, of: index)
        end(goals, streamTasks, after: index)
      case .stream(let index, let facts):
        streamResults[index] = facts
        goals.end(index)
        end(goals, streamTasks)
        if goals.allListen { publishing?.start() }
        if streamResults.count == streamTargets.count, openPublishers > 0 {
          // What is under way is still waited for.
          publishing?.cancel()
          tasks.append(after(Self.grace, .publishersHadTime))
        }
      case .published(let index, let publisher):
        publishers[index] = publisher
        goals.take(publisher, of: index)
        end(goals, streamTasks)
      case .replayed(let facts): replayResult = facts
      case .joined(let facts): roomResult = facts
      case .publisherIsOver: openPublishers -= 1
      case .patienceOver: publishing?.start()
      case .publishersHadTime: openPublishers = 0
      case .graceOver: return wasInterrupted
      case .deadline, .interrupted:
        hasEnded = true
        if case .interrupted = message { wasInterrupted = true }
        whyUnfinished =
          wasInterrupted
          ? Unseen(.interrupted, "the run was interrupted first")
          : Unseen(.timedOut, "the run's deadline of \(plan.timeout) passed first; raise --timeout")
        for task in tasks { task.cancel() }
        publishing?.cancel()
        Task {
          try? await Task.sleep(for: Self.grace)
          report.yield(.graceOver)
        }
      }
      if redisResults.count == redisTargets.count, streamResults.count == streamTargets.count, openPublishers <= 0,
        replayResult != nil || replay?.value == nil, roomResult != nil || rooms?.value == nil
      {
        break
      }
    }
    return wasInterrupted
  }

  /// Ends the watch of each stream that has shown what it is watched for; of the one that something came on, unless that
  /// tells of others too.
  private func end(_ goals: WatchGoals, _ tasks: [Task<Void, Never>], after index: Int? = nil) {
    let indices = index.map { goals.isOfFanOut($0) ? 0..<tasks.count : $0..<$0 + 1 } ?? 0..<tasks.count
    for index in indices where goals.isReached(by: index) { tasks[index].cancel() }
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
    streams.map { targets in targets.indices.filter { targets[$0].isReported }.map { facts(of: targets[$0], $0) } }
  }

  private func facts(of target: StreamTarget, _ index: Int) -> StreamFacts {
    streamResults[index] ?? target.facts(.failure(StreamFacts.Failure(.notFinished, whyUnfinished.detail)))
  }

  private var helperStreams: Int { (streams.value ?? []).count { $0.fanOutIndex == nil && !$0.isReported } }

  /// What came on the streams of the fan-out, in their order; nil where there are none.
  private func fanOut(_ handshake: System.Handshake) -> [FanOutStream]? {
    let places = (streams.value ?? []).enumerated().compactMap { place, target in
      target.fanOutIndex.map { (index: $0, place: place, target: target) }
    }
    if places.isEmpty { return nil }
    return places.sorted { $0.index < $1.index }.map { index, place, target in
      FanOutStream(facts(of: target, place), index: index, handshake: handshake)
    }
  }

  /// What streams brought after an event, or why that is not known; nil where it was not asked for.
  var replayFacts: Observation<ReplayFacts>? {
    switch replay {
    case .seen?: replayResult.map { .seen($0) } ?? .unseen(whyUnfinished)
    case .unseen(let reason)?: .unseen(reason)
    case nil: nil
    }
  }

  /// Who saw whom join a room, or why that is not known; nil where it was not asked for.
  var roomFacts: Observation<RoomFacts>? {
    switch rooms {
    case .seen?: roomResult ?? .unseen(whyUnfinished)
    case .unseen(let reason)?: .unseen(reason)
    case nil: nil
    }
  }

  /// What was published, or why nothing was; nil where there were no streams to publish for.
  func driveFacts(of system: System) -> Observation<StreamDrive>? {
    guard streams.value?.isEmpty == false else { return nil }
    return drive?.map { driving in
      StreamDrive(
        channel: driving.channel.name,
        publishers: publishers.enumerated().map { index, publisher in
          var publisher = driving.named(publisher, index)
          if publisher.publications.isEmpty, publisher.failure == nil {
            publisher.failure = "it was not ready to publish when the streams were over"
          }
          return publisher
        }, fanOut: fanOut(system.handshake), helperStreams: helperStreams)
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
    facts.isDriven = channel?.isDriven == true
    return facts
  }
}

/// A URL as it may be shown.
func redactedURL(_ url: String) -> String {
  URLParts(url)?.redacted ?? "(not a URL)"
}
