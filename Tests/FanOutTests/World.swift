import Facts
import FanOut

/// A deployment from which the facts of a run follow: who is subscribed where, and so what Redis counts and what comes.
struct World {
  /// A running copy of the application.
  struct Process {
    /// Its instance's name; nil where nobody named it.
    var name: String?
    /// The Redis that it uses.
    var redis = "a"
    /// What it puts before a channel's name; none where it does not subscribe.
    var prefixes = ["flowpanel:"]
    /// When it subscribes.
    var subscribes = 0.0
    /// Whether its subscriptions end while its streams are open.
    var losesSubscriptions = false

    init(_ name: String?) { self.name = name }
  }

  /// A URL that is published through.
  struct Redis {
    var endpoint: RedisEndpoint
    /// Which server it is.
    var server: String
    /// Whether it says who it is (INFO).
    var isKnown = true
    /// Whether it says who is subscribed.
    var isCounted = true
    var mode = "standalone"

    init(_ host: String, _ server: String = "a", database: Int = 0) {
      endpoint = RedisEndpoint(host: host, database: database)
      self.server = server
    }
  }

  static let channel = "flowpanel-doctor.x"
  static let url = "redis://cache:6379/0"

  var system = System.flowpanel
  var processes = [Process("web-1"), Process("web-2")]
  var redis = [Redis("cache")]
  /// The process behind each stream at the public URL.
  var publicSeats = [0, 1]
  /// The names that messages are published under.
  var prefixes = ["", "flowpanel:", "fp:custom:"]
  /// What a channel is called that the application has fixed.
  var fixedChannel: String?
  /// When Redis was asked who is subscribed.
  var lookTimes = [200.0, 4000, 9000]
  /// When subscriptions are lost.
  var lossTime = 2000.0
  var endMilliseconds = 10_000.0

  private var hasOwnChannels: Bool { DriveChannel.maximumChannels(in: system) > 1 }
  /// The process behind each stream.
  private var seats: [Int] { processes.indices.filter { processes[$0].name != nil } + publicSeats }
  private var directCount: Int { processes.count { $0.name != nil } }

  private func name(_ channel: String, _ prefix: String) -> String { fixedChannel ?? prefix + channel }

  private func subscribers(on server: String, at time: Double) -> [String: Int] {
    var listeners: [String: Set<Int>] = [:]
    func listen(_ process: Int, _ channel: String) {
      let it = processes[process]
      guard it.redis == server, time >= it.subscribes, !(it.losesSubscriptions && time > lossTime) else { return }
      for prefix in it.prefixes { listeners[name(channel, prefix), default: []].insert(process) }
    }
    for (index, process) in seats.enumerated() {
      listen(process, Self.channel)
      guard hasOwnChannels else { continue }
      listen(process, DriveChannel.own(index, of: Self.channel))
      for other in directCount..<seats.count where index < directCount {
        listen(process, DriveChannel.shared(other, index, of: Self.channel))
        listen(seats[other], DriveChannel.shared(other, index, of: Self.channel))
      }
    }
    return listeners.mapValues(\.count)
  }

  private func publisher(_ index: Int) -> StreamDrive.Publisher {
    let names = fixedChannel.map { [$0] } ?? prefixes.map { name(Self.channel, $0) }
    var publisher = StreamDrive.Publisher(
      redisURL: "\(redis[index].endpoint)",
      instances: processes.filter { $0.redis == redis[index].server }.compactMap(\.name), names: names)
    for (place, name) in (names.map { Optional($0) } + (fixedChannel == nil ? [nil, nil, nil, nil, nil] : []))
      .enumerated()
    {
      let time = 300 + 300 * Double(place)
      publisher.publications.append(
        StreamDrive.Publication(
          number: 1 + index + place * redis.count, sentMilliseconds: time, answeredMilliseconds: time + 1, name: name))
    }
    publisher.looks =
      redis[index].isCounted
      ? .seen(
        lookTimes.map { time in
          StreamDrive.Look(atMilliseconds: time, subscribers: subscribers(on: redis[index].server, at: time))
        }) : .unseen(Unseen(.refused, "PUBSUB NUMSUB was refused: NOPERM"))
    return publisher
  }

  private func heard(_ process: Int, _ publishers: [StreamDrive.Publisher]) -> [FanOutStream.Heard] {
    let it = processes[process]
    let names = Set(it.prefixes.map { name(Self.channel, $0) })
    return zip(publishers, redis).flatMap { publisher, redis in
      redis.server != it.redis
        ? []
        : publisher.publications.flatMap { publication -> [FanOutStream.Heard] in
          let time = publication.sentMilliseconds
          let times = publisher.names.count { names.contains($0) && (publication.name ?? $0) == $0 }
          guard times > 0, time >= it.subscribes, !(it.losesSubscriptions && time > lossTime) else { return [] }
          return Array(
            repeating: FanOutStream.Heard(publication.number, atMilliseconds: time + 5, isWrapped: true), count: times)
        }
    }.sorted { $0.milliseconds < $1.milliseconds }
  }

  /// The facts of a run, with changes to its streams and its publishers.
  func facts(_ change: (inout StreamDrive) -> Void = { _ in }) -> Facts {
    let names = processes.compactMap(\.name)
    let publishers = redis.indices.map(publisher)
    let streams = seats.enumerated().map { index, process in
      FanOutStream(
        index: index, target: min(index, directCount),
        url: index < directCount ? "http://\(names[index])/" : "https://admin/",
        instance: index < directCount ? names[index] : nil,
        outcome: .response(StreamFacts.Response(status: 200)), handshakeMilliseconds: 20,
        heard: heard(process, publishers), endMilliseconds: endMilliseconds)
    }
    var drive = StreamDrive(channel: Self.channel, publishers: publishers, fanOut: streams)
    change(&drive)
    var facts = Facts(
      deployment: .seen(Deployment(system: system, instances: names.map { Deployment.Instance(name: $0) })),
      redis: .seen(
        redis.map { redis in
          RedisFacts(
            endpoint: redis.endpoint,
            usedBy: processes.filter { $0.redis == redis.server }.compactMap(\.name), steps: [],
            otherSide: .unseen(.notAsked),
            server: redis.isKnown
              ? .seen(RedisFacts.Server(runID: redis.server, mode: redis.mode)) : .unseen(.notAsked),
            policy: .unseen(.notAsked))
        }))
    facts.drive = .seen(drive)
    return facts
  }
}

extension World {
  /// A world with changes.
  init(_ change: (inout World) -> Void) {
    self.init()
    change(&self)
  }
}

extension StreamDrive {
  /// The streams of its fan-out.
  var streams: [FanOutStream] {
    get { fanOut ?? [] }
    set { fanOut = newValue }
  }

  /// Leaves out of every look what has such a name.
  mutating func hide(_ isHidden: (String) -> Bool) {
    for index in publishers.indices {
      publishers[index].looks = publishers[index].looks.map { looks in
        looks.map { looks in
          looks.map {
            Look(atMilliseconds: $0.milliseconds, subscribers: $0.subscribers.filter { !isHidden($0.key) })
          }
        }
      }
    }
  }
}

extension FanOutMatrix {
  /// Where an instance's process is subscribed, in few words: `flowpanel: at redis://cache:6379/0`, `never`.
  func hearing(_ instance: String) -> String {
    switch rows.first(where: { $0.instance == instance })?.direct?.hearing {
    case .subscribed(let places)?: places.map { "\($0.name.short) at \($0.server)" }.joined(separator: ", ")
    case .lost(let place)?: "lost \(place.name.short)"
    case .never?: "never"
    case .unknown(let why)?: "unknown: \(why)"
    case nil: "no stream"
    }
  }

  /// Whose process is behind each public stream.
  var seats: [Seat] { publicStreams.joined().map(\.seat) }
}

extension WireName {
  /// What comes before the channel's name.
  var short: String {
    switch form {
    case .verbatim: "verbatim"
    case .prefixed(let prefix): "\(prefix):"
    case .documented(let prefix): "\(prefix):custom:"
    case .streams: "sse:channel:"
    }
  }
}
