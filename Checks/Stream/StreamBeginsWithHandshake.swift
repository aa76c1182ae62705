import Delivery
import Diagnosis
import Facts

/// Headers alone are no stream: the first thing that every known system sends has to come through, and soon.
struct StreamBeginsWithHandshake: Check {
  /// How long the handshake may take from the request on, in milliseconds.
  static let patience = 5000.0

  static let card = CheckCard(
    id: "stream.handshake",
    title: "The stream begins with its handshake within 5 s",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      Each system sends something at once: flowpanel the event ready, TestPlanIt a sync message once its subscription \
      stands. If headers come and that does not, either a proxy holds small events back until a buffer fills, or the \
      application waits for Redis. Users see a page that is connected and never changes.
      """,
    remedy: Remedy(
      "Open the instance's own URL: what it sends at once and the public URL withholds, a proxy holds back."),
    references: [
      "flowpanel documentation: Realtime (stream route)",
      "nginx: proxy_buffering, https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",
      "WHATWG HTML section 9.2.6, https://html.spec.whatwg.org/multipage/server-sent-events.html",
    ],
    scenarios: [
      .passes("ready after 12 ms", Samples.stream(Samples.ready)),
      .passes("a comment before it is no event", Samples.stream([Samples.comment("padding", at: 3)] + Samples.ready)),
      .passes(
        "TestPlanIt's sync message",
        Samples.stream([Samples.event("message", #"{"event":"sync"}"#, at: 30)], system: .testplanit)),
      .passes(
        "a comment, for the system that greets with one",
        Samples.stream([Samples.comment("connected", at: 9)], system: .redisStreams)),
      .finds("headers and nothing more in 5 s", Samples.stream(), on: Samples.publicURL),
      .finds("heartbeats and no ready", Samples.stream([Samples.comment("keep-alive", at: 4000)])),
      .finds("another event comes first", Samples.stream([Samples.event("message", "{}", at: 40)] + Samples.ready)),
      .finds("the handshake is late", Samples.stream([Samples.event("ready", "{}", at: 7300)], watched: 8000)),
      .finds("it ends before any event", Samples.stream(end: .complete(.lastChunk), watched: 40)),
      .finds(
        "it is cut before any event", Samples.stream(end: Samples.cut(.streamReset, "HTTP/2 stream reset"), watched: 40)
      ),
      .finds("Redis is not there for TestPlanIt", Samples.stream(system: .testplanit)),
      .passes("HTTP/2 is not offered", Samples.withoutHTTP2(Samples.stream(Samples.ready))),
      .undetermined("watched too briefly", Samples.stream(watched: 900), on: Samples.publicURL),
      .undetermined("no response", Samples.stream(.timedOut, reached: 3)),
      .notApplicable(
        "the instance waits for Valkey: another check's finding",
        Samples.stream(system: .testplanit).streams { $0.instance = "web-1" }),
      .passes(
        "web-1 sends it at once and the public URL does not: another check's finding",
        Samples.streams(direct: Samples.ready, public: [])),
      .passes("compression withholds it: another check's finding", Samples.compressedEverywhere),
      .notApplicable("502: another check's finding", Samples.stream(status: 502)),
      .notApplicable("an HTML page: another check's finding", Samples.stream(type: "text/html")),
      .notApplicable("a system that speaks WebSocket", Samples.stream(Samples.ready, system: .flock)),
      .notApplicable(
        "no stream was named",
        Facts(deployment: Samples.deployment(), streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    let direct = (facts.streams.value ?? []).filter {
      $0.instance != nil && $0.isEventStream && $0.beginning(of: system).isGood
    }
    let path = StreamPath(facts)
    return card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      if system.handshake == .webSocket { return card.notApplicable(subject, "\(system.rawValue) speaks WebSocket") }
      if !stream.beginning(of: system).isGood, path.delivery(of: stream).isFault {
        return card.notApplicable(subject, "what comes is held back, which other checks judge")
      }
      switch stream.outcome {
      case .failure(let failure):
        return card.undetermined(subject, "no response came: \(failure.detail)", at: stream.location)
      case .response(let response) where !stream.isEventStream:
        return card.notApplicable(
          subject, "no stream was opened: status \(response.status), type \(stream.response?.mediaType ?? "none")")
      case .response where stream.isStalled(of: system):
        return card.notApplicable(subject, "it waits for Valkey, which is stream.backend-stalled's finding")
      case .response:
        return verdict(
          stream, stream.beginning(of: system), system,
          direct: stream.instance == nil ? stream.counterpart(in: direct) : nil)
      }
    }
  }

  private func verdict(
    _ stream: StreamFacts, _ beginning: StreamFacts.Beginning, _ system: System, direct: StreamFacts?
  ) -> Verdict {
    let expected = "\(system.handshake.words) within \(millisecondsText(Self.patience))"
    let watched = millisecondsText(stream.watchedMilliseconds)
    let fault: String
    let observed: String
    switch beginning {
    case .handshake(let time):
      return card.pass(
        .stream(stream.url), "\(stream.hop) sent \(system.handshake.words) after \(millisecondsText(time))",
        evidence: stream.phaseEvidence)
    case .tooBrief:
      return card.undetermined(
        .stream(stream.url), "nothing came, but the stream was watched for \(watched) and not for 5 s",
        at: stream.location)
    case .late(let time):
      observed = "after \(millisecondsText(time))"
      fault = "sent \(system.handshake.words) late, \(observed)"
    case .other(let arrival):
      observed = "\(arrival.content.words) after \(millisecondsText(arrival.milliseconds))"
      fault = "began with \(arrival.content.words) instead of \(system.handshake.words)"
    case .ended(let how):
      observed = "the end of the stream after \(watched)"
      fault = "ended before any event came: \(how)"
    case .nothing(let comments):
      let instead = comments == 0 ? "headers" : counted(comments, "comment")
      observed = "\(instead) and no event in \(watched)"
      fault = "sent \(observed)"
    }
    let comparison = direct.flatMap { stream -> Evidence? in
      guard case .handshake(let time) = stream.beginning(of: system) else { return nil }
      return Evidence("at \(stream.hop)", "after \(millisecondsText(time))", source: stream.url)
    }
    return card.finding(
      .stream(stream.url), "\(stream.hop) \(fault)",
      evidence: [Evidence("first event", observed, expected: expected)] + [comparison].compactMap { $0 }
        + stream.phaseEvidence + stream.responseEvidence,
      at: stream.location, remedy: remedy(beginning, system, stream, isGoodDirectly: comparison != nil))
  }

  private func remedy(
    _ beginning: StreamFacts.Beginning, _ system: System, _ stream: StreamFacts, isGoodDirectly: Bool
  ) -> Remedy {
    let open = stream.openCommand
    let unbuffered = "proxy_http_version 1.1;\nproxy_set_header Connection \"\";\nproxy_buffering off;\ngzip off;"
    switch beginning {
    case .other:
      return Remedy(
        "Make sure that the URL leads to the stream of \(system.rawValue), and that no cache between replays another "
          + "viewer's stream.", snippet: "Cache-Control: no-cache, no-transform")
    case .ended:
      let culprit =
        isGoodDirectly
        ? "The instance keeps it open, so a proxy closes it" : "The application or a proxy closes it at once"
      return Remedy("\(culprit): the logs at this time say why.", commands: [open])
    case .nothing(let comments) where comments > 0:
      return Remedy(
        "Comments come through, so nothing holds the stream back: make sure that the URL leads to the stream of "
          + "\(system.rawValue), and look into the instance's log.", commands: [open])
    case _ where isGoodDirectly:
      return Remedy(
        "The instance sends it at once, so a proxy between holds it back: turn buffering and compression off for the "
          + "stream's path. For nginx:", snippet: unbuffered)
    case _ where stream.instance != nil: return Remedy(cause(system), commands: [open])
    default:
      return Remedy(
        cause(system) + " If the instance's own URL answers at once, a proxy holds small events back: turn buffering "
          + "and compression off for the stream's path. For nginx:", commands: [open], snippet: unbuffered)
    }
  }

  /// What keeps the application itself from sending its handshake.
  private func cause(_ system: System) -> String {
    switch system {
    case .testplanit: "TestPlanIt sends nothing until Redis has taken its subscription: see the redis checks."
    default: "Look into the instance's log: it has to send the handshake at once, and to flush it."
    }
  }
}
