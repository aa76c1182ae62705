import Diagnosis
import Facts

/// What each stream showed: for each URL a table of the cells of the browser matrix, and what came in the first of them,
/// a browser's own, with its times. For programs all of it stands under `streams`.
func streamsExhibits(_ streams: [StreamFacts]) -> [Exhibit] {
  var urls: [[StreamFacts]] = []
  for stream in streams {
    if let first = urls.last?.first, first.url == stream.url, first.instance == stream.instance {
      urls[urls.count - 1].append(stream)
    } else {
      urls.append([stream])
    }
  }
  var exhibits = urls.flatMap { cells -> [Exhibit] in
    guard let shown = cells.first(where: { !$0.isNotOffered }) ?? cells.first else { return [] }
    return [cells.count > 1 ? cellsTable(cells) : nil, timeline(shown, isAlone: cells.count == 1)].compactMap { $0 }
  }
  if exhibits.isEmpty { exhibits = [Exhibit(key: nil, title: "Streams", columns: ["At", "What"], rows: [])] }
  exhibits[0].key = "streams"
  exhibits[0].value = .array(streams.map(json))
  return exhibits
}

extension StreamFacts {
  /// Whether the server does not speak the version of HTTP that was asked for.
  var isNotOffered: Bool {
    if case .failure(let failure) = outcome { return failure.kind == .notOffered }
    return false
  }

  /// How the stream ended, in a phrase.
  public var endText: String {
    switch end {
    case .closedByProbe: "closed by the probe"
    case .complete(.lastChunk): "ended by the server with the last chunk"
    case .complete(.contentLength): "ended by the server, Content-Length reached"
    case .complete(.endStream): "ended by the server with END_STREAM"
    case .complete(.connectionClosed): "ended by the server, which closed the connection"
    case .cut(let cut): "cut: \(cut.detail)"
    }
  }
}

/// One line for each cell.
private func cellsTable(_ cells: [StreamFacts]) -> Exhibit {
  let rows = cells.map { stream -> [String] in
    let watched = millisecondsText(stream.watchedMilliseconds)
    switch stream.outcome {
    case .failure(let failure): return [stream.cell.name, failure.detail, "", "", "", ""]
    case .response(let response):
      let first = stream.arrivals.first { if case .event = $0.content { true } else { false } }
      return [
        stream.cell.name,
        "\(response.status)\(stream.phases.headersMilliseconds.map { " at \(millisecondsText($0))" } ?? "")",
        first.map { millisecondsText($0.milliseconds) } ?? "none", String(stream.totals.events),
        String(stream.totals.comments), "\(stream.endText), \(watched)",
      ]
    }
  }
  return Exhibit(
    key: nil, title: "\(cells[0].url), asked for in \(cells.count) ways",
    columns: ["Over", "Answer", "First event", "Events", "Comments", "End"], rows: rows,
    narrow: Exhibit.Table(
      columns: ["Over", "What came"],
      rows: rows.map { row in
        [
          row[0],
          row[5].isEmpty ? row[1] : "\(row[1]); first event \(row[2]); \(row[3]) events, \(row[4]) comments; \(row[5])",
        ]
      }))
}

private func timeline(_ stream: StreamFacts, isAlone: Bool) -> Exhibit {
  Exhibit(
    key: nil, title: isAlone ? "\(stream.url), over \(stream.cell.name)" : "Over \(stream.cell.name), in full",
    columns: ["At", "What"], rows: lines(of: stream).map { [$0.at, $0.what] })
}

/// How many arrivals are listed for people.
private let maximumLines = 100

private func lines(of stream: StreamFacts) -> [(at: String, what: String)] {
  var lines: [(String, String)] = []
  func add(_ milliseconds: Double?, _ what: String) {
    lines.append((milliseconds.map(millisecondsText) ?? "", what))
  }
  for redirect in stream.redirects { add(redirect.milliseconds, "\(redirect.status): redirected to \(redirect.url)") }
  if let time = stream.phases.nameLookupMilliseconds { add(time, "name looked up") }
  if let time = stream.phases.connectMilliseconds {
    add(time, "connected\(stream.address.map { " to \($0)" } ?? "")")
  }
  if let time = stream.phases.tlsMilliseconds {
    add(time, "TLS handshake done\(stream.tls.map { ": \(tlsLine($0))" } ?? "")")
  }
  switch stream.outcome {
  case .failure(let failure): add(nil, "no response: \(failure.detail)")
  case .response(let response):
    add(stream.phases.headersMilliseconds, "headers: HTTP/\(response.httpVersion) \(response.status)")
    for header in response.headers where header.value != Secret.redacted {
      add(nil, "  \(header.name): \(header.value)")
    }
    if !response.bodyStart.isEmpty { add(nil, "body begins: \(response.bodyStart)") }
  }
  for arrival in stream.arrivals.prefix(maximumLines) { add(arrival.milliseconds, arrival.content.line) }
  let left = stream.totals.events + stream.totals.comments - min(stream.arrivals.count, maximumLines)
  if left > 0 { add(nil, "and \(left) more") }
  if stream.totals.tooLarge > 0 { add(nil, "\(stream.totals.tooLarge) larger than 1 MiB, thrown away") }
  if case .response = stream.outcome {
    for trailer in stream.trailers { add(nil, "trailer \(trailer.name): \(trailer.value)") }
    add(stream.watchedMilliseconds, stream.endText)
  }
  return lines
}

extension StreamFacts.Arrival.Content {
  /// The event or the comment in a line.
  public var line: String {
    switch self {
    case .event(let type, let data): "event \(type): \(data)"
    case .comment(let text): "comment: \(text)"
    }
  }
}

private func json(_ stream: StreamFacts) -> JSONValue {
  [
    "url": .string(stream.url),
    "askedFor": ["httpVersion": .string(stream.cell.version.rawValue), "coding": .string(stream.cell.coding.rawValue)],
    "instance": .optional(stream.instance),
    "address": .optional(stream.address),
    "redirects": .array(
      stream.redirects.map { redirect in
        [
          "status": .integer(redirect.status), "url": .string(redirect.url),
          "milliseconds": .number(redirect.milliseconds),
        ]
      }),
    "phases": [
      "nameLookupMilliseconds": .optional(stream.phases.nameLookupMilliseconds),
      "connectMilliseconds": .optional(stream.phases.connectMilliseconds),
      "tlsMilliseconds": .optional(stream.phases.tlsMilliseconds),
      "headersMilliseconds": .optional(stream.phases.headersMilliseconds),
    ],
    "response": response(stream.outcome),
    "failure": failure(stream.outcome),
    "tls": stream.tls.map(json) ?? .null,
    "arrivals": .array(stream.arrivals.map(arrival)),
    "retryMilliseconds": .array(stream.retries.map { .integer($0) }),
    "lastEventID": .string(stream.lastEventID),
    "reads": .array(
      stream.reads.map { read in
        [
          "milliseconds": .number(read.milliseconds), "wireBytes": .integer(read.wireBytes),
          "bodyBytes": .integer(read.bodyBytes),
        ]
      }),
    "totals": [
      "events": .integer(stream.totals.events), "comments": .integer(stream.totals.comments),
      "tooLarge": .integer(stream.totals.tooLarge), "reads": .integer(stream.totals.reads),
      "wireBytes": .integer(stream.totals.wireBytes), "bodyBytes": .integer(stream.totals.bodyBytes),
    ],
    "trailers": .array(stream.trailers.map { ["name": .string($0.name), "value": .string($0.value)] }),
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
    [
      "milliseconds": .number(arrival.milliseconds), "event": .string(type), "data": .string(data),
      "lastEventID": .optional(arrival.lastEventID), "wireBytes": .integer(arrival.wireBytes),
    ]
  case .comment(let text): ["milliseconds": .number(arrival.milliseconds), "comment": .string(text)]
  }
}

private func end(_ end: StreamFacts.End) -> JSONValue {
  switch end {
  case .closedByProbe: ["kind": "closedByProbe"]
  case .complete(let framing): ["kind": "complete", "framing": .string(framing.rawValue)]
  case .cut(let cut):
    [
      "kind": "cut", "how": .string(cut.kind.rawValue), "detail": .string(cut.detail), "code": .optional(cut.code),
    ]
  }
}
