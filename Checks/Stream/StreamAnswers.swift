import Delivery
import Diagnosis
import Facts

/// A stream URL that gives no response gives no events.
struct StreamAnswers: Check {
  /// How long a server may take to answer, in milliseconds; a timer of ours may be a little early.
  private static let patience = 4900.0

  static let card = CheckCard(
    id: "stream.unreachable",
    title: "The stream URL answers",
    severity: .error,
    needs: [.stream],
    why: """
      A browser retries a stream that can't be reached for ever and without a word to the user, so nobody notices but \
      the one who misses an update. The phase that the request got to tells where to look: names, network, TLS, or a \
      proxy that withholds even the headers because it buffers.
      """,
    remedy: Remedy("Follow the phase that was not reached: name, port, certificate, proxy, application."),
    references: [
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
      "nginx: X-Accel-Buffering, https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",
    ],
    scenarios: [
      .passes("a stream", Samples.stream(Samples.ready)),
      .passes("even an error is an answer", Samples.stream(status: 502)),
      .passes("HTTP/2 is not offered, which is no failure", Samples.withoutHTTP2(Samples.stream(Samples.ready))),
      .finds(
        "the client's proxy refuses",
        Samples.stream(.proxy, "CONNECT tunnel failed, response 403", reached: 2).streams {
          $0.proxy = "http://proxy:3128"
        }),
      .finds("the name does not exist", Samples.stream(.nameNotFound, reached: 0), on: Samples.publicURL),
      .finds("the port is closed", Samples.stream(.connectionRefused, reached: 1)),
      .finds("the certificate is not accepted", Samples.stream(.certificate, reached: 2)),
      .finds("the port does not speak TLS", Samples.stream(.tlsHandshake, reached: 2)),
      .finds("connected, and no headers in time", Samples.stream(.timedOut, reached: 3)),
      .finds("closed without a response", Samples.stream(.closed, reached: 3)),
      .finds("redirects without end", Samples.stream(.tooManyRedirects, reached: 3)),
      .undetermined(
        "the run ended before an answer could be expected", Samples.stream(.notFinished, reached: 3),
        on: Samples.publicURL),
      .undetermined(
        "interrupted before any stream was opened", Facts(streams: .unseen(Unseen(.interrupted, "interrupted")))),
      .undetermined(
        "watched too briefly to say that it does not answer", Samples.stream(.timedOut, reached: 3, watched: 900)),
      .undetermined("this run's own key does not fit", Samples.stream(.ownCertificate, reached: 2)),
      .passes("a hop holds the response back, which another check judges", Samples.silentPath),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
      .notApplicable("none is there", Facts(streams: .seen([]))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let path = StreamPath(facts)
    return card.eachStream(facts) { stream in
      switch stream.outcome {
      case .response(let response):
        let time = stream.phases.headersMilliseconds.map { " after \(millisecondsText($0))" } ?? ""
        return card.pass(
          .stream(stream.url), "\(stream.hop) answered \(response.status)\(time)", evidence: stream.phaseEvidence)
      case .failure(let failure) where failure.kind == .ownCertificate:
        return card.undetermined(
          .stream(stream.url),
          "nothing was asked: the certificate or key that this run should show can't be used: \(failure.detail)",
          at: stream.location)
      case .failure(let failure) where failure.kind == .timedOut && stream.watchedMilliseconds < Self.patience:
        return card.undetermined(
          .stream(stream.url),
          "\(failure.detail), and it was watched for \(millisecondsText(stream.watchedMilliseconds)) only; give --for 5s "
            + "or more", at: stream.location)
      case .failure(let failure) where failure.kind == .notFinished:
        return card.undetermined(.stream(stream.url), failure.detail, at: stream.location)
      case .failure where path.delivery(of: stream).isFault:
        return card.notApplicable(
          .stream(stream.url), "it was connected to, and the response is held back, which other checks judge")
      case .failure(let failure):
        return card.finding(
          .stream(stream.url), message(failure, stream),
          evidence: stream.phaseEvidence + [
            Evidence("response", "none: \(failure.detail)", expected: "200 with text/event-stream")
          ] + stream.responseEvidence, at: stream.location, remedy: remedy(failure, stream),
          explains: stream.fanOutSymptoms + stream.silenceSymptoms)
      }
    }
  }

  private func message(_ failure: StreamFacts.Failure, _ stream: StreamFacts) -> String {
    // What this side's proxy does is no fault of the URL's.
    if failure.kind == .proxy, let proxy = stream.proxy {
      return "the proxy \(proxy), which this run was told to go through, gave no way to \(stream.place): "
        + failure.detail
    }
    return "\(stream.hop) gave no response: \(failure.detail)\(progress(failure.kind, stream))"
  }

  /// How far the request got, for the failures that don't say it themselves.
  private func progress(_ kind: StreamFacts.Failure.Kind, _ stream: StreamFacts) -> String {
    guard [.timedOut, .closed, .other].contains(kind) else { return "" }
    return "; \(stream.reached) in \(millisecondsText(stream.watchedMilliseconds))"
  }

  private func remedy(_ failure: StreamFacts.Failure, _ stream: StreamFacts) -> Remedy {
    let open = stream.openCommand
    return switch failure.kind {
    case .nameNotFound:
      Remedy("Correct the host in the URL, or add its DNS record; names of a cluster exist inside it alone.")
    case .connectionRefused: Remedy("Start what should listen there, or correct host and port.", commands: [open])
    case .timedOut where stream.phases.connectMilliseconds == nil:
      Remedy("Let the port through: firewall, security group, load balancer listener.", commands: [open])
    case .timedOut where stream.url.hasPrefix("https:") && stream.phases.tlsMilliseconds == nil:
      Remedy(
        "Make sure that the port serves TLS, and that whatever serves it is not stuck.", commands: [open])
    case .timedOut:
      Remedy(
        "Open the instance's own URL beside it (--direct NAME=URL): if it answers at once, the proxy before it buffers and withholds even headers. "
          + "Turn buffering off for the stream's path; for nginx:", commands: [open],
        snippet: "proxy_http_version 1.1;\nproxy_set_header Connection \"\";\nproxy_buffering off;")
    case .closed:
      Remedy("Look into the log of whatever closed the connection: the proxy, else the application.", commands: [open])
    case .tlsHandshake:
      Remedy("Make sure that the port serves TLS, and shares a version with today's browsers.", commands: [open])
    case .certificate: certificateRemedy(CertificateFault(words: failure.detail), at: stream.finalURL)
    case .tooManyRedirects:
      Remedy(
        "Break the circle of redirects: often http to https and back, behind a proxy that ends TLS.", commands: [open])
    case .badURL: Remedy("Write the stream's URL whole, from http:// or https:// on, without spaces.")
    case .proxy where failure.detail.hasSuffix("response 407"):
      Remedy(
        "The proxy asks for credentials: give its URL with user name and password in a variable, with "
          + "--proxy-variable, or stream: proxy: variable: in the manifest.")
    case .proxy where failure.detail.hasSuffix("response 403"):
      Remedy("The proxy's rules forbid it: let them allow CONNECT to this host and port, or go without the proxy.")
    case .proxy:
      Remedy("The proxy of --proxy refused or could not get through: correct it, or let it reach this host and port.")
    case .other, .notFinished, .notOffered, .ownCertificate:
      Remedy("Open the stream by hand and follow what curl says.", commands: [open])
    }
  }
}
