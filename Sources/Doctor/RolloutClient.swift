import Facts
import StreamProbe
import Synchronization
import Transport

/// The page of one user: opens a stream, holds it, and comes back when it ends, as the system's client does.
struct RolloutClient: Sendable {
  /// How often a stream may drop; what drops more often is watched no longer.
  static let maximumGaps = 100

  let index: Int
  let target: StreamTarget
  let reconnection: Reconnection
  let probe: StreamProbe

  /// Watches until the task is cancelled or the client gives up.
  func watch(over transport: Transport, tell: @escaping @Sendable (RolloutNews) -> Void) async {
    var probe = probe
    var waits = 0
    var drops = 0
    var retry: Int?
    while !Task.isCancelled {
      let began = Mutex(0.0)
      let facts = await probe.facts(of: target, over: transport) { news in
        switch news {
        case .began(let time): began.withLock { $0 = time }
        case .response(let response, let time) where response.isEventStream:
          tell(.opened(index, atMilliseconds: began.withLock { $0 } + time))
        case .arrival(let arrival):
          guard let number = arrival.probeNumber else { break }
          tell(.heard(index, number: number, atMilliseconds: began.withLock { $0 } + arrival.milliseconds))
        case .response, .redirect, .bytes, .totals, .burst: break
        }
      }
      // What a watch that is over closes itself was not dropped.
      if Task.isCancelled { return }
      retry = facts.retries.last ?? retry
      var isRefused = false
      if case .response(let response) = facts.outcome, response.isEventStream {
        waits = 0
        drops += 1
        tell(.ended(index, atMilliseconds: facts.beganMilliseconds + facts.watchedMilliseconds, facts.end))
        // The browser's own client says what it has seen last (WHATWG HTML section 9.2.3); flowpanel's makes a new one.
        if reconnection == .eventSource { probe.lastEventID = facts.lastEventID }
      } else {
        let attempt = RolloutFacts.Attempt(atMilliseconds: facts.beganMilliseconds, facts.outcome)
        isRefused = attempt.status != nil
        tell(.failed(index, attempt))
      }
      guard drops < Self.maximumGaps else { return tell(.stopped(index, .tooManyGaps)) }
      guard let wait = reconnection.milliseconds(afterFailures: waits, isRefused: isRefused, retry: retry) else {
        return tell(.stopped(index, .refused))
      }
      waits += 1
      guard (try? await Task.sleep(for: .milliseconds(wait))) != nil else { return }
    }
  }
}

extension RolloutFacts.Attempt {
  /// What came of an attempt that opened no event stream.
  fileprivate init(atMilliseconds milliseconds: Double, _ outcome: StreamFacts.Outcome) {
    switch outcome {
    case .failure(let failure): self.init(atMilliseconds: milliseconds, failure.detail)
    case .response(let response):
      let type = response.mediaType.map { "type \($0)" } ?? "no type"
      self.init(
        atMilliseconds: milliseconds, status: response.status,
        "status \(response.status)" + (response.status == 200 ? ", \(type)" : ""))
    }
  }
}
