public import Facts
public import StreamProbe
public import Transport

/// How streams are opened, and who looks on.
public struct StreamInputs: Sendable {
  /// The cells of the browser matrix to open.
  public enum Cells: String, Sendable, CaseIterable {
    /// All of them.
    case all
    /// One, as a browser asks: over TLS the server chooses the version of HTTP.
    case browser
    /// One, as `curl -N` asks.
    case curl
  }

  /// How long each stream is watched.
  public enum Watch: Sendable, Equatable {
    /// Until the handshake is there.
    case handshake
    /// Until something has come after the handshake, but not for much longer than a heartbeat takes.
    case heartbeat
    /// For so long.
    case time(Duration)
    /// For so long and a little longer, so that a cut after this time is seen.
    case idle(Duration)
  }

  /// Who is told what happens while it happens.
  public struct Watcher: Sendable {
    /// The streams that are opened, by their redacted URLs, before the first is; and what they are watched for.
    public var begin: @Sendable ([StreamFacts], WatchedFor) -> Void
    /// What the stream of that index has just shown.
    public var tell: @Sendable (Int, StreamNews) -> Void
    /// What was published so far through the Redis of that index; a message is among it before it is sent.
    public var published: @Sendable (Int, StreamDrive.Publisher) -> Void
    /// The stream of that index is over.
    public var end: @Sendable (Int, StreamFacts) -> Void

    /// A watcher.
    public init(
      begin: @escaping @Sendable ([StreamFacts], WatchedFor) -> Void,
      tell: @escaping @Sendable (Int, StreamNews) -> Void,
      published: @escaping @Sendable (Int, StreamDrive.Publisher) -> Void = { _, _ in },
      end: @escaping @Sendable (Int, StreamFacts) -> Void
    ) {
      self.begin = begin
      self.tell = tell
      self.published = published
      self.end = end
    }
  }

  /// Stream URLs that were named; they win over the manifest's.
  public var urls: [String] = []
  /// URLs further along the way, in the order from the browser on; they win over the manifest's.
  public var viaURLs: [String] = []
  /// Instances' own URLs that were named; they win over the manifest's.
  public var directURLs: [(name: String, url: String)] = []
  /// Request headers, beside the manifest's.
  public var headers: [(name: String, value: Secret)] = []
  /// How long to watch each stream.
  public var watch = Watch.handshake
  /// What flock demands of those who join a room; nil for nothing.
  public var apiKey: Secret?
  /// How many events end the watch of a stream; nil for any number.
  public var events: Int?
  /// The ID of the last event that was seen; empty for none.
  public var lastEventID = ""
  /// The origin of the page that the streams are for; nil for none.
  public var origin: String?
  /// The cells to open; nil for all, or one where the system closes a user's other streams (TestPlanIt).
  public var cells: Cells?
  /// The way to the servers; what it does not say is as the manifest says.
  public var route = Route()
  /// Who looks on; nil for nobody.
  public var watcher: Watcher?
  /// Whether the watcher is told the bytes of bodies.
  public var passesBytes = false

  /// Nothing beyond what the manifest says.
  public init() {}

  /// What ends a watch before its time; a number of events does so alone.
  var goal: Watch { events.map { _ in .time(.zero) } ?? watch }
}

extension Plan {
  /// The streams to open, or why there are none.
  ///
  /// - Parameter drive: what is published for them to bring.
  func streamTargets(drivenBy drive: Driving?) -> Observation<[StreamTarget]> {
    if case .webSocket = system.handshake {
      return .unseen(Unseen(.notGiven, "\(system.rawValue) speaks WebSocket, so no event stream was opened"))
    }
    if streams.isEmpty {
      return .unseen(
        Unseen(
          .notGiven,
          "no stream URL was named, so no stream was opened; name the instances' url: and the public: URLs in the "
            + "manifest, or use flowpanel-doctor stream URL"))
    }
    let targets = streams.enumerated().flatMap { number, target in
      cells(of: target.url, drive).map { cell, channel in
        var target = target
        target.number = number
        target.cell = cell
        target.channel = channel
        return target
      }
    }
    return .seen(drive.map { fanningOut(targets, $0) } ?? targets)
  }

  /// A cell, and the channel of the run's own that its stream listens to.
  private typealias Cell = (cell: StreamCell, channel: (channel: DriveChannel, isDriven: Bool)?)

  private func cells(of url: String, _ drive: Driving?) -> [Cell] {
    let cells = cells(of: url)
    guard let drive else { return cells.map { ($0, nil) } }
    guard case .idle = streamInputs.watch else { return cells.map { ($0, (drive.channel, true)) } }
    // Silence and a busy stream side by side: what cuts the one alone counts from the last byte.
    return cells.map { ($0, (drive.silence, false)) } + [(Self.browser, (drive.channel, true))]
  }

  private static let browser = StreamCell(version: .negotiated, coding: .browser)

  private func cells(of url: String) -> [StreamCell] {
    let matrix = StreamCell.matrix(usesTLS: url.lowercased().hasPrefix("https:"))
    switch (streamInputs.cells, streamInputs.watch) {
    case (.all, _): return matrix
    case (.browser, _): return [Self.browser]
    case (.curl, _): return [StreamCell(version: .negotiated, coding: .identity)]
    case (nil, _) where system == .testplanit: return [Self.browser]
    // What compression does, it does at once.
    case (nil, .idle): return matrix.filter { $0.coding == .browser }
    case (nil, _): return matrix
    }
  }

  /// A probe that watches for the time that was given, or else until the streams have shown what they are watched for.
  var streamProbe: StreamProbe {
    var probe = StreamProbe(watch: watchTime, route: streamInputs.route)
    if streamInputs.watch == .handshake, !drivesStreams {
      probe.stop.arrival = { [handshake = system.handshake] in handshake.matches($0) }
    }
    probe.stop.events = streamInputs.events
    probe.lastEventID = streamInputs.lastEventID
    probe.origin = streamInputs.origin
    probe.passesBytes = streamInputs.passesBytes
    return probe
  }

  /// How long a stream is watched at most.
  var watchTime: Duration {
    switch streamInputs.watch {
    case .time(let time): time
    case .idle(let time): time + .seconds(1)
    case .handshake where !drivesStreams: .seconds(6)
    case .handshake, .heartbeat: system.heartbeat.map { .seconds($0.seconds.upperBound + 2) } ?? .seconds(6)
    }
  }
}
