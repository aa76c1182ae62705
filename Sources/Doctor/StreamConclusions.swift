import Delivery
import Diagnosis
import Facts

/// One sentence for each URL: what is worst about its stream; else that events come through, and how that is known.
func streamConclusions(_ facts: Facts, _ verdicts: [Verdict], wasInterrupted: Bool) -> [String] {
  let path = StreamPath(facts)
  var urls: [String] = []
  for stream in path.streams where !urls.contains(stream.url) { urls.append(stream.url) }
  return urls.map { url in
    let cells = path.streams.filter { $0.url == url }
    let deliveries = cells.map(path.delivery)
    let passage = passage(
      deliveries,
      arePublished: cells.allSatisfy { TimedEvents($0, drive: facts.drive?.value).source == .publications })
    let sentence =
      held(cells, deliveries) + conclusion(verdicts.filter { $0.subject == .stream(url) }, deliveries, passage)
    return "\(url): \(wasInterrupted ? "as far as it was watched, " : "")\(sentence)"
  }
}

/// What was held for long and not cut, as that is what somebody held it for; empty for anything else.
private func held(_ cells: [StreamFacts], _ deliveries: [Delivery]) -> String {
  let quiet = cells.map { stream in
    max(
      stream.totals.longestSilenceMilliseconds,
      stream.watchedMilliseconds - (stream.totals.lastByteMilliseconds ?? stream.arrivals.last?.milliseconds ?? 0))
  }
  guard cells.allSatisfy({ $0.end == .closedByProbe }), deliveries.allSatisfy(\.isGood), let longest = quiet.max(),
    longest >= 5500, let watched = cells.map(\.watchedMilliseconds).max()
  else { return "" }
  return "held for \(millisecondsText(watched)), \(millisecondsText(longest)) of them without a byte, and not cut; "
}

/// The checks that say most about what a page gets to see, in the order in which they do; all others come after them.
private let telling = [
  "buffered", "content-encoding", "replayed", "delayed", "headers-withheld", "max-duration", "idle-timeout", "ended",
  "backend-stalled", "ready-without-redis", "blocked", "status", "content-type", "unreachable", "handshake",
].map { "stream.\($0)" }

private func conclusion(_ verdicts: [Verdict], _ deliveries: [Delivery], _ passage: String?) -> String {
  func rank(_ verdict: Verdict) -> Int { telling.firstIndex(of: verdict.check) ?? telling.count }
  // A notice is nothing to open a report with.
  let worst = verdicts.filter { $0.kind == .finding && $0.severity > .notice }
    .min { ($1.severity, rank($0)) < ($0.severity, rank($1)) }
  if let worst { return (worst.severity == .error ? "" : passage.map { "\($0); but " } ?? "") + worst.message }
  if let passage { return passage }
  if !deliveries.isEmpty, deliveries.allSatisfy(\.isGood) {
    return "its beginning comes through at once; nothing came after it that tells more: watch for longer, or publish"
  }
  if case .unknown(let why)? = deliveries.map(\.manner).first(where: \.isUnknown) {
    return "it is not known whether events come through: \(why)"
  }
  if let suppressed = verdicts.filter({ $0.kind == .suppressed }).min(by: { rank($0) < rank($1) }) {
    return suppressed.message
  }
  let undetermined = verdicts.filter { $0.kind == .undetermined }.min { rank($0) < rank($1) }
  return "it is not known whether events come through" + (undetermined.map { ": \($0.message)" } ?? "")
}

/// That events come through in all the ways that were asked for, by what tells it in the least convincing of them; nil
/// where they don't, or more than a stream's beginning was not seen.
///
/// - Parameter arePublished: whether the run published the events itself, and knows when.
private func passage(_ deliveries: [Delivery], arePublished: Bool) -> String? {
  let isSeen = deliveries.allSatisfy { delivery in
    switch delivery.basis {
    case .timedEvents, .heartbeat: delivery.isGood
    case .firstBytes, .comparison, nil: false
    }
  }
  guard isSeen, !deliveries.isEmpty else { return nil }
  let lags = deliveries.filter { if case .timedEvents? = $0.basis { true } else { false } }.compactMap(\.lag?.greatest)
  guard lags.count == deliveries.count, let latest = lags.max() else {
    return "events come through: its beginning came at once, and more after it"
  }
  let since = arePublished ? "after it was published" : "later than the least delayed"
  return "events come through at once, none more than \(millisecondsText(latest)) \(since)"
}

extension Delivery.Manner {
  fileprivate var isUnknown: Bool {
    if case .unknown = self { return true }
    return false
  }
}
