// What the checks on a stream's end have in common.

import Delivery
import Diagnosis
import Facts

extension CheckCard {
  /// One verdict for each URL: on what ended its stream, or a pass where it was watched long enough and nothing did.
  func eachEnd(
    _ facts: Facts, enough: Double, _ judge: (StreamFacts, StreamCut, StreamPath) -> Verdict
  ) -> [Verdict] {
    let path = StreamPath(facts)
    return eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      let watched = millisecondsText(stream.watchedMilliseconds)
      guard stream.isEventStream else { return noStream(stream) }
      if path.replay(of: stream) != nil {
        return notApplicable(subject, "it came out of a cache, which stream.replayed judges")
      }
      if let cut = path.cut(of: stream) { return judge(stream, cut, path) }
      return stream.watchedMilliseconds >= enough
        ? pass(subject, "\(stream.hop) kept it open for \(watched)")
        : notApplicable(
          subject,
          "it was watched for \(watched), too short for a timer to show; flowpanel-doctor stream --idle 5m holds it")
    }
  }

  /// The finding on an end: after which time, how, and who is known to end streams so; nil for a fault that is no proxy's.
  func ended(
    _ stream: StreamFacts, _ cut: StreamCut, _ path: StreamPath, _ fault: StreamFault?, severity: Severity? = nil,
    _ when: String
  ) -> Verdict {
    let hops = path.hops(of: stream)
    let suspects = cut.suspects(hops: hops)
    let how =
      switch stream.end {
      case .closedByProbe: ""
      case .complete: "in good order, which some proxies make of any end"
      case .cut(let cut): "in the middle of the body (\(cut.detail))"
      }
    var evidence = [
      Evidence("end", "\(how), after \(millisecondsText(cut.age))", expected: "open while it is watched"),
      Evidence("last byte", "\(millisecondsText(cut.quiet)) before the end"),
    ]
    if !suspects.isEmpty {
      let names = suspects.prefix(6).map { "\($0.product.rawValue) (\($0.setting))" }.joined(separator: ", ")
      evidence.append(Evidence("known to end streams then", names))
    }
    guard let fault else {
      return finding(
        .stream(stream.url), "\(stream.hop) ended \(when)", severity: severity, evidence: evidence, at: stream.location)
    }
    // Who is on the path and known for this time comes first, then who is known for it, then who is on the path.
    let known = Set(suspects.map(\.product))
    let fits = hops.filter { known.contains($0.product) }
    let suspected = suspects.map { Hop($0.product, .possible, "its default is that time") }
    let place = path.place(of: stream)
    var remedy = (suspects.first?.isIdle == false ? .total : fault).remedy(hops: fits + suspected + hops, at: place)
    if fits.isEmpty, !suspected.isEmpty, !hops.isEmpty {
      let there = fault.remedy(hops: hops, at: place)
      let further = ([there] + there.alternatives).map { Remedy($0.text, commands: $0.commands, snippet: $0.snippet) }
      remedy.alternatives += further.filter {
        $0 != Remedy(remedy.text, commands: remedy.commands, snippet: remedy.snippet)
          && !remedy.alternatives.contains($0)
      }
    }
    return finding(
      .stream(stream.url), "\(stream.hop) was ended \(when)", severity: severity,
      evidence: evidence + hopEvidence(hops), at: stream.location, remedy: remedy)
  }
}
