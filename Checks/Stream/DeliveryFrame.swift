// What the checks on delivery have in common: the streams of a run read together, who is to blame, and what was measured.

import Delivery
import Diagnosis
import Facts

extension CheckCard {
  /// One verdict for each URL whose stream was opened, judged beside all others of the run.
  func eachDelivery(
    _ facts: Facts, _ judge: (StreamFacts, Delivery, StreamPath) -> Verdict
  ) -> [Verdict] {
    let path = StreamPath(facts)
    return eachStream(facts) { stream in
      let delivery = path.delivery(of: stream)
      if case .noStream = delivery.manner { return noStream(stream) }
      return judge(stream, delivery, path)
    }
  }

  /// The verdict on a stream that was not opened.
  func noStream(_ stream: StreamFacts) -> Verdict {
    switch stream.outcome {
    case .failure(let failure):
      undetermined(.stream(stream.url), "no response came: \(failure.detail)", at: stream.location)
    case .response: notApplicable(.stream(stream.url), "no event stream was opened")
    }
  }

  /// A fault of delivery, with what was measured, who is to blame, and what mends it there.
  func fault(
    _ fault: StreamFault, of stream: StreamFacts, _ delivery: Delivery, on path: StreamPath, _ message: String,
    severity: Severity? = nil, evidence: [Evidence] = []
  ) -> Verdict {
    let hops = path.hops(of: stream)
    return finding(
      .stream(stream.url), "\(stream.hop) \(message)\(path.blame(stream))", severity: severity,
      evidence: evidence + path.evidence(stream, delivery) + hopEvidence(hops), at: stream.location,
      remedy: fault.remedy(hops: hops, at: path.place(of: stream)),
      explains: (fault.holdsBack ? stream.fanOutSymptoms : [])
        + (stream.response == nil ? stream.silenceSymptoms : []))
  }

  /// What stands on the path, as far as is known.
  func hopEvidence(_ hops: [Hop]) -> [Evidence] {
    hops.isEmpty ? [] : [Evidence("on the path", hops.prefix(3).map(\.words).joined(separator: "; "))]
  }
}

extension StreamPath {
  /// Who does to a stream what was found, in words that follow the finding.
  func blame(_ stream: StreamFacts) -> String {
    if stream.instance != nil {
      return "; nothing of the path is before it, so the application or its own server does it"
    }
    let stations = stations(behind: stream)
    guard !stations.isEmpty else {
      return "; it could also be the application: an instance's own URL, with --direct or in the manifest, tells"
    }
    // Instances lie side by side, and any of them may answer: a station is well where all of it is.
    let isWell = { (station: [StreamFacts]) in station.allSatisfy { delivery(of: $0).isGood } }
    guard let last = stations.lastIndex(where: isWell) else {
      let faulty = stations[0].filter { delivery(of: $0).isFault }
      guard let one = faulty.first else { return "; of the URLs upstream none shows how it should be" }
      return faulty.count == stations[0].count
        ? "; so does \(one.hop), so the application or its own server does it"
        : "; so does \(one.hop), and other instances' don't, so that instance or its own server does it"
    }
    let well = stations[last].max { $0.arrivals.count < $1.arrivals.count }?.hop ?? ""
    return last == stations.count - 1
      ? "; not so at \(well), so what stands between does it"
      : "; not so at \(well), but at \(stations[last + 1][0].hop), so what stands between these does it"
  }

  /// The numbers behind a verdict, of the stream and of the one further inside that shows how it should be.
  func evidence(_ stream: StreamFacts, _ delivery: Delivery) -> [Evidence] {
    let first = stream.firstEvent
    var evidence = [
      Evidence("response headers", stream.phases.headersMilliseconds.map { "after \(millisecondsText($0))" } ?? "none"),
      Evidence(
        "first event",
        first.map { "after \(millisecondsText($0))" } ?? "none in \(millisecondsText(stream.watchedMilliseconds))"),
    ]
    switch delivery.basis {
    case .timedEvents(let count):
      evidence.append(Evidence("known from", "\(counted(count, "event")) whose time of sending is known"))
    case .comparison: evidence.append(Evidence("known from", "the comparison with this run's other streams"))
    case .heartbeat, .firstBytes, nil: break
    }
    if let lag = delivery.lag {
      evidence.append(
        Evidence(
          "time under way",
          "\(millisecondsText(lag.median)) (median), \(millisecondsText(lag.greatest)) at most, "
            + (stream.isDriven ? "since they were published" : "beyond the least delayed event")))
    }
    // The URL that the verdict came from, else the nearest that shows how it should be.
    var elsewhere: String?
    if case .withheld(let held) = delivery.manner { elsewhere = held.elsewhere }
    let inside = inner(of: stream)
    if let inside = inside.first(where: { $0.url == elsewhere }) ?? inside.last(where: { self.delivery(of: $0).isGood })
    {
      let head = inside.phases.headersMilliseconds.map { "headers after \(millisecondsText($0))" } ?? "no headers"
      let first = inside.firstEvent.map { "first event after \(millisecondsText($0))" } ?? "no event"
      evidence.append(
        Evidence(
          "at \(inside.hop)", "\(head), \(first), \(counted(inside.totals.events, "event")) in all", source: inside.url)
      )
    }
    return evidence
  }

  /// What the remedies need to know of a stream's URL.
  func place(of stream: StreamFacts) -> StreamPlace {
    let direct = stream.instance != nil ? stream : inner(of: stream).first { $0.instance != nil }
    return StreamPlace(
      url: stream.url,
      asksNginx: direct?.response.map { $0.value(of: "X-Accel-Buffering")?.lowercased() == "no" },
      isBeforeHop: inner(of: stream).contains { $0.via != nil })
  }
}

extension StreamFacts {
  /// When the first event came.
  var firstEvent: Double? { arrivals.first { $0.content.isEvent }?.milliseconds }

  /// Whether its body is compressed.
  var isCompressed: Bool { response?.coding != nil }
}
