import Delivery
import Diagnosis
import Facts

/// What is sent while there is nothing to send keeps proxies from taking the stream for a dead one.
struct StreamSendsHeartbeats: Check {
  static let card = CheckCard(
    id: "stream.heartbeat",
    title: "The stream's heartbeat comes when it is due",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      flowpanel sends a comment every 15 s and TestPlanIt after 25 to 50 s of silence. Without it every idle timer on the \
      path ends the stream, and a client can't tell a quiet admin from a dead connection. If the instance's own stream has \
      it and the public one has not, a proxy holds small pieces back.
      """,
    remedy: Remedy("Look into the instance's log: the route has to write a comment every 15 s, and to flush it."),
    references: [
      "WHATWG HTML section 9.2.7, https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes"
    ],
    scenarios: [
      .passes(
        "after 15 s", Samples.stream(Samples.ready + [Samples.comment("keep-alive", at: 15_020)], watched: 17_000)),
      .finds("none in 17 s", Samples.stream(Samples.ready, watched: 17_000), severity: .warning),
      .finds(
        "one, and then none for a minute",
        Samples.stream(Samples.ready + [Samples.comment("keep-alive", at: 15_020)], watched: 76_000)),
      .finds("none in 40 s", Samples.stream(Samples.ready, watched: 40_000)),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1)),
      .undetermined(
        "the stream ended before it was due", Samples.stream(Samples.ready, end: .complete(.lastChunk), watched: 900)),
      .notApplicable("not watched until it was due", Samples.stream(Samples.ready, watched: 5000)),
      .notApplicable(
        "a pattern without one", Samples.stream([Samples.comment("connected", at: 9)], system: .redisStreams)),
      .notApplicable("no event stream", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    return card.eachDelivery(facts) { stream, delivery, path in
      let subject = Subject.stream(stream.url)
      guard let heartbeat = system.heartbeat else {
        return card.notApplicable(
          subject, "streams of \(system.rawValue) have none of their own, so every idle timer on the path counts")
      }
      let begin = stream.phases.headersMilliseconds ?? 0
      let beats = stream.arrivals.filter { $0.content == .comment(text: heartbeat.comment) }.map(\.milliseconds)
      let due = heartbeat.seconds.upperBound * 1000
      // Where events put it off, it is due after the last of them.
      let isPutOff = heartbeat.seconds.lowerBound != heartbeat.seconds.upperBound
      let others = isPutOff ? stream.arrivals.map(\.milliseconds) : beats
      let moments = [begin] + others + [stream.watchedMilliseconds]
      let waited = zip(moments, moments.dropFirst()).map { $1 - $0 }.max() ?? 0
      if let first = beats.first,
        waited < due + 1500 || stream.totals.events + stream.totals.comments > stream.arrivals.count
      {
        return card.pass(
          subject,
          "\(stream.hop) sent \(counted(beats.count, "heartbeat")), the first after \(millisecondsText(first))")
      }
      if waited < due + 1500 {
        return stream.end == .closedByProbe
          ? card.notApplicable(
            subject,
            "it is due after \(millisecondsText(due)) at the latest, and the stream was watched for "
              + "\(millisecondsText(stream.watchedMilliseconds)); --for \(Int(due / 1000) + 2)s shows it")
          : card.undetermined(subject, "the stream ended before a heartbeat was due", at: stream.location)
      }
      if delivery.isFault {
        return card.undetermined(
          subject,
          "events don't come through one by one, so that a heartbeat would not either; other checks judge that",
          at: stream.location)
      }
      return card.finding(
        subject, "\(stream.hop) sent no heartbeat for \(millisecondsText(waited))",
        severity: waited < 2.5 * due ? .warning : nil,
        evidence: [
          Evidence(
            "comment \(heartbeat.comment)",
            "\(beats.isEmpty ? "none" : "\(beats.count)") in \(millisecondsText(stream.watchedMilliseconds))",
            expected: "every \(Int(due / 1000)) s")
        ] + path.evidence(stream, delivery), at: stream.location)
    }
  }
}
