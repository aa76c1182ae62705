// What comes out of the public URLs, and where it does not, whether the way or the instances behind it keep it back.

import Diagnosis
import FanOut
import Facts

extension EventsReachEveryInstance {
  /// The verdict on a public URL, whose streams are given.
  func publicURL(_ streams: [FanOutMatrix.Stream], _ matrix: FanOutMatrix) -> Verdict {
    let url = streams.first?.facts.url ?? ""
    let subject = Subject.stream(url)
    let ready = streams.filter { stream in
      // Whoever is subscribed has opened the stream, whatever of it came out.
      if case .subscribed = stream.hearing { true } else { stream.isReady }
    }
    guard !ready.isEmpty else {
      return card.undetermined(subject, "no stream began there, which other checks judge")
    }
    let heard = ready.filter { $0.arrival.came > 0 && $0.arrival.lost == 0 }
    let held = ready.filter { stream in
      guard case .subscribed = stream.hearing else { return false }
      return stream.arrival.came == 0 && stream.arrival.sent > 0 || stream.arrival.lost > 0
    }
    let silent = ready.filter { stream in
      switch stream.hearing {
      case .never, .lost: stream.arrival.came == 0 || stream.arrival.lost > 0
      case .subscribed, .unknown: false
      }
    }
    if !held.isEmpty { return late(subject, heard, held, ready, matrix) }
    if !silent.isEmpty { return partly(subject, silent, ready) }
    guard heard.count == ready.count else {
      let why = ready.lazy.compactMap { stream in
        if case .unknown(let why) = stream.hearing, stream.arrival.came == 0 { why } else { nil }
      }.first
      return card.undetermined(
        subject,
        "\(ready.count - heard.count) of \(counted(ready.count, "stream")) brought nothing: "
          + (why ?? "nothing was published where the process behind it listens"))
    }
    if ready.count < streams.count { return refused(subject, streams.filter { !$0.isReady }, streams.count) }
    let latest = heard.compactMap(\.arrival.latest).max()
    return card.pass(
      subject,
      "each of \(counted(heard.count, "stream")) brought each message"
        + (latest.map { ", the latest after \(millisecondsText($0))" } ?? ""))
  }

  /// Some streams that did not even begin, while others did.
  private func refused(_ subject: Subject, _ refused: [FanOutMatrix.Stream], _ count: Int) -> Verdict {
    var answers: [String: Int] = [:]
    var isBroken = false
    for stream in refused {
      switch stream.facts.outcome {
      case .response(let response):
        answers["status \(response.status)", default: 0] += 1
        if [500, 502, 504].contains(response.status) { isBroken = true }
      case .failure(let failure): answers[failure.detail, default: 0] += 1
      }
    }
    let what = listed(answers.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) ×\($0.value)" })
    let message = "\(refused.count) of \(counted(count, "stream")) at the public URL did not begin (\(what))"
    guard isBroken else {
      return card.undetermined(
        subject,
        "\(message): a limit on the connections of one address does that, which --connections stays below, and so does an "
          + "instance that answers so")
    }
    return card.finding(
      subject, "\(message): an instance behind it fails, or is not there",
      evidence: [Evidence("streams that began", "\(count - refused.count)", expected: "\(count)")],
      remedy: Remedy(
        "See in the proxy's log which upstream failed, and whether its health check takes it out of rotation."))
  }

  /// Streams that bring nothing as nobody behind them is subscribed.
  private func partly(
    _ subject: Subject, _ silent: [FanOutMatrix.Stream], _ ready: [FanOutMatrix.Stream]
  ) -> Verdict {
    let names = distinct(
      silent.compactMap { stream in
        if case .instance(let name) = stream.seat { name } else { nil }
      })
    let isUnnamed = silent.contains { $0.seat == .unnamed }
    let who =
      isUnnamed
      ? "an instance that nobody named is"
      : names.isEmpty ? "an instance is" : "\(instanceNames(names)) \(names.count == 1 ? "is" : "are")"
    return card.finding(
      subject,
      "\(silent.count) of \(counted(ready.count, "stream")) at the public URL brought nothing: \(who) behind "
        + "\(silent.count == 1 ? "it" : "them"), and not subscribed",
      evidence: [
        Evidence("streams that brought messages", "\(ready.count - silent.count)", expected: "\(ready.count)")
      ],
      remedy: isUnnamed
        ? Remedy("Name every instance behind the balancer in the manifest, with its url:, and run fanout again.") : nil)
  }

  /// Streams that bring less than the instances behind them, or later.
  private func late(
    _ subject: Subject, _ heard: [FanOutMatrix.Stream], _ held: [FanOutMatrix.Stream], _ ready: [FanOutMatrix.Stream],
    _ matrix: FanOutMatrix
  ) -> Verdict {
    let direct = matrix.rows.compactMap(\.direct).filter { $0.arrival.came > 0 && $0.arrival.lost == 0 }
    let atOnce = direct.compactMap(\.arrival.latest).max()
    let latest = (heard + held).compactMap(\.arrival.latest).max()
    let instances =
      direct.isEmpty
      ? "the instances are subscribed"
      : "\(instanceNames(direct.compactMap(\.facts.instance))) \(direct.count == 1 ? "brings" : "bring") each message"
        + (atOnce.map { " within \(millisecondsText($0))" } ?? "")
    let what =
      held.isEmpty
      ? "up to \(millisecondsText(latest ?? 0)) late"
      : held.contains { $0.arrival.came > 0 }
        ? "not all of them"
        : "\(held.count == ready.count ? "none" : "none on \(held.count) of \(ready.count) streams")"
    return card.finding(
      subject, "\(instances), and the public URL \(what): the way to the instances holds or loses them",
      evidence: [
        Evidence("streams that brought each message", "\(heard.count)", expected: "\(ready.count)"),
        Evidence(
          "latest message", latest.map(millisecondsText) ?? "none",
          expected: atOnce.map { "as at once as \(millisecondsText($0))" }),
      ],
      remedy: Remedy(
        "See what stands on the way and how it delivers: flowpanel-doctor stream --active names the hop and its setting.",
        commands: ["flowpanel-doctor stream --active \(shellWord(subject.name))"]))
  }
}
