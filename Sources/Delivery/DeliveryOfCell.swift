// The verdict on one cell: each rule says what it takes for it to hold, and an event stream on a busy machine, where
// anything may stand still for a second now and then, must not fulfil it.

import Facts

extension StreamPath {
  /// How events got through to a cell, from its facts and those of the others.
  func conclusion(on stream: StreamFacts) -> Delivery {
    let timed = TimedEvents(stream, drive: drive)
    let lags = timed.events.map(\.lag)
    let lag = lags.median.map { (median: $0, greatest: lags.max() ?? $0) }
    if case .response(let response) = stream.outcome, !response.isEventStream { return Delivery(.noStream) }
    if let replay = replay(of: stream) { return Delivery(.replayed(replay), .comparison, lag: lag) }
    if stream.firstArrival == nil { return silent(stream) }
    if let manner = bursts(stream, timed) {
      // A compressor gives its output out in bursts, too; then what is not compressed comes one by one.
      var isKnown = true
      if case .unknown = manner { isKnown = false }
      if isKnown, let coding = stream.answer?.coding, let other = uncompressed(stream), other.firstArrival != nil,
        bursts(other, TimedEvents(other, drive: drive)) == nil
      {
        return Delivery(.withheldByCompression(coding: coding), .timedEvents(lags.count), lag: lag)
      }
      return Delivery(manner, .timedEvents(lags.count), lag: lag)
    }
    if let manner = lateness(stream, timed) { return Delivery(manner, .timedEvents(lags.count), lag: lag) }
    if let missing = missing(stream) { return Delivery(missing, .comparison, lag: lag) }
    if let late = lateHead(stream) {
      return Delivery(
        .headersWithheld(milliseconds: late), lags.count >= 3 ? .timedEvents(lags.count) : .comparison, lag: lag)
    }
    return passing(stream, timed, lag)
  }

  // MARK: Nothing came

  /// What it means that neither event nor comment came.
  private func silent(_ stream: StreamFacts) -> Delivery {
    switch stream.outcome {
    case .failure(let failure) where failure.kind != .timedOut && failure.kind != .notFinished:
      return Delivery(.noStream)
    default: break
    }
    let hasHead = stream.answer != nil
    let coding = stream.answer?.coding
    // Where the server ended it, what would have come is lost; before that the watch may just have been too short.
    let patience = stream.end == .closedByProbe ? Self.patience : 300
    let end = stream.beganMilliseconds + stream.watchedMilliseconds - patience
    let other = uncompressed(stream)
    let comesUncompressed = other.map { came(on: $0, until: end).count > 0 } == true
    if comesUncompressed, let other, !hasHead || coding != nil, replay(of: other) == nil,
      bursts(other, TimedEvents(other, drive: drive)) == nil
    {
      return Delivery(.withheldByCompression(coding: coding), .comparison)
    }
    // The nearest URLs further inside where anything came show what this one lacks.
    for station in stations(behind: stream).reversed() {
      let came = station.map { self.came(on: $0, until: end) }
      guard let most = zip(station, came).max(by: { $0.1.bytes < $1.1.bytes }), most.1.count > 0 else { continue }
      if let empty = zip(station, came).first(where: { $0.1.count == 0 })?.0 {
        return Delivery(
          .unknown("nothing came on it, nor on \(empty.instance ?? empty.url)'s own, which may answer for it"))
      }
      if let coding, other == nil || comesUncompressed {
        return Delivery(.withheldByCompression(coding: coding), .comparison)
      }
      return Delivery(
        .withheld(
          Delivery.Withheld(
            includesHead: !hasHead, milliseconds: stream.watchedMilliseconds, bytes: most.1.bytes, events: most.1.count,
            elsewhere: most.0.url)),
        .comparison)
    }
    if !hasHead, comesUncompressed, let other {
      let came = came(on: other, until: end)
      return Delivery(
        .withheld(
          Delivery.Withheld(
            includesHead: true, milliseconds: stream.watchedMilliseconds, bytes: came.bytes, events: came.count,
            elsewhere: other.url)), .comparison)
    }
    guard hasHead else { return Delivery(.noStream) }
    return Delivery(
      .unknown("nothing came on it in \(Int(stream.watchedMilliseconds)) ms, and no other stream tells why"))
  }

  /// What of a stream had come until a moment on the run's clock.
  private func came(on stream: StreamFacts, until moment: Double) -> (count: Int, bytes: Int) {
    let arrivals = stream.arrivals.filter { stream.beganMilliseconds + $0.milliseconds < moment }
    return (arrivals.count, arrivals.reduce(0) { $0 + $1.wireBytes })
  }

  /// How long a stream may be later than another one before that means anything, in milliseconds.
  static let patience = 1500.0

  // MARK: Bursts

  /// Events that were sent apart and came together, nearly all of them.
  private func bursts(_ stream: StreamFacts, _ timed: TimedEvents) -> Delivery.Manner? {
    let events = timed.events
    guard events.count >= 3, let first = events.first, let last = events.last else { return nil }
    let isSpread = last.sent - first.sent >= Self.spread
    if isSpread, case .complete(let framing) = stream.end, stream.watchedMilliseconds - first.arrived <= 50 {
      return .bufferedUntilEnd(
        hasContentLength: framing == .contentLength || stream.answer?.value(of: "Content-Length") != nil)
    }
    // A machine that stands still for a moment makes one burst among many single events, buffering makes bursts alone.
    let bursts = timed.bursts
    let large = bursts.filter { $0.events.count > 1 && $0.span >= Self.spread }
    let bunched = large.reduce(0) { $0 + $1.events.count }
    guard isSpread, bunched * 4 >= events.count * 3, let latest = large.map(\.lag).max() else { return nil }
    guard large.count > 1 else {
      return bunched == events.count && latest >= Self.standstill
        ? .buffered(bytes: nil, latest: latest)
        : .unknown(
          "\(bunched) of \(events.count) events came in one burst, as on a machine that stood still; try again")
    }
    return .buffered(bytes: Self.bufferSize(of: large, in: stream), latest: latest)
  }

  /// What a machine or a network that stands still can hold up at once, in milliseconds.
  private static let standstill = 2000.0
  /// Over how many milliseconds events must have been sent that come together.
  private static let spread = 450.0

  /// The size that bursts have in common: the nearest of those that buffers have, where they agree on it.
  private static func bufferSize(of bursts: [TimedEvents.Burst], in stream: StreamFacts) -> Int? {
    // What came before the first burst, the handshake for instance, has filled the buffer as well; the last burst may be
    // what was left over at the end.
    let sizes = bursts.dropFirst().map { burst in
      Double(
        stream.reads.filter { abs($0.milliseconds - burst.arrived) <= 20 }.reduce(0) { $0 + $1.bodyBytes })
    }
    guard let size = sizes.median, size > 0 else { return nil }
    let usual = [1024, 1460, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144]
    let nearest = usual.min { abs(Double($0) - size) < abs(Double($1) - size) }
    return nearest.flatMap { abs(Double($0) - size) <= Double($0) * 0.15 ? $0 : Int(size) }
  }

  // MARK: A lag of its own

  /// A lag that nearly all events have, beyond what a stream further inside shows, or another cell of the same URL.
  private func lateness(_ stream: StreamFacts, _ timed: TimedEvents) -> Delivery.Manner? {
    guard timed.events.count >= 4 else { return nil }
    let lags = timed.events.map(\.lag)
    let untilNext = zip(timed.events, timed.events.dropFirst()).map { $0.arrived - $1.sent }
    // Where the sender's intervals differ, who waits for the next event shows them.
    let intervals = zip(timed.events, timed.events.dropFirst()).map { $1.sent - $0.sent }
    let followsIntervals = intervals.spread > 2 * Self.tolerance && untilNext.spread <= Self.tolerance
    var extras = (inner(of: stream) + siblings(of: stream)).compactMap { other -> Double? in
      let theirs = TimedEvents(other, drive: drive)
      guard theirs.source == timed.source, theirs.events.count >= 4, let own = timed.commonLags.median,
        let their = theirs.commonLags.median
      else { return nil }
      // Clocks of two machines may differ; what delays events delays the first of them as well. A stream that was itself
      // opened late can't show that.
      let extra = own - their - max(0, stream.roundTripMilliseconds - other.roundTripMilliseconds)
      let opening = opening(stream, timed) - opening(other, theirs)
      return timed.source == .publications || opening >= 0.4 * extra ? extra : nil
    }
    // What the run published itself it timed with its own clock: the usual quantum shows without another stream, too.
    let answers = drive?.publishers.flatMap(\.publications).compactMap { publication in
      publication.answeredMilliseconds.map { $0 - publication.sentMilliseconds }
    }
    let isTimedInside = inner(of: stream).contains { TimedEvents($0, drive: drive).source == timed.source }
    if timed.source == .publications, !isTimedInside,
      let own = timed.commonLags.median.map({ $0 - 2 * stream.roundTripMilliseconds - (answers?.median ?? 0) })
    {
      if abs(own - Self.usualQuantum) <= Self.tolerance { extras.append(own) }
      if followsIntervals, own >= Self.leastQuantum { return .heldUntilNext }
    }
    // Alone, only what is late beside the least delayed event of the same stream is known to be late.
    // Of several the least: the clocks of other machines may differ, but only by chance as the delay does.
    guard let extra = extras.filter({ $0 >= Self.leastQuantum }).min(), lags.spread <= 2 * Self.tolerance else {
      return followsIntervals ? .heldUntilNext : nil
    }
    // From the next event's sending to this one's arrival: the lags are known up to what the least delayed event took.
    let wait = (untilNext.median ?? 0) - (lags.median ?? 0) + extra
    let isNext =
      abs(wait) <= Self.tolerance && abs(extra - Self.usualQuantum) > Self.tolerance
      || abs(wait - Self.usualQuantum) <= Self.tolerance && extra > 1.8 * Self.usualQuantum
    return isNext ? .heldUntilNext : .delayed(quantum: extra)
  }

  /// How long it took from the request to the events, beyond the time that their sender had let pass. In the middle: what
  /// waits for more to send lets an event pass at once now and then, behind its forerunner.
  private func opening(_ stream: StreamFacts, _ timed: TimedEvents) -> Double {
    timed.source == .marks
      ? timed.leastDelay + (timed.events.map(\.lag).median ?? 0)
      : (stream.firstArrival ?? 0) - stream.requestMilliseconds
  }

  /// The least lag that is one, how far from each other the lags of a quantum may be, and the quantum of delayed
  /// acknowledgements (RFC 1122 section 4.2.3.2 allows 500 ms; Linux and HAProxy take 200), in milliseconds.
  private static let leastQuantum = 120.0
  private static let tolerance = 45.0
  static let usualQuantum = 205.0

  // MARK: What others got and this one did not

  /// What other streams got long before this one's end and it did not, though it has begun.
  private func missing(_ stream: StreamFacts) -> Delivery.Manner? {
    let end = stream.beganMilliseconds + stream.watchedMilliseconds
    let own = stream.arrivals.count
    // Of what the run published, a public URL's instance may not have heard at all, which is no matter of delivery.
    let isTimed = { (arrival: StreamFacts.Arrival) in arrival.mark != nil || arrival.probeNumber != nil }
    guard stream.arrivals.contains(where: isTimed),
      let other = inner(of: stream).first(where: { $0.arrivals.contains(where: isTimed) })
    else { return nil }
    let theirs = other.arrivals.filter {
      isTimed($0) && other.beganMilliseconds + $0.milliseconds < end - Self.patience
    }
    let lastOwn = stream.arrivals.last.map { stream.beganMilliseconds + $0.milliseconds } ?? 0
    let later = theirs.filter { other.beganMilliseconds + $0.milliseconds > lastOwn }
    guard later.count >= 3, own < theirs.count else { return nil }
    return .withheld(
      Delivery.Withheld(
        includesHead: false, milliseconds: end - lastOwn, bytes: later.reduce(0) { $0 + $1.wireBytes },
        events: later.count, elsewhere: other.url))
  }

  /// By how much the head came later than it would have further inside, where it came with the first event alone.
  private func lateHead(_ stream: StreamFacts) -> Double? {
    guard let head = stream.phases.headersMilliseconds, let first = stream.firstArrival, first - head <= 50,
      let inside = inner(of: stream).first(where: { $0.phases.headersMilliseconds != nil }),
      let theirHead = inside.phases.headersMilliseconds, let theirFirst = inside.firstArrival
    else { return nil }
    let late = (head - stream.requestMilliseconds) - (theirHead - inside.requestMilliseconds)
    return late >= 400 && theirFirst - theirHead >= 400 ? late : nil
  }

  // MARK: All is well, as far as was seen

  private func passing(
    _ stream: StreamFacts, _ timed: TimedEvents, _ lag: (median: Double, greatest: Double)?
  ) -> Delivery {
    if timed.events.count >= 3 { return Delivery(.streams, .timedEvents(timed.events.count), lag: lag) }
    guard let first = stream.arrivals.first else { return Delivery(.unknown("nothing came on it")) }
    let head = stream.phases.headersMilliseconds ?? 0
    guard first.milliseconds - head <= Self.patience else {
      return Delivery(.unknown("what came first came late, and nothing tells when it was sent"), lag: lag)
    }
    // What buffers small events gives the head out with the first burst of them.
    let isLate = head - stream.requestMilliseconds > Self.patience
    if let size = burstSize(stream), isLate || stream.arrivals.count >= 8 {
      return Delivery(
        .unknown(
          "it comes in bursts of about \(size) bytes, and nothing tells when they were sent; --active or --direct does"),
        lag: lag)
    }
    let later = stream.arrivals.contains { $0.milliseconds - first.milliseconds > Self.patience }
    return Delivery(.streams, later ? .heartbeat : .firstBytes, lag: lag)
  }

  /// The bytes of the bursts that all arrivals came in, several in each and at least two of them; nil where some came alone.
  private func burstSize(_ stream: StreamFacts) -> Int? {
    var bursts: [(last: Double, count: Int, bytes: Int)] = []
    for arrival in stream.arrivals {
      if let burst = bursts.last, arrival.milliseconds - burst.last <= 20 {
        bursts[bursts.count - 1] = (arrival.milliseconds, burst.count + 1, burst.bytes + arrival.wireBytes)
      } else {
        bursts.append((arrival.milliseconds, 1, arrival.wireBytes))
      }
    }
    guard bursts.count > 1, bursts.dropLast().allSatisfy({ $0.count > 2 && $0.bytes >= 1000 }) else { return nil }
    return [Double](bursts.dropLast().map { Double($0.bytes) }).median.map { Int($0) }
  }
}
