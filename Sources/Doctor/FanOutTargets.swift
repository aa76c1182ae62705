import Facts
import StreamProbe

/// What is done to see whom an event reaches.
public struct FanOutInputs: Sendable, Equatable {
  /// How many streams are opened at each public URL; nil for as many as show whether a balancer leaves an instance out.
  public var connections: Int?
  /// How many messages are published at once in the end.
  public var burst = 1_000
  /// Whether there have to be several instances for it.
  public var needsInstances = false
  /// What a channel that the application has fixed is called in Redis; nil for one of the run's own.
  public var fixedChannel: String?

  /// The usual.
  public init() {}

  /// The most streams at one public URL.
  public static let maximumConnections = 200
  /// The most messages at once.
  public static let maximumBurst = 100_000
}

extension Plan {
  /// The streams of a run as those of a fan-out, and what is opened beside them for it: more streams at each public URL,
  /// and at an instance's own where one stream can't listen to all channels.
  func fanningOut(_ targets: [StreamTarget], _ drive: Driving) -> [StreamTarget] {
    guard let fanOut else { return targets }
    let maximum = drive.channel.isFixed ? 1 : DriveChannel.maximumChannels(in: system)
    var targets = targets
    // A browser's own cell comes first.
    let firsts = targets.indices.filter { index in
      targets[index].via == nil && targets.firstIndex { $0.number == targets[index].number } == index
    }
    let direct = firsts.filter { targets[$0].instance != nil }
    var further: [StreamTarget] = []
    func number(_ target: inout StreamTarget, _ index: Int) {
      target.fanOutIndex = index
      if maximum > 1 { target.furtherChannels = [drive.channel.own(index)] }
    }
    for (index, place) in direct.enumerated() { number(&targets[place], index) }
    var count = direct.count
    for place in firsts where targets[place].instance == nil {
      number(&targets[place], count)
      count += 1
      for _ in 1..<max(1, connections(fanOut, isFixed: drive.channel.isFixed)) {
        var target = targets[place]
        target.cell = StreamCell(version: .negotiated)
        target.isReported = false
        number(&target, count)
        count += 1
        further.append(target)
      }
    }
    if maximum > 1, fanOut.burst > 0, let first = firsts.first {
      for place in direct.isEmpty ? [first] : direct { targets[place].burst = (drive.channel.burst, fanOut.burst) }
    }
    targets += further
    return share(targets, direct, drive.channel, maximum)
  }

  /// Lets each public stream share a channel with each direct one, as far as streams take so many.
  private func share(
    _ targets: [StreamTarget], _ direct: [Int], _ channel: DriveChannel, _ maximum: Int
  ) -> [StreamTarget] {
    let others = targets.indices.filter { targets[$0].fanOutIndex != nil && targets[$0].instance == nil }
      .sorted { (targets[$0].fanOutIndex ?? 0) < (targets[$1].fanOutIndex ?? 0) }
    guard maximum > 1, !direct.isEmpty, direct.count <= DriveChannel.sharedByFirst else { return targets }
    var targets = targets
    var helpers: [StreamTarget] = []
    for (index, place) in direct.enumerated() {
      for (ordinal, other) in others.enumerated() {
        let name = DriveChannel.shared(targets[other].fanOutIndex ?? 0, index, of: channel.name)
        targets[other].furtherChannels.append(name)
        guard let helper = DriveChannel.helper(index, forPublic: ordinal, of: channel.name) else {
          targets[place].furtherChannels.append(name)
          continue
        }
        if helpers.last?.furtherChannels.first != helper {
          var target = targets[place]
          target.fanOutIndex = nil
          target.burst = nil
          target.isReported = false
          target.furtherChannels = [helper]
          helpers.append(target)
        }
        helpers[helpers.count - 1].furtherChannels.append(name)
      }
    }
    return targets + helpers
  }

  /// How many streams to open at a public URL: seven for each instance leave out one of them by chance less than once in a
  /// thousand runs, whatever way a balancer has of choosing evenly.
  private func connections(_ fanOut: FanOutInputs, isFixed: Bool) -> Int {
    if let connections = fanOut.connections { return connections }
    // Each counts as one of the user's.
    if isFixed { return 1 }
    let count = max(instances.count, Set(streams.compactMap(\.instance)).count)
    return system == .flowpanel ? min(40, max(4, 7 * count)) : min(8, max(2, 2 * count))
  }
}

extension FanOutStream {
  /// What of a stream's facts tells of the fan-out.
  init(_ facts: StreamFacts, index: Int, handshake: System.Handshake) {
    let began = facts.beganMilliseconds
    let begin = facts.arrivals.first { handshake.matches($0.content) }?.milliseconds
    self.init(
      index: index, target: facts.target, url: facts.url, instance: facts.instance, outcome: facts.outcome,
      handshakeMilliseconds: begin.map { began + $0 },
      heard: facts.arrivals.compactMap { arrival in
        arrival.probeNumber.map {
          Heard($0, atMilliseconds: began + arrival.milliseconds, isWrapped: arrival.content.isWrapped)
        }
      },
      burst: facts.burst, end: facts.end, endMilliseconds: began + facts.watchedMilliseconds)
  }
}

extension StreamFacts.Arrival.Content {
  /// Whether it is an envelope with the channel's name (flowpanel from 0.3 on).
  fileprivate var isWrapped: Bool {
    if case .event(_, let data) = self { data.hasPrefix(#"{"channel":"#) } else { false }
  }
}
