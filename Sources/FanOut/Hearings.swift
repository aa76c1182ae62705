import Facts

/// Whether the processes behind streams are subscribed.
struct Hearings {
  let drive: StreamDrive
  let subscriptions: Subscriptions
  let hasOwnChannels: Bool
  /// How many streams brought a message, where only that tells.
  private let hearing: Int

  init(_ drive: StreamDrive, _ subscriptions: Subscriptions, hasOwnChannels: Bool, _ streams: [FanOutStream]) {
    self.drive = drive
    self.subscriptions = subscriptions
    self.hasOwnChannels = hasOwnChannels
    hearing = streams.count { $0.instance != nil && !$0.heard.isEmpty }
  }

  /// How long an instance may take to subscribe after its stream's handshake, in milliseconds.
  private static let patience = 2500.0

  func hearing(of stream: FanOutStream) -> FanOutMatrix.Hearing {
    let name = hasOwnChannels ? DriveChannel.own(stream.index, of: drive.channel) : drive.channel
    var places: [FanOutMatrix.Place] = []
    if hasOwnChannels {
      places = subscriptions.peak(of: name).keys.sorted { ($0.server, $0.name.words) < ($1.server, $1.name.words) }
      let kept = places.filter { !subscriptions.isLost(name, at: $0, before: stream.endMilliseconds) }
      if kept.isEmpty, let first = places.first { return .lost(first) }
      places = kept
    }
    for message in stream.heard where places.isEmpty { places = place(of: message.number).map { [$0] } ?? [] }
    if !places.isEmpty || !stream.heard.isEmpty { return .subscribed(places) }
    guard let begin = stream.handshakeMilliseconds else { return .unknown("its stream did not begin") }
    if let gap = subscriptions.gap { return .unknown(gap) }
    guard let look = subscriptions.lastLook(before: stream.endMilliseconds), look - begin > Self.patience else {
      return .unknown("it was watched too briefly")
    }
    if let doubt = doubt(about: stream.instance) { return .unknown(doubt) }
    if hasOwnChannels { return .never }
    // Each instance is one subscriber, whatever the number of its streams.
    let count = subscriptions.peak(of: name).values.reduce(0, +)
    if count <= hearing { return .never }
    return .unknown("\(count) are subscribed, and \(hearing) were seen to bring a message")
  }

  /// Why an instance that is not seen to be subscribed may be all the same, or may not be allowed to be; nil for no reason.
  private func doubt(about instance: String?) -> String? {
    if let unlisted = subscriptions.unlisted { return "\(unlisted), so names under other prefixes are not seen" }
    guard let instance else { return nil }
    let own = drive.publishers.filter { $0.instances.contains(instance) }
    if let failure = own.lazy.compactMap(\.failure).first(where: { $0.contains("NOPERM") }) {
      return "the user of its Redis URL may not use the run's own channel: \(failure)"
    }
    // Others who are subscribed show that the channel may be used; else only its own user does.
    if own.isEmpty, !hasSubscribers {
      return "nobody is subscribed, and whether its Redis user may use the run's own channel is not known"
    }
    return nil
  }

  private var hasSubscribers: Bool { !subscriptions.peak(of: drive.channel).isEmpty }

  /// Where a message came from, as far as it was published under one name.
  private func place(of number: Int) -> FanOutMatrix.Place? {
    for publisher in drive.publishers {
      guard let server = subscriptions.servers[publisher.redisURL],
        let name = publisher.publications.first(where: { $0.number == number })?.name
      else { continue }
      return WireName(name, of: drive.channel).map { FanOutMatrix.Place(server: server, name: $0) }
        ?? FanOutMatrix.Place(server: server, name: .ofApplication)
    }
    return nil
  }
}
