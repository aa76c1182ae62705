public import Facts

/// Why a stream is known to be another viewer's.
public enum Replay: Sendable, Equatable {
  /// Two requests were given the very same events: so many of them.
  case sharedEvents(Int)
  /// Its first event had been sent so many milliseconds before it was asked for.
  case olderThanRequest(milliseconds: Double)
  /// A cache says so in a header.
  case header(name: String, value: String)
}

extension StreamPath {
  /// Why a stream is known to be another viewer's; nil where nothing says so.
  public func replay(of stream: StreamFacts) -> Replay? {
    let marks = Set(stream.arrivals.compactMap { $0.mark?.sentAtMicroseconds })
    if !marks.isEmpty {
      // An origin opens a stream for each request, so that no two of them send an event in the same microsecond twice.
      for other in siblings(of: stream) {
        let shared = other.arrivals.count { $0.mark.map { marks.contains($0.sentAtMicroseconds) } == true }
        if shared > 1 || shared == 1 && marks.count == 1 { return .sharedEvents(shared) }
      }
      let leastDelay = TimedEvents(stream, drive: nil).leastDelay
      if leastDelay < -100 { return .olderThanRequest(milliseconds: -leastDelay) }
    }
    return stream.answer?.cacheHit(after: (stream.phases.headersMilliseconds ?? 0) - stream.requestMilliseconds)
  }
}

extension StreamFacts.Response {
  /// The header by which a cache says that it answered itself (RFC 9111 section 5.1, RFC 9211, and caches' own), in a head
  /// that took so many milliseconds to come: a response that was collected first is as old when it is sent on.
  func cacheHit(after milliseconds: Double) -> Replay? {
    if let age = value(of: "Age"), let seconds = Double(age), seconds > 0, seconds * 1000 > milliseconds {
      return .header(name: "Age", value: age)
    }
    if let ids = value(of: "X-Varnish"), ids.split(separator: " ").count == 2 {
      return .header(name: "X-Varnish", value: ids)
    }
    for name in ["X-Cache", "CF-Cache-Status", "X-Cache-Status", "X-Vercel-Cache"] {
      if let value = value(of: name),
        value.lowercased().split(separator: ",").contains(where: { $0.drop { $0 == " " }.hasPrefix("hit") })
      {
        return .header(name: name, value: value)
      }
    }
    if let status = value(of: "Cache-Status"),
      status.lowercased().split(whereSeparator: { ";,".contains($0) }).contains(where: {
        $0.drop { $0 == " " } == "hit"
      })
    {
      return .header(name: "Cache-Status", value: status)
    }
    return nil
  }
}
