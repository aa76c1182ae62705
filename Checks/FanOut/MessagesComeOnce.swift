import Diagnosis
import FanOut
import Facts

/// A list that gets the same event twice fetches twice; one that gets them out of order ends on the older one.
struct MessagesComeOnce: Check {
  static let card = CheckCard(
    id: "pubsub.delivered-once",
    title: "Each message comes once, and in the order of publishing",
    severity: .error,
    needs: [.stream],
    why: """
      Redis hands a message to each subscriber once, in order. An instance that subscribes twice, as after a reload in \
      development or with two copies of its bus, passes each event on twice: every list is fetched twice, and what counts \
      events is wrong. Events that overtake each other leave a list on the older state.
      """,
    remedy: Remedy(
      "Keep one bus in a process: one copy of the package, one subscription for each channel, no second listener after a "
        + "reload; and pass messages on in the order in which they came."),
    references: ["Redis: Pub/Sub, delivery semantics, https://redis.io/docs/latest/develop/pubsub/"],
    scenarios: [
      .passes("each once", Samples.fanOut()),
      .finds("some twice", Samples.fanOut { $0.receive("web-1") { $0.repeated = 12 } }, on: "web-1"),
      .finds("some overtaken", Samples.fanOut { $0.receive("web-2") { $0.disordered = 3 } }, on: "web-2"),
      .undetermined("nothing came", Samples.fanOut { $0.silence("web-2", driver: "redis") }, on: "web-2"),
      .notApplicable("no fan-out was looked at", Samples.stream(Samples.ready)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let matrix = FanOutMatrix(facts) else {
      return [
        card.notApplicable(.deployment, "what was published was for the streams alone; fanout follows it everywhere")
      ]
    }
    let instances = matrix.rows.compactMap { row in
      row.direct.map { judge([$0], .instance(row.instance), "\(row.instance)'s own URL", beside: nil) }
    }
    let faulty = Set(
      matrix.rows.filter { row in row.direct.map { $0.arrival.repeated + $0.arrival.disordered > 0 } == true }
        .map(\.instance))
    let urls = matrix.publicStreams.map { streams in
      judge(streams, .stream(streams.first?.facts.url ?? ""), "the public URL", beside: faulty)
    }
    let all = instances + urls
    return all.isEmpty ? [card.notApplicable(.deployment, "no stream was opened")] : all
  }

  /// - Parameter faulty: the instances that do it themselves, so that nobody on the way does.
  private func judge(
    _ streams: [FanOutMatrix.Stream], _ subject: Subject, _ place: String, beside faulty: Set<String>?
  ) -> Verdict {
    let heard = streams.filter { $0.arrival.came > 0 }
    guard !heard.isEmpty else {
      return card.undetermined(subject, "nothing came there that could come twice, which pubsub.fanout judges")
    }
    let doubtful = heard.filter { $0.arrival.repeated + $0.arrival.disordered > 0 }
    let blamed = doubtful.filter { stream in
      if case .instance(let name) = stream.seat { faulty?.contains(name) != true } else { faulty?.isEmpty != false }
    }
    guard let first = blamed.max(by: { $0.arrival.repeated < $1.arrival.repeated }) else {
      let note = doubtful.isEmpty ? "each message came once and in order" : "it passes on what its instances send twice"
      return card.pass(subject, note)
    }
    let repeated = first.arrival.repeated
    let disordered = first.arrival.disordered
    let what = [
      repeated > 0 ? "\(counted(repeated, "message")) came more than once" : nil,
      disordered > 0 ? "\(counted(disordered, "message")) came after a later one" : nil,
    ].compactMap(\.self)
    return card.finding(
      subject, "at \(place) \(what.joined(separator: ", and "))",
      evidence: [
        Evidence("repeated", "\(repeated)", expected: "0"), Evidence("out of order", "\(disordered)", expected: "0"),
        Evidence("different messages", "\(first.arrival.came + (first.facts.burst?.count ?? 0))"),
      ])
  }
}
