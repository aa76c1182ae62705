public import Transport

/// How waiting at a rendezvous came out, or how it stands.
public struct RendezvousWait: Sendable, Equatable {
  /// Why the waiting ended.
  public enum Ending: Sendable, Equatable {
    /// What was waited for is there.
    case complete
    /// The deadline passed.
    case deadlinePassed
    /// The server refuses what no waiting mends: the credentials, the user's rights, the kind of the index.
    case refused
    /// The task was cancelled.
    case cancelled
  }

  /// Why it ended; nil while it goes on.
  public var ending: Ending?
  /// What was read last; nil where nothing could be.
  public var reading: RendezvousReading?
  /// What went wrong last; nil where the last look went well.
  public var failure: RendezvousFailure?
}

/// From the end of one look at the index to the next.
private let pollInterval = Duration.milliseconds(250)

extension Rendezvous {
  /// Reads again and again until what is waited for is there, the deadline passes or the task is cancelled.
  ///
  /// The index alone is looked at four times a second, over one connection that is opened again when it breaks; the
  /// documents are read once the index has changed and is worth it. A failure is no end, as a server may be restarted
  /// meanwhile, unless the server refuses what it would refuse again. At the deadline everything is read once more, whatever the index holds.
  ///
  /// - Parameters:
  ///   - isWorthReading: whether these names may be all; the documents are not read before.
  ///   - progress: is given what has changed.
  ///   - isComplete: whether this is what is waited for.
  public func wait(
    on target: RedisTarget, through probe: RedisProbe = RedisProbe(), over transport: Transport,
    until deadline: ContinuousClock.Instant, isWorthReading: @escaping @Sendable (Set<String>) -> Bool = { _ in true },
    progress: @Sendable (RendezvousWait) -> Void = { _ in },
    isComplete: @escaping @Sendable (RendezvousReading) -> Bool
  ) async -> RendezvousWait {
    var watch = RendezvousWatch(
      target: target, place: RendezvousPlace(rendezvous: self, access: .read), probe: probe, transport: transport,
      isWorthReading: isWorthReading, isComplete: isComplete)
    // An answer that is under way can't be called off: a task of its own waits for it, so that who is cancelled need not.
    let (states, continuation) = AsyncStream.makeStream(of: RendezvousWait.self, bufferingPolicy: .bufferingNewest(1))
    let work = Task { [watch] in
      var watch = watch
      while !Task.isCancelled, watch.state.ending == nil {
        let before = watch.state
        await watch.look(until: deadline)
        if watch.state != before { continuation.yield(watch.state) }
        guard watch.state.ending == nil else { break }
        try? await Task.sleep(for: min(pollInterval, remaining(until: deadline)))
      }
      continuation.finish()
    }
    defer { work.cancel() }
    for await state in states {
      watch.state = state
      progress(state)
    }
    return watch.state.ending == nil ? watch.state.ended(.cancelled) : watch.state
  }
}

extension RendezvousWait {
  fileprivate func ended(_ ending: Ending) -> RendezvousWait {
    RendezvousWait(ending: ending, reading: reading, failure: failure)
  }
}

/// One who waits at a rendezvous.
private struct RendezvousWatch: Sendable {
  let target: RedisTarget
  let place: RendezvousPlace
  let probe: RedisProbe
  let transport: Transport
  let isWorthReading: @Sendable (Set<String>) -> Bool
  let isComplete: @Sendable (RendezvousReading) -> Bool
  var state = RendezvousWait()
  /// The connection, while there is one, and the index whose documents were read over it last.
  var link: RendezvousLink?
  var readIndex: RendezvousIndex?

  /// Looks once, for the last time where the deadline has passed.
  mutating func look(until deadline: ContinuousClock.Instant) async {
    let now = ContinuousClock.now
    let isLast = now >= deadline
    func end(_ timeout: Duration) -> ContinuousClock.Instant { isLast ? .now + timeout : min(deadline, .now + timeout) }
    do throws(RendezvousFailure) {
      var link: RendezvousLink
      if let open = self.link {
        link = open
      } else {
        readIndex = nil
        link = try await RendezvousLink(
          to: target, at: place, through: probe, over: transport, until: end(probe.stepTimeout))
      }
      self.link = nil
      let index = try await link.index(until: end(probe.stepTimeout))
      let names = Set(index.scores.keys.map { String(decoding: $0, as: UTF8.self) })
      if isLast || (index != readIndex && isWorthReading(names)) {
        let reading = try await link.reading(of: index, until: end(.seconds(30)))
        readIndex = index
        state.reading = reading
        if isComplete(reading) { state.ending = .complete }
      }
      self.link = link
      state.failure = nil
    } catch {
      link = nil
      state.failure = error
      if [.credentials, .noPermission, .wrongType].contains(error.kind) { state.ending = .refused }
    }
    if isLast, state.ending == nil { state.ending = .deadlinePassed }
  }
}
