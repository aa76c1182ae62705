import Delivery
import Diagnosis
import Facts

/// What each stream showed: for each URL a table of the cells of the browser matrix, and of those that are not well, or
/// else of the first, when events were sent and came, and what came, in the cell that is worst. When events were sent may
/// be known in another cell alone. For programs all of it stands under `streams`.
func streamsExhibits(_ streams: [StreamFacts], in path: StreamPath) -> [Exhibit] {
  let urls = streams.byTarget.map { cells in
    let interests = cells.map { path.delivery(of: $0).isFault ? 5 : $0.interest }
    return (cells: cells, shown: zip(interests, cells).max { $0.0 < $1.0 })
  }
  let isAnyUnwell = urls.contains { ($0.shown?.0 ?? 0) > 1 }
  var exhibits = urls.enumerated().flatMap { index, url -> [Exhibit] in
    let (cells, shown) = url
    guard let (interest, stream) = shown else { return [] }
    let isInFull = isAnyUnwell ? interest > 1 : index == 0
    return [
      cells.count > 1 || !isInFull ? cellsTable(cells) : nil,
      isInFull
        ? ([stream] + cells).lazy.compactMap { timelineExhibit($0, in: path, over: $0.cellName(among: cells)) }.first
        : nil,
      isInFull ? arrivals(stream, among: cells) : nil,
    ].compactMap { $0 }
  }
  if exhibits.isEmpty { exhibits = [Exhibit(key: nil, title: "Streams", columns: ["At", "What"], rows: [])] }
  exhibits[0].key = "streams"
  exhibits[0].value = .array(streams.map(json))
  return exhibits
}

extension StreamFacts {
  /// How much of the cells of a URL this one is to be shown in full: what went wrong before what went well.
  fileprivate var interest: Int {
    switch (outcome, end) {
    case (.failure(let failure), _): failure.kind == .notOffered ? 0 : 4
    case (.response(let response), _) where response.status != 200: 3
    case (_, .cut): 3
    case (_, .complete): 2
    case _ where totals.events == 0: 2
    default: 1
    }
  }

  /// The URL, with the instance that it reaches, or its place on the way there, where that is known.
  public var heading: String { (via.map { "via \($0)" } ?? instance).map { "\($0): \(url)" } ?? url }

  /// How it was asked for, in words; of a busy stream among silent ones that it is the busy one.
  public func cellName(among cells: [StreamFacts]) -> String {
    isDriven && cells.contains { $0.target == target && !$0.isDriven } ? "\(cell.name), busy" : cell.name
  }

  /// How the stream ended, in a phrase.
  public var endText: String { end.text }
}

extension StreamFacts.End {
  /// How a stream ended, in a phrase.
  public var text: String {
    switch self {
    case .closedByProbe: "closed by the probe"
    case .complete(.lastChunk): "ended by the server with the last chunk"
    case .complete(.contentLength): "ended by the server, Content-Length reached"
    case .complete(.endStream): "ended by the server with END_STREAM"
    case .complete(.noBody): "a response without a body"
    case .complete(.connectionClosed): "ended by the server, which closed the connection"
    case .cut(let cut): "cut: \(cut.detail)"
    }
  }
}

extension StreamFacts.End {
  /// The same in a word or two.
  public var shortText: String {
    switch self {
    case .closedByProbe: "closed"
    case .complete: "in good order"
    case .cut(let cut):
      switch cut.kind {
      case .endOfFile: "cut off"
      case .reset: "reset"
      case .streamReset: "stream reset"
      case .goAway: "GOAWAY"
      case .malformed, .undecodable, .tooLarge, .other: "cut"
      }
    }
  }
}

/// One line for each cell.
private func cellsTable(_ cells: [StreamFacts]) -> Exhibit {
  let rows = cells.map { stream -> [String] in
    let watched = millisecondsText(stream.watchedMilliseconds)
    switch stream.outcome {
    case .failure(let failure): return [stream.cellName(among: cells), failure.detail, "", "", "", ""]
    case .response(let response):
      let first = stream.arrivals.first { if case .event = $0.content { true } else { false } }
      return [
        stream.cellName(among: cells),
        "\(response.status)\(stream.phases.headersMilliseconds.map { " at \(millisecondsText($0))" } ?? "")",
        first.map { millisecondsText($0.milliseconds) } ?? "none", String(stream.totals.events),
        String(stream.totals.comments), "\(stream.endText), \(watched)",
      ]
    }
  }
  return Exhibit(
    key: nil, title: "\(cells[0].heading), asked for in \(counted(cells.count, "way"))",
    columns: ["Over", "Answer", "First event", "Events", "Comments", "End"], rows: rows,
    narrow: Exhibit.Table(
      columns: ["Over", "What came"],
      rows: rows.map { row in
        [
          row[0],
          row[5].isEmpty
            ? row[1] : "\(row[1]); first event \(row[2]); events: \(row[3]), comments: \(row[4]); \(row[5])",
        ]
      }))
}

private func arrivals(_ stream: StreamFacts, among cells: [StreamFacts]) -> Exhibit {
  let name = stream.cellName(among: cells)
  return Exhibit(
    key: nil, title: cells.count == 1 ? "\(stream.heading), over \(name)" : "Over \(name), in full",
    columns: ["At", "What"], rows: lines(of: stream).map { [$0.at, $0.what] })
}

/// How many arrivals are listed for people.
private let maximumLines = 10

private func lines(of stream: StreamFacts) -> [(at: String, what: String)] {
  var lines: [(String, String)] = []
  func add(_ milliseconds: Double?, _ what: String) {
    lines.append((milliseconds.map(millisecondsText) ?? "", what))
  }
  for redirect in stream.redirects.prefix(3) { add(redirect.milliseconds, redirect.line) }
  if stream.redirects.count > 3 { add(nil, "and \(counted(stream.redirects.count - 3, "more redirect"))") }
  for address in stream.failedAddresses { add(nil, "not connected to \(address)") }
  if let time = stream.phases.nameLookupMilliseconds { add(time, "name looked up") }
  if let time = stream.phases.connectMilliseconds {
    let place = stream.proxy.map { " to the proxy \($0)" } ?? ""
    add(time, "connected\(place)\(stream.address.map { "\(place.isEmpty ? " to" : ", at") \($0)" } ?? "")")
  }
  if let time = stream.phases.tlsMilliseconds {
    add(time, "TLS handshake done\(stream.tls.map { ": \(tlsLine($0))" } ?? "")")
  }
  switch stream.outcome {
  case .failure(let failure): add(stream.watchedMilliseconds, "no response: \(failure.detail)")
  case .response(let response):
    add(stream.phases.headersMilliseconds, "headers: HTTP/\(response.httpVersion) \(response.status)")
    for header in response.headers where header.value != Secret.redacted {
      add(nil, "  \(header.name): \(header.value)")
    }
    let others = response.headers.filter { $0.value == Secret.redacted }.map(\.name)
    if !others.isEmpty { add(nil, "  and, not shown: \(others.prefix(20).joined(separator: ", "))") }
    if !response.bodyStart.isEmpty { add(nil, "body begins: \(response.bodyLine)") }
  }
  for arrival in stream.arrivals.prefix(maximumLines) { add(arrival.milliseconds, arrival.shortLine) }
  let left = stream.totals.events + stream.totals.comments - min(stream.arrivals.count, maximumLines)
  if left > 0 { add(nil, "and \(left) more") }
  if stream.totals.waits > 0 {
    add(nil, "this run did not keep up, and made the server wait \(counted(stream.totals.waits, "time"))")
  }
  if stream.totals.tooLarge > 0 { add(nil, "\(stream.totals.tooLarge) larger than 1 MiB, thrown away") }
  if case .response = stream.outcome {
    for retry in stream.retries.prefix(3) { add(nil, "retry: \(retry) ms") }
    for trailer in stream.trailers { add(nil, "trailer \(trailer.name): \(trailer.value)") }
    add(stream.watchedMilliseconds, stream.endText)
  }
  return lines
}

extension StreamFacts.Arrival {
  /// The event or the comment in a line.
  public var line: String {
    switch content {
    case .event(let type, let data): "event \(type)\(lastEventID.map { " (id \($0))" } ?? ""): \(data)"
    case .comment(let text): "comment: \(text)"
    }
  }

  /// The same without what the reference origin states in its events, which the timeline shows.
  public var shortLine: String {
    guard let mark, case .event(let type, _) = content else { return line }
    return "event \(type), number \(mark.number) of the reference origin"
  }
}

extension StreamFacts.Redirect {
  /// The redirect in a line.
  public var line: String {
    let withheld = withheld.isEmpty ? "" : "; \(withheld.joined(separator: ", ")) not sent on"
    return "\(status): redirected to \(url)\(withheld)"
  }
}

private func json(_ stream: StreamFacts) -> JSONValue {
  [
    "url": .string(stream.url),
    "askedFor": ["httpVersion": .string(stream.cell.version.rawValue), "coding": .string(stream.cell.coding.rawValue)],
    "instance": .optional(stream.instance),
    "sentHeaders": .array(stream.sentHeaders.map { .string($0) }),
    "clientCertificate": .bool(stream.hasClientCertificate),
    "origin": .optional(stream.origin),
    "sentLastEventID": .optional(stream.sentLastEventID),
    "via": .optional(stream.via),
    "isDriven": .bool(stream.isDriven),
    "beganMilliseconds": .number(stream.beganMilliseconds),
    "proxy": .optional(stream.proxy),
    "address": .optional(stream.address),
    "failedAddresses": .array(stream.failedAddresses.map { .string($0) }),
    "redirects": .array(stream.redirects.map { .string($0.url) }),
    "redirectHops": .array(
      stream.redirects.map { redirect in
        [
          "status": .integer(redirect.status), "url": .string(redirect.url),
          "milliseconds": .number(redirect.milliseconds),
          "withheldHeaders": .array(redirect.withheld.map { .string($0) }),
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
      "waits": .integer(stream.totals.waits),
      "lastByteMilliseconds": .optional(stream.totals.lastByteMilliseconds),
      "longestSilenceMilliseconds": .number(stream.totals.longestSilenceMilliseconds),
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
      "originMark": arrival.mark.map { mark in
        [
          "number": .integer(mark.number), "sentAtMicroseconds": .integer(mark.sentAtMicroseconds),
          "elapsedMicroseconds": .integer(mark.elapsedMicroseconds), "last": .bool(mark.isLast),
        ]
      } ?? .null,
      "probeNumber": .optional(arrival.probeNumber),
    ]
  case .comment(let text): ["milliseconds": .number(arrival.milliseconds), "comment": .string(text)]
  }
}

private func end(_ end: StreamFacts.End) -> JSONValue {
  switch end {
  case .closedByProbe: return ["kind": "closedByProbe"]
  case .complete(let framing): return ["kind": "complete", "framing": .string(framing.rawValue)]
  case .cut(let cut):
    return [
      "kind": "cut", "how": .string(cut.kind.rawValue), "detail": .string(cut.detail), "code": .optional(cut.code),
    ]
  }
}
