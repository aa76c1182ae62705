// FanOut: pure functions from what a run published and saw arrive to which instances an event reaches, and why the others
// are not among them.

public import Facts

/// Whom an event reached: every instance and every public URL, with what is known of the way there.
public struct FanOutMatrix: Sendable {
  /// A name that instances are subscribed under, on a server.
  public struct Place: Sendable, Hashable {
    /// The server, by the first URL that leads to it.
    public var server: String
    /// The name's form.
    public var name: WireName
  }

  /// Whether the process behind a stream is subscribed in Redis.
  public enum Hearing: Sendable, Equatable {
    /// It is: where, and under which names.
    case subscribed([Place])
    /// It was, and is no more although its stream is open.
    case lost(Place)
    /// It is not, on any server that was asked.
    case never
    /// It is not known, and why.
    case unknown(String)
  }

  /// What came on a stream of what was published.
  public struct Arrival: Sendable, Equatable {
    /// How many different messages came.
    public var came = 0
    /// How many were published where it listens, since it does.
    public var sent = 0
    /// How many did not that had the time to.
    public var lost = 0
    /// How many came again.
    public var repeated = 0
    /// How many came after one that had been sent later.
    public var disordered = 0
    /// How long after it was sent the latest of them came, in milliseconds; nil for none.
    public var latest: Double?
    /// Whether they came in an envelope with the channel's name; nil for none.
    public var isWrapped: Bool?
  }

  /// Whose process is behind a stream.
  public enum Seat: Sendable, Equatable {
    /// A named instance's.
    case instance(String)
    /// One that no named instance has.
    case unnamed
    /// One of those that are not subscribed.
    case silent
    /// It is not known.
    case unknown
  }

  /// One stream.
  public struct Stream: Sendable {
    /// Its facts.
    public let facts: FanOutStream
    /// Whether the process behind it is subscribed.
    public fileprivate(set) var hearing: Hearing
    /// What came on it.
    public fileprivate(set) var arrival: Arrival
    /// Whose process is behind it.
    public fileprivate(set) var seat: Seat

    /// Whether it began as the system's streams do.
    public var isReady: Bool { facts.handshakeMilliseconds != nil }
  }

  /// One instance.
  public struct Row: Sendable {
    /// Its name.
    public let instance: String
    /// Its own stream; nil where no URL of its own is known.
    public let direct: Stream?
    /// The public streams that its process is behind.
    public fileprivate(set) var proxied: [Stream] = []
  }

  /// The instances, in the manifest's order.
  public private(set) var rows: [Row]
  /// The streams at each public URL, in order.
  public private(set) var publicStreams: [[Stream]]
  /// Where most instances are subscribed: whoever is elsewhere does not hear them; nil where nobody is.
  public let main: Place?
  /// Processes that are subscribed where no named instance is.
  public let unnamedProcesses: Int
  /// How many processes are subscribed where most instances are.
  public let processes: Int
  /// The channel.
  public let channel: String
  /// What was published at once, by server.
  public let bursts: [(server: String, burst: StreamDrive.Burst)]
  /// The servers that the run published through, or meant to.
  public let servers: [String]
  /// Why Redis did not say who is subscribed, on some server at least; nil where it did.
  public let gap: String?

  /// The matrix of a run's facts; nil where no fan-out was looked at.
  public init?(_ facts: Facts) {
    guard let drive = facts.drive?.value, let fanOut = drive.fanOut else { return nil }
    let system = facts.deployment.value?.system ?? .flowpanel
    let subscriptions = Subscriptions(drive, facts.redis.value ?? [])
    let hearings = Hearings(
      drive, subscriptions, hasOwnChannels: DriveChannel.maximumChannels(in: system) > 1, fanOut)
    var streams = fanOut.map { stream in
      let hearing = hearings.hearing(of: stream)
      return Stream(
        facts: stream, hearing: hearing, arrival: Arrival(of: stream, drive, hearing, subscriptions),
        seat: stream.instance.map { .instance($0) } ?? .unknown)
    }
    let prefix = facts.config.value?.instances.lazy.compactMap { $0.keyPrefix.value ?? nil }.first
    main = Self.main(streams.filter { $0.facts.instance != nil }, prefix) ?? Self.main(streams, prefix)
    // What came on a stream proves that it listens, wherever that is: there is nothing that it would be elsewhere.
    if let main {
      for index in streams.indices where streams[index].hearing == .subscribed([]) {
        streams[index].hearing = .subscribed([main])
      }
    }
    let direct = streams.filter { $0.facts.instance != nil }
    var names = (facts.deployment.value?.instances ?? []).map(\.name)
    if !direct.isEmpty { names.removeAll { $0 == Deployment.thisProcess } }
    names += direct.compactMap(\.facts.instance).filter { !names.contains($0) }
    let unseen = names.count - direct.count
    for index in streams.indices where streams[index].facts.instance == nil {
      let seat = Self.seat(of: streams[index], beside: direct, drive.channel, subscriptions)
      // Whoever has no URL of its own may be there.
      streams[index].seat = seat == .unnamed && unseen > 0 ? .unknown : seat
    }
    channel = drive.channel
    servers = Set(subscriptions.servers.values).sorted()
    gap = subscriptions.gap
    rows = names.map { name in Row(instance: name, direct: direct.first { $0.facts.instance == name }) }
    let places = Self.indices(rows.map(\.instance))
    var targets: [Int: Int] = [:]
    publicStreams = []
    for stream in streams where stream.facts.instance == nil {
      if case .instance(let name) = stream.seat, let row = places[name] { rows[row].proxied.append(stream) }
      if let place = targets[stream.facts.target] {
        publicStreams[place].append(stream)
      } else {
        targets[stream.facts.target] = publicStreams.count
        publicStreams.append([stream])
      }
    }
    let further = Self.unnamed(direct, drive.channel, subscriptions)
    unnamedProcesses = max(0, further - unseen)
    processes = main.map { subscriptions.peak(of: drive.channel)[$0] ?? 0 } ?? 0
    bursts = drive.publishers.compactMap { publisher in
      publisher.burst.flatMap { burst in subscriptions.servers[publisher.redisURL].map { ($0, burst) } }
    }
  }

  /// What was published at once where a stream listens.
  public func bursts(for stream: Stream) -> [StreamDrive.Burst] {
    let places: [Place]
    switch stream.hearing {
    case .subscribed(let known): places = known
    case .lost(let place): places = [place]
    case .never, .unknown: return []
    }
    return bursts.filter { burst in burst.burst.count > 0 && places.contains { $0.server == burst.server } }
      .map(\.burst)
  }

  private static func indices(_ names: [String]) -> [String: Int] {
    Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  /// Where most are subscribed; of several such places, under the prefix that the config has, or where the first is.
  private static func main(_ streams: [Stream], _ prefix: String?) -> Place? {
    var counts: [Place: Int] = [:]
    var order: [Place] = []
    for stream in streams {
      guard case .subscribed(let places) = stream.hearing else { continue }
      for place in places {
        if counts[place] == nil { order.append(place) }
        counts[place, default: 0] += 1
      }
    }
    let most = counts.values.max() ?? 0
    let places = order.filter { counts[$0] == most }
    return places.first { place in prefix.map { place.name.form == .prefixed($0) } == true } ?? places.first
  }

  /// How many more processes are subscribed to the channel that all streams listen to than instances are whose own
  /// streams do.
  private static func unnamed(_ direct: [Stream], _ channel: String, _ subscriptions: Subscriptions) -> Int {
    guard subscriptions.gap == nil, !direct.isEmpty, direct.allSatisfy(\.isReady) else { return 0 }
    return subscriptions.peak(of: channel).reduce(0) { sum, place in
      let named = direct.count { stream in
        switch stream.hearing {
        case .subscribed(let places): places.contains(place.key)
        case .lost(let lost): lost == place.key
        case .never: false
        // It may be one of them.
        case .unknown: true
        }
      }
      return sum + max(0, place.value - named)
    }
  }

  /// Whose process is behind a public stream: each shares a channel with every direct stream, which one process subscribes
  /// to once for both.
  private static func seat(
    of stream: Stream, beside direct: [Stream], _ channel: String, _ subscriptions: Subscriptions
  ) -> Seat {
    guard case .subscribed(let places) = stream.hearing else {
      guard stream.hearing == .never else { return .unknown }
      let silent = direct.filter { $0.hearing == .never }
      let isCertain = direct.allSatisfy { other in if case .unknown = other.hearing { false } else { true } }
      if silent.count == 1, isCertain, let name = silent[0].facts.instance { return .instance(name) }
      return silent.isEmpty && isCertain ? .unnamed : .silent
    }
    var isCertain = true
    for other in direct {
      guard let name = other.facts.instance else { continue }
      guard case .subscribed(let theirs) = other.hearing else {
        if case .unknown = other.hearing { isCertain = false }
        continue
      }
      guard let place = places.first(where: theirs.contains) else { continue }
      let helper = DriveChannel.helper(
        other.facts.index, forPublic: stream.facts.index - direct.count, of: channel)
      guard helper.map({ subscriptions.peak(of: $0)[place] != nil }) != false else {
        isCertain = false
        continue
      }
      let shared = DriveChannel.shared(stream.facts.index, other.facts.index, of: channel)
      switch subscriptions.peak(of: shared)[place] {
      case 1: return .instance(name)
      case .some: break
      case nil: isCertain = false
      }
    }
    return isCertain && !direct.isEmpty ? .unnamed : .unknown
  }
}
