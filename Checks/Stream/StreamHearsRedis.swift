import Delivery
import Diagnosis
import Facts

/// `ready` says that the stream is open, and nothing about Redis.
struct StreamHearsRedis: Check {
  static let card = CheckCard(
    id: "stream.ready-without-redis",
    title: "What is published through Redis reaches the stream",
    severity: .error,
    needs: [.stream],
    why: """
      flowpanel sends ready and heartbeats before and regardless of its subscription: with the memory driver, a wrong \
      password, a refused channel or another Redis the stream looks well for ever and no update comes. Only a message that \
      was published and arrived proves the way from Redis to the browser.
      """,
    remedy: Remedy(
      "Look for what keeps this instance from Redis: its driver and REDIS_URL (config and redis checks), and its log line "
        + "\"[flowpanel] redis subscribe failed\"."),
    references: [
      "Redis: PUBLISH, https://redis.io/docs/latest/commands/publish/",
      "Redis: PUBSUB NUMSUB, https://redis.io/docs/latest/commands/pubsub-numsub/",
    ],
    scenarios: [
      .passes("all six arrived", Samples.driven(arrived: 1...6, receivers: 2)),
      .finds("some got lost", Samples.driven(arrived: 1...2, receivers: 2, watched: 17_000)),
      .passes("the last ones may still be under way", Samples.driven(arrived: 1...2, receivers: 2)),
      .finds("nobody is subscribed", Samples.driven(arrived: nil, receivers: 0), on: Samples.publicURL),
      .finds("others are subscribed, and this one is not", Samples.driven(arrived: nil, receivers: 1)),
      .undetermined(
        "Redis was not reached", Samples.driven(arrived: nil, receivers: nil, failure: "connection refused"),
        on: Samples.publicURL),
      .undetermined("no response", Samples.driving(Samples.stream(.connectionRefused, reached: 1))),
      .notApplicable("nothing was published", Samples.stream(Samples.ready)),
      .notApplicable("no event stream", Samples.driving(Samples.stream(status: 502))),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  private func overlap(_ heard: Set<Int>, _ sent: [StreamDrive.Publication]) -> Int {
    sent.count { heard.contains($0.number) }
  }

  func judge(_ facts: Facts) -> [Verdict] {
    let path = StreamPath(facts)
    return card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      guard let drive = facts.drive else {
        return card.notApplicable(subject, "nothing was published; --active publishes on a channel of its own")
      }
      guard case .seen(let drive) = drive else {
        return card.undetermined(
          subject, "nothing could be published: \(drive.unseen?.detail ?? "it is not known why")", at: stream.location)
      }
      guard stream.isDriven else { return card.notApplicable(subject, "it listened to another channel") }
      guard stream.isEventStream else { return card.noStream(stream) }
      let delivery = path.delivery(of: stream)
      let heard = Set(stream.arrivals.compactMap(\.probeNumber))
      let own = drive.publishers.filter { publisher in stream.instance.map(publisher.instances.contains) == true }
      let publishers = own.isEmpty ? drive.publishers : own
      // Neither what was sent before it had begun counts, nor what may not have had the time to arrive.
      let begin = stream.beganMilliseconds + (stream.firstArrival ?? 0)
      let end = stream.beganMilliseconds + stream.watchedMilliseconds - 1500
      let sent =
        publishers.map { publisher in
          // What is published under one name alone, only those who listen under it get.
          publisher.publications.filter {
            $0.name == nil && $0.sentMilliseconds > begin && ($0.answeredMilliseconds ?? .infinity) < end
          }
        }.max { overlap(heard, $0) < overlap(heard, $1) } ?? []
      if !heard.isEmpty {
        // It may have begun to listen later than the stream did; and one is missed once a later one has come, or after long.
        let times = publishers.flatMap(\.publications).filter { heard.contains($0.number) }.map(\.sentMilliseconds)
        let since = times.min() ?? begin
        let lost = sent.count { message in
          !heard.contains(message.number) && message.sentMilliseconds > since
            && (message.sentMilliseconds < times.max() ?? 0 || message.sentMilliseconds < end - 6500)
        }
        guard lost > 0, !delivery.isFault else {
          return card.pass(
            subject, "\(stream.hop) brought \(counted(heard.count, "message")) that had been published through Redis")
        }
        return card.finding(
          subject,
          "\(stream.hop) brought only \(sent.count - lost) of \(counted(sent.count, "message")) published through Redis",
          evidence: [Evidence("lost", "\(lost) of \(sent.count), published on \(drive.channel)", expected: "none")],
          at: stream.location)
      }
      if delivery.isFault {
        return card.undetermined(
          subject, "events are held back, so that what is published would not come either; other checks judge that",
          at: stream.location)
      }
      guard !sent.isEmpty else {
        let why = publishers.lazy.compactMap(\.failure).first ?? "it was watched too briefly after the first message"
        return card.undetermined(subject, "nothing could be published in time: \(why)", at: stream.location)
      }
      let receivers = sent.compactMap(\.receivers).max() ?? 0
      let servers = publishers.map(\.redisURL).joined(separator: ", ")
      return card.finding(
        subject,
        "\(stream.hop) brought none of \(counted(sent.count, "message")) published through \(servers): "
          + (receivers == 0
            ? "nobody is subscribed to its channel there"
            : "\(counted(receivers, "subscriber")) got each, and the instance behind this stream is none of them"),
        evidence: [
          Evidence("published", "\(counted(sent.count, "message")) on \(drive.channel)", source: servers),
          Evidence("receivers", "\(receivers)", expected: "this instance among them"),
        ], at: stream.location)
    }
  }
}
