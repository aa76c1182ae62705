// How a stream began, measured against the handshake that its system sends.

import Facts

extension StreamFacts {
  /// The ways in which a stream can begin.
  enum Beginning {
    /// With its handshake, in time.
    case handshake(atMilliseconds: Double)
    /// With its handshake, too late.
    case late(atMilliseconds: Double)
    /// With something else.
    case other(Arrival)
    /// With its end.
    case ended(String)
    /// Not at all, though it was watched long enough; so many comments came.
    case nothing(comments: Int)
    /// Not at all, and it was not watched long enough to tell.
    case tooBrief

    /// Whether it began as it should.
    var isGood: Bool {
      if case .handshake = self { return true }
      return false
    }
  }

  /// Whether it was watched for as long as what comes at once may take. Timers count whole milliseconds, so a watch of
  /// 5 s may end a little early.
  var wasWatchedEnough: Bool { watchedMilliseconds >= StreamBeginsWithHandshake.patience * 0.99 }

  /// How this stream began. Comments count only where the handshake is one: browsers dispatch nothing for them, and
  /// some servers send them first to fill buffers.
  func beginning(of system: System) -> Beginning {
    let patience = StreamBeginsWithHandshake.patience
    let first = arrivals.first { system.handshake.isComment || $0.content.isEvent }
    if let first {
      guard system.handshake.matches(first.content) else { return .other(first) }
      return first.milliseconds <= patience
        ? .handshake(atMilliseconds: first.milliseconds) : .late(atMilliseconds: first.milliseconds)
    }
    switch end {
    case .complete: return .ended("the body ended in good order")
    case .cut(let cut): return .ended(cut.detail)
    case .closedByProbe: return wasWatchedEnough ? .nothing(comments: arrivals.count) : .tooBrief
    }
  }
}

extension System.Handshake {
  var isComment: Bool {
    if case .comment = self { return true }
    return false
  }

  /// `the event ready`, as messages name it.
  var words: String {
    switch self {
    case .event(let type): "the event \(type)"
    case .message(let data): "the message \(data)"
    case .comment(let text): "the comment \(text)"
    case .webSocket: "a WebSocket upgrade"
    }
  }
}

extension StreamFacts.Arrival.Content {
  var isEvent: Bool {
    if case .event = self { return true }
    return false
  }

  /// `the event message`, `the comment keep-alive`.
  var words: String {
    switch self {
    case .event(let type, _): "the event \(type)"
    case .comment(let text): "the comment \(text)"
    }
  }
}
