import Diagnosis
import ReferenceOrigin

/// What a check is to find at a row's public URL.
struct ExpectedFinding: Sendable {
  /// The check's id.
  var check: String
  /// How bad it is.
  var severity: Severity
  /// How the hop is named, with how sure that is: `nginx (`, `probably HAProxy (`; nil where none can be.
  var hop: String?
  /// What the message has to say.
  var says: String
  /// Every way to mend it that is printed with a snippet, in the order in which they are printed.
  var mends: [Mend]

  init(_ check: String, _ severity: Severity = .error, hop: String? = nil, says: String = "", mends: Mend...) {
    self.check = check
    self.severity = severity
    self.hop = hop
    self.says = says
    self.mends = mends
  }
}

extension ExpectedFinding {
  /// That the first event is not flowpanel's.
  static let handshake = ExpectedFinding(
    "stream.handshake", mends: Mend("Cache-Control: no-cache, no-transform", .elsewhere))
}

/// A printed snippet, and where it goes.
struct Mend: Sendable {
  /// The places.
  enum Place: Sendable {
    /// What the instance sends.
    case application
    /// Into the route of a hop: in nginx, in place of what sets the same.
    case route(hop: Int)
    /// In place of the whole route of a hop, whose `app:3000` it names.
    case wholeRoute(hop: Int)
    /// In place of what stands in the route's own block, or around the route.
    case inside(hop: Int)
    case around(hop: Int)
    /// Into another product than the row's, or for another reason: printed where nobody can know which it is.
    case elsewhere
  }

  var snippet: String
  var place: Place

  init(_ snippet: String, _ place: Place) {
    self.snippet = snippet
    self.place = place
  }
}

extension PathRow {
  /// The row after an operator has put a snippet, as it was printed, where it goes; nil where that is elsewhere.
  func mended(with snippet: String, at place: Mend.Place) -> PathRow? {
    var row = self
    switch place {
    case .application:
      row.origin = { [origin] settings in
        origin(&settings)
        settings.heed(snippet)
      }
    case .route(let hop): row.hops[hop].add(snippet)
    case .wholeRoute(let hop): row.hops[hop].route = snippet.replacing("app:3000", with: "UPSTREAM")
    case .inside(let hop): row.hops[hop].inside = snippet
    case .around(let hop): row.hops[hop].around = snippet
    case .elsewhere: return nil
    }
    row.finds = []
    return row
  }
}

extension Hop {
  /// Puts lines into the route. nginx refuses a directive that stands twice, so what sets the same goes.
  fileprivate mutating func add(_ snippet: String) {
    func name(_ line: Substring) -> Substring { line.prefix { $0 != " " && $0 != ";" } }
    var lines = route.split(separator: "\n")
    if kind == .nginx {
      let names = Set(snippet.split(separator: "\n").map(name))
      lines.removeAll { names.contains(name($0)) }
    }
    route = (lines + [snippet[...]]).joined(separator: "\n")
  }
}

extension OriginSettings {
  /// Sends what a snippet for the application says: a header, or a comment.
  fileprivate mutating func heed(_ snippet: String) {
    if snippet.hasPrefix(": keep-alive") {
      // Heartbeats alone keep the stream open, more of them than one in each second that the rows' timers wait.
      (eventInterval, silences, heartbeatInterval) = (nil, [], .milliseconds(300))
    } else if snippet.hasPrefix(":") {
      // Something at once: the handshake stands for the comment.
      sendsHandshake = true
    } else {
      let parts = snippet.split(separator: ": ", maxSplits: 1).map(String.init)
      switch parts[0] {
      case "X-Accel-Buffering": accelBuffering = parts[1]
      case "Cache-Control": cacheControl = parts[1]
      default: extraHeaders.append(.init(name: parts[0], value: parts[1]))
      }
    }
  }
}
