import Facts
import StreamProbe
import TestServers
import Testing
import Transport

/// The facts of a stream that is watched until so many events have come, or until it ends.
func watch(
  _ url: String, _ cell: StreamCell = StreamCell(), route: Route = Route(), certificates: TestCertificates? = nil,
  headers: [(name: String, value: Secret)] = [], lastEventID: String = "",
  origin: String? = nil, events: Int? = nil, for limit: Duration = .seconds(120),
  tell: @Sendable (StreamNews) -> Void = { _ in }
) async throws -> StreamFacts {
  var route = route
  if let certificates { route.tls.caFile = certificates.caFile }
  var probe = StreamProbe(watch: limit, route: route, stop: StreamStop(events: events))
  probe.lastEventID = lastEventID
  probe.origin = origin
  return await probe.facts(of: StreamTarget(url: url, cell: cell, headers: headers), over: try Transport(), tell: tell)
}

/// Runs the body with certificates of its own.
func withCertificates(_ body: (TestCertificates) async throws -> Void) async throws {
  try await TemporaryFolder.with { folder in try await body(TestCertificates.make(in: folder)) }
}

extension StreamFacts {
  /// The response; nil for a failure.
  var response: Response? { if case .response(let response) = outcome { response } else { nil } }
  /// The failure; nil for a response.
  var failure: Failure? { if case .failure(let failure) = outcome { failure } else { nil } }
  /// How the body was cut; nil for another end.
  var cut: Cut? { if case .cut(let cut) = end { cut } else { nil } }
  /// The data of the events, in order.
  var eventData: [String] {
    arrivals.compactMap { if case .event(_, let data) = $0.content { data } else { nil } }
  }
}

extension StreamFacts.End {
  /// The end without the words that come with it: `cut endOfFile`, `cut streamReset 8`, `complete lastChunk`.
  var short: String {
    switch self {
    case .closedByProbe: "closedByProbe"
    case .complete(let framing): "complete \(framing)"
    case .cut(let cut): "cut \(cut.kind)" + (cut.code.map { " \($0)" } ?? "")
    }
  }
}

/// The bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
