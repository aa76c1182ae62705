import Facts

/// Who was subscribed to the channels of a run, on which server and under which names, as far as Redis said.
struct Subscriptions {
  /// A channel's name in Redis, on a server.
  typealias Place = FanOutMatrix.Place

  /// The most subscribers at once, by the channel's own name.
  private var peaks: [String: [Place: Int]] = [:]
  /// By publisher: its server, and when who was subscribed there.
  private var looks: [(server: String, looks: [Seen])] = []

  /// Who was subscribed, from a look to another.
  private struct Seen {
    var first: Double
    var last: Double
    var subscribed: Set<Subscription>
  }

  /// A channel, and the name that it is subscribed to under.
  private struct Subscription: Hashable {
    var channel: String
    var name: WireName
  }

  /// How long a subscription has to be gone to be lost, in milliseconds: clients subscribe again when a connection broke.
  private static let patience = 4000.0
  private let channel: String
  /// The servers that were asked, by the publisher's URL.
  private(set) var servers: [String: String] = [:]
  /// Why some server did not say who is subscribed; nil where all did.
  private(set) var gap: String?
  /// Why names under prefixes that the run does not know were not seen on some server; nil where they were.
  private(set) var unlisted: String?

  init(_ drive: StreamDrive, _ redis: [RedisFacts]) {
    channel = drive.channel
    var gaps: [(server: String, reason: String)] = []
    for publisher in drive.publishers {
      let facts = redis.first { "\($0.endpoint)" == publisher.redisURL }
      let server = Self.server(publisher.redisURL, facts, among: servers.values, redis)
      servers[publisher.redisURL] = server
      unlisted = unlisted ?? publisher.unlisted?.detail
      switch publisher.looks {
      case .seen(let seen)?:
        looks.append(
          (
            server,
            seen.map { look in
              Seen(
                first: look.milliseconds, last: look.lastMilliseconds, subscribed: take(look.subscribers, on: server))
            }
          ))
        if let facts, facts.server.value?.mode == "cluster" {
          gap = gap ?? "each node of a cluster counts its own subscribers alone"
        }
      case .unseen(let reason)?: gaps.append((server, reason.detail))
      case nil:
        let failure = publisher.failure.map { "\(publisher.redisURL): \($0)" }
        gaps.append((server, failure ?? "nobody counted subscribers"))
      }
    }
    // What one URL's user may not ask, another's may.
    gap = gap ?? gaps.first { gap in !looks.contains { $0.server == gap.server } }?.reason
    if drive.publishers.isEmpty { gap = "nothing was published" }
  }

  /// One name for all URLs of a server: that of the first.
  private static func server(
    _ url: String, _ facts: RedisFacts?, among known: some Collection<String>, _ redis: [RedisFacts]
  ) -> String {
    guard let process = facts?.server.value?.runID, !process.isEmpty else { return url }
    return known.sorted().first { other in
      redis.contains { "\($0.endpoint)" == other && $0.server.value?.runID == process }
    } ?? url
  }

  private mutating func take(_ subscribers: [String: Int], on server: String) -> Set<Subscription> {
    var subscribed: Set<Subscription> = []
    for (name, count) in subscribers where count > 0 {
      // A channel of the application's own has a name in which nothing is the run's.
      let own = name.firstRange(of: channel).map { String(name[$0.lowerBound...]) } ?? channel
      let name = WireName(name, of: own) ?? .ofApplication
      let place = Place(server: server, name: name)
      peaks[own, default: [:]][place] = max(count, peaks[own]?[place] ?? 0)
      subscribed.insert(Subscription(channel: own, name: name))
    }
    return subscribed
  }

  /// The most subscribers that a channel had at once, by place.
  func peak(of name: String) -> [Place: Int] { peaks[name] ?? [:] }

  /// What was seen on a server before a time, each up to that time.
  private func seen(on server: String, before time: Double) -> [Seen] {
    looks.filter { $0.server == server }.flatMap(\.looks).filter { $0.first < time }.map { seen in
      Seen(first: seen.first, last: min(seen.last, time), subscribed: seen.subscribed)
    }
  }

  /// Whether a channel had subscribers at a place, and none for some time in the end, before a time.
  func isLost(_ name: String, at place: Place, before time: Double) -> Bool {
    let subscription = Subscription(channel: name, name: place.name)
    let earlier = seen(on: place.server, before: time)
    guard let last = earlier.filter({ $0.subscribed.contains(subscription) }).map(\.last).max() else { return false }
    let since = earlier.filter { $0.first > last }
    guard let first = since.map(\.first).min(), let end = since.map(\.last).max() else { return false }
    return end - first >= Self.patience
  }

  /// When a channel was first seen to have a subscriber at a place.
  func firstSeen(_ name: String, at place: Place) -> Double? {
    let subscription = Subscription(channel: name, name: place.name)
    return looks.filter { $0.server == place.server }.flatMap(\.looks)
      .filter { $0.subscribed.contains(subscription) }.map(\.first).min()
  }

  /// When subscribers were last counted before a time, on the server that was asked least lately.
  func lastLook(before time: Double) -> Double? {
    Set(looks.map(\.server)).map { server in seen(on: server, before: time).map(\.last).max() ?? 0 }.min()
  }
}
