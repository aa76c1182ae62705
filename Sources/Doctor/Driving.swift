import Facts
import RedisProbe
import StreamProbe
import Transport

/// What a run publishes so that streams have something to bring, and through which servers.
struct Driving: Sendable {
  var channel: DriveChannel
  /// A channel on which nothing is published.
  var silence: DriveChannel
  var keyPrefix: String?
  var targets: [RedisProbeTarget]
  /// What is done beside it to see whom an event reaches; nil for nothing.
  var fanOut: ChannelPublishing.FanOut?

  private func publishing(_ index: Int, epoch: ContinuousClock.Instant) -> ChannelPublishing {
    var publishing = ChannelPublishing(
      on: channel, keyPrefix: keyPrefix, epoch: epoch, numbers: (first: index + 1, step: targets.count))
    publishing.fanOut = fanOut
    return publishing
  }

  /// The publishers before anything was tried.
  func publishers(before probe: RedisProbe) -> [StreamDrive.Publisher] {
    targets.map { publishing(0, epoch: .now).facts(beforeTrying: $0.target, through: probe) }
  }

  /// Connects to all servers at once; nothing is published before that is asked for.
  ///
  /// - Parameters:
  ///   - progress: is given what was published through the server of an index so far.
  ///   - end: is called for each server through which no more is published.
  func publish(
    through probe: RedisProbe, over transport: Transport, epoch: ContinuousClock.Instant,
    progress: @escaping @Sendable (Int, StreamDrive.Publisher) -> Void, end: @escaping @Sendable () -> Void
  ) -> PublishersAtWork {
    var work = PublishersAtWork()
    for (index, target) in targets.enumerated() {
      let (start, starting) = AsyncStream.makeStream(of: Void.self)
      work.starting.append(starting)
      work.tasks.append(
        Task { [publishing = publishing(index, epoch: epoch)] in
          await publishing.publish(to: target.target, through: probe, over: transport, from: start) {
            progress(index, $0)
          }
          end()
        })
    }
    return work
  }

  /// The same with what is done beside it to see whom an event reaches.
  func fanningOut(_ inputs: FanOutInputs?, to targets: [StreamTarget]) -> Driving {
    guard let inputs else { return self }
    var driving = self
    driving.fanOut = ChannelPublishing.FanOut(
      channels: Set(targets.flatMap(\.furtherChannels)).sorted() + targets.compactMap(\.burst?.channel.name).prefix(1),
      burst: channel.isFixed ? 0 : inputs.burst)
    return driving
  }

  /// The publisher at the server of that index.
  func named(_ publisher: StreamDrive.Publisher, _ index: Int) -> StreamDrive.Publisher {
    var publisher = publisher
    publisher.instances = targets[index].usedBy
    return publisher
  }
}

/// Publishers that can be started, and stopped.
struct PublishersAtWork: Sendable {
  fileprivate var tasks: [Task<Void, Never>] = []
  fileprivate var starting: [AsyncStream<Void>.Continuation] = []

  /// From now on there is somebody to publish for.
  func start() {
    for start in starting { start.finish() }
  }

  /// Nothing new is published; what is under way is finished.
  func cancel() {
    for task in tasks { task.cancel() }
  }
}

extension Plan {
  /// What the run is to publish, or why nothing; nil where that was not asked for.
  func driving(_ servers: RedisServers, keyPrefix: String?) -> Observation<Driving>? {
    guard drivesStreams else { return nil }
    if fanOut?.fixedChannel == nil, let obstacle = DriveChannel.obstacle(in: system) {
      return .unseen(Unseen(.notGiven, obstacle))
    }
    guard let targets = servers.targets.value, !targets.isEmpty else {
      let reason = servers.unknown.first?.reason ?? servers.targets.unseen
      return .unseen(
        Unseen(
          .notGiven,
          "no Redis is known to publish through" + (reason.map { ": \($0.detail)" } ?? "")
            + "; --redis-variable NAME of fanout and stream publishes through another", at: reason?.location))
    }
    return .seen(
      Driving(
        channel: DriveChannel(of: system, nonce: nonce(), fixedName: fanOut?.fixedChannel),
        silence: DriveChannel(of: system, nonce: nonce()),
        keyPrefix: keyPrefix, targets: targets))
  }
}
