import Diagnosis
import Facts

/// What each stream showed: the phases, the headers that matter, and each event with its time of arrival.
func streamsExhibit(_ streams: [StreamFacts]) -> Exhibit {
  Exhibit(
    key: "streams", title: "Streams, as a browser meets them", columns: ["Stream", "At", "What"],
    rows: streams.flatMap { stream in
      lines(of: stream).enumerated().map { index, line in [index == 0 ? stream.url : "", line.at, line.what] }
    },
    value: .array(streams.map(json)))
}

private func lines(of stream: StreamFacts) -> [(at: String, what: String)] {
  var lines: [(String, String)] = []
  func add(_ milliseconds: Double?, _ what: String) {
    lines.append((milliseconds.map(millisecondsText) ?? "", what))
  }
  if let time = stream.phases.nameLookupMilliseconds { add(time, "name looked up") }
  if let time = stream.phases.connectMilliseconds { add(time, "connected") }
  if let time = stream.phases.tlsMilliseconds { add(time, "TLS handshake done") }
  for redirect in stream.redirects { add(nil, "redirected to \(redirect)") }
  switch stream.outcome {
  case .failure(let failure): add(nil, "no response: \(failure.detail)")
  case .response(let response):
    add(stream.phases.headersMilliseconds, "headers: HTTP/\(response.httpVersion) \(response.status)")
    for header in response.headers where header.value != Secret.redacted {
      add(nil, "  \(header.name): \(header.value)")
    }
    if !response.bodyStart.isEmpty { add(nil, "body begins: \(response.bodyStart)") }
  }
  for arrival in stream.arrivals {
    switch arrival.content {
    case .event(let type, let data): add(arrival.milliseconds, "event \(type): \(data)")
    case .comment(let text): add(arrival.milliseconds, "comment: \(text)")
    }
  }
  let end =
    switch stream.end {
    case .closedByProbe: "closed by the probe"
    case .complete: "ended by the server, in good order"
    case .cut(let detail): "cut: \(detail)"
    }
  if case .response = stream.outcome { add(stream.watchedMilliseconds, end) }
  return lines
}

private func json(_ stream: StreamFacts) -> JSONValue {
  [
    "url": .string(stream.url),
    "instance": .optional(stream.instance),
    "redirects": .array(stream.redirects.map { .string($0) }),
    "phases": [
      "nameLookupMilliseconds": .optional(stream.phases.nameLookupMilliseconds),
      "connectMilliseconds": .optional(stream.phases.connectMilliseconds),
      "tlsMilliseconds": .optional(stream.phases.tlsMilliseconds),
      "headersMilliseconds": .optional(stream.phases.headersMilliseconds),
    ],
    "response": response(stream.outcome),
    "failure": failure(stream.outcome),
    "arrivals": .array(stream.arrivals.map(arrival)),
    "end": end(stream.end),
    "watchedMilliseconds": .number(stream.watchedMilliseconds),
  ]
}

private func response(_ outcome: StreamFacts.Outcome) -> JSONValue {
  guard case .response(let response) = outcome else { return .null }
  return [
    "status": .integer(response.status), "httpVersion": .string(response.httpVersion),
    "headers": .array(response.headers.map { ["name": .string($0.name), "value": .string($0.value)] }),
    "bodyStart": .string(response.bodyStart),
  ]
}

private func failure(_ outcome: StreamFacts.Outcome) -> JSONValue {
  guard case .failure(let failure) = outcome else { return .null }
  return ["kind": .string(failure.kind.rawValue), "detail": .string(failure.detail)]
}

private func arrival(_ arrival: StreamFacts.Arrival) -> JSONValue {
  switch arrival.content {
  case .event(let type, let data):
    ["milliseconds": .number(arrival.milliseconds), "event": .string(type), "data": .string(data)]
  case .comment(let text): ["milliseconds": .number(arrival.milliseconds), "comment": .string(text)]
  }
}

private func end(_ end: StreamFacts.End) -> JSONValue {
  switch end {
  case .closedByProbe: ["kind": "closedByProbe"]
  case .complete: ["kind": "complete"]
  case .cut(let detail): ["kind": "cut", "detail": .string(detail)]
  }
}
