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

  /// Who is told what happens while it happens.
  public struct Watcher: Sendable {
    /// The streams that are opened, by their redacted URLs, before the first is.
    public var begin: @Sendable ([StreamFacts]) -> Void
    /// What the stream of that index has just shown.
    public var tell: @Sendable (Int, StreamNews) -> Void
    /// The stream of that index is over.
    public var end: @Sendable (Int, StreamFacts) -> Void

    /// A watcher.
    public init(
      begin: @escaping @Sendable ([StreamFacts]) -> Void, tell: @escaping @Sendable (Int, StreamNews) -> Void,
      end: @escaping @Sendable (Int, StreamFacts) -> Void
    ) {
      self.begin = begin
      self.tell = tell
      self.end = end
    }
  }

  /// Stream URLs that were named; they win over the manifest's.
  public var urls: [String] = []
  /// Request headers, beside the manifest's.
  public var headers: [(name: String, value: Secret)] = []
  /// How long to watch each stream; nil to stop once the handshake is there.
  public var watch: Duration?
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
}

extension Plan {
  /// The streams to open, or why there are none.
  var streamTargets: Observation<[StreamTarget]> {
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
    return .seen(
      streams.enumerated().flatMap { number, target in
        cells(of: target.url).map { cell in
          var target = target
          target.number = number
          target.cell = cell
          return target
        }
      })
  }

  private func cells(of url: String) -> [StreamCell] {
    switch streamInputs.cells ?? (system == .testplanit ? .browser : .all) {
    case .all: StreamCell.matrix(usesTLS: url.lowercased().hasPrefix("https:"))
    case .browser: [StreamCell(version: .negotiated, coding: .browser)]
    case .curl: [StreamCell(version: .negotiated, coding: .identity)]
    }
  }

  /// A probe that watches for the time that was given, or else only until the system's handshake has come.
  var streamProbe: StreamProbe {
    var probe = StreamProbe(watch: streamInputs.watch ?? .seconds(6), route: streamInputs.route)
    if streamInputs.watch == nil { probe.stop.arrival = { [handshake = system.handshake] in handshake.matches($0) } }
    probe.stop.events = streamInputs.events
    probe.lastEventID = streamInputs.lastEventID
    probe.origin = streamInputs.origin
    probe.passesBytes = streamInputs.passesBytes
    return probe
  }
}
