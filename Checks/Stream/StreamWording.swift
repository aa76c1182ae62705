// How the checks on streams read one opened stream, and how they name it and its phases.

import Diagnosis
import Facts

/// Whose URL it is, in words.
func streamPlace(instance: String?, via: Int?) -> String {
  instance.map { "\($0)'s own URL" } ?? via.map { "the URL at hop \($0)" } ?? "the public URL"
}

extension StreamFacts {
  /// The response, if one came.
  var response: Response? {
    if case .response(let response) = outcome { return response }
    return nil
  }

  /// The failure, if no response came.
  var failure: Failure? {
    if case .failure(let failure) = outcome { return failure }
    return nil
  }

  /// What was opened, in words: whose URL it is tells which hops lie before it.
  var hop: String {
    place + (proxy.map { ", through the proxy \($0)," } ?? "")
  }

  /// The same without the way to it.
  var place: String { streamPlace(instance: instance, via: via) }

  /// A command that asks as this cell did, as far as curl can.
  var openCommand: String {
    let version = cell.version == .http1 && url.hasPrefix("https:") ? " --http1.1" : ""
    let coding = cell.coding == .browser ? " --compressed" : ""
    return "curl -N -i\(version)\(coding) -H 'Accept: text/event-stream' \(shellWord(url))"
  }

  /// The URL that answered: redirects lead away from the one that was named.
  var finalURL: String { redirects.last?.url ?? url }

  /// The instance's stream that was asked for in the same way: only beside it is the difference a proxy's doing.
  func counterpart(in streams: [StreamFacts]) -> StreamFacts? {
    streams.first { $0.cell == cell } ?? streams.first { $0.cell.coding == cell.coding }
  }

  /// Whether a browser would take the response for an event stream and keep it.
  var isEventStream: Bool { response?.isEventStream == true }

  /// The phases that were reached, with their times; empty if not even the name was looked up.
  var phaseEvidence: [Evidence] {
    let times = [
      ("name look-up", phases.nameLookupMilliseconds), ("TCP connect", phases.connectMilliseconds),
      ("TLS handshake", phases.tlsMilliseconds), ("response headers", phases.headersMilliseconds),
    ]
    return times.compactMap { name, time in time.map { Evidence(name, "done after \(millisecondsText($0))") } }
  }

  /// The last phase that was reached, in words.
  var reached: String {
    if phases.headersMilliseconds != nil { return "the response headers came" }
    if phases.tlsMilliseconds != nil { return "it came as far as the TLS handshake" }
    if phases.connectMilliseconds != nil { return "it came as far as the TCP connection" }
    return phases.nameLookupMilliseconds == nil
      ? "not even the name was looked up" : "it came as far as looking up the name"
  }

  /// The redirects and the head of the response, as far as they tell who answered.
  var responseEvidence: [Evidence] {
    let redirects =
      redirects.isEmpty
      ? []
      : [
        Evidence(
          "redirects",
          redirects.prefix(3).map { "\($0.status) to \($0.url)" }.joined(separator: ", ")
            + (redirects.count > 3 ? ", and \(redirects.count - 3) more" : ""))
      ]
    guard let response else { return redirects }
    let headers = ["Content-Type", "Server", "Via", "Location", "Retry-After"].compactMap { name in
      response.value(of: name).map { Evidence(name, $0) }
    }
    let body =
      response.bodyStart.isEmpty
      ? [] : [Evidence("body begins", response.bodyLine)]
    return redirects + headers + body
  }

  /// ` (Server: nginx/1.22.1)`: the hop that answered, as it names itself; empty where it does not.
  var answeredBy: String { response?.value(of: "Server").map { " (Server: \($0))" } ?? "" }
}

extension StreamFacts.Response {
  /// A header's values in one line, as if they had come so (RFC 9110 section 5.3); nil where it is absent.
  func line(of name: String) -> String? {
    let values = headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }
}

extension CheckCard {
  /// One verdict for each URL whose answer is an event stream; what other answers mean is told by other checks.
  func eachEventStream(
    _ facts: Facts, _ judge: (StreamFacts, StreamFacts.Response) -> Verdict
  ) -> [Verdict] {
    eachStream(facts) { stream in
      switch stream.outcome {
      case .failure(let failure):
        undetermined(.stream(stream.url), "no response came: \(failure.detail)", at: stream.location)
      case .response(let response) where response.isEventStream: judge(stream, response)
      case .response(let response):
        notApplicable(
          .stream(stream.url),
          "no event stream was opened: status \(response.status), type \(response.mediaType ?? "none")")
      }
    }
  }
}
