import Facts
import Foundation
import ReferenceOrigin
import StreamProbe
import TestServers
import Transport

extension PathRow {
  /// What all cells of the browser matrix see at the public URL, and at the same moment at the instance's own.
  func capture(watching time: Duration = .seconds(4)) async throws -> [StreamFacts] {
    try await TemporaryFolder.with { folder in
      let certificates = usesTLS ? try await TestCertificates.make(in: folder) : nil
      return try await withRecordedOrigin(certificates) { direct, proxied in
        try await withHops(to: proxied, certificates: certificates) { server in
          var route = Route()
          if let certificates { route.tls.caFile = certificates.caFile }
          let (transport, url) = (try Transport(), server + path)
          let earlier = try await visit(url, route, over: transport)
          defer { earlier?.cancel() }
          return await facts(
            of: targets(public: url, direct: "http://127.0.0.1:\(direct)" + path),
            StreamProbe(watch: time, route: route), over: transport)
        }
      }
    }
  }

  private var path: String { OriginSettings().path }

  private func settings(_ settings: inout OriginSettings) {
    settings.eventInterval = .milliseconds(300)
    origin(&settings)
  }

  private func withRecordedOrigin(
    _ certificates: TestCertificates?, _ body: (_ direct: Int, _ proxied: Int) async throws -> [StreamFacts]
  ) async throws -> [StreamFacts] {
    try await withOrigin(settings) { live in
      guard visitor == .gone else { return try await body(live.port, live.port) }
      // What the visitor saw was an earlier deploy's stream: it ended, and the proxy goes on showing it.
      return try await withOrigin {
        settings(&$0)
        $0.eventInterval = .milliseconds(50)
        $0.eventCount = 5
      } _: { former in
        try await body(live.port, former.port)
      }
    }
  }

  /// Lets the visitor who came before the probe see what he is to see; the task of one who stays.
  private func visit(_ url: String, _ route: Route, over transport: Transport) async throws -> Task<Void, Never>? {
    guard let visitor else { return nil }
    let (arrivals, continuation) = AsyncStream.makeStream(of: Void.self)
    let probe = StreamProbe(watch: .seconds(300), route: route)
    let task = Task {
      _ = await probe.facts(of: StreamTarget(url: url), over: transport) { news in
        if visitor == .present, case .arrival(let arrival) = news, arrival.mark?.number == 3 { continuation.finish() }
      }
      continuation.finish()
    }
    for await _ in arrivals {}
    return task
  }

  private func targets(public url: String, direct: String) -> [StreamTarget] {
    let first = StreamCell.matrix(usesTLS: usesTLS).map { StreamTarget(url: url, cell: $0) }
    let second = StreamCell.matrix(usesTLS: false).map {
      var target = StreamTarget(url: direct, cell: $0, instance: "web-1")
      target.number = 1
      return target
    }
    return first + second
  }

  private func facts(of targets: [StreamTarget], _ probe: StreamProbe, over transport: Transport) async -> [StreamFacts]
  {
    await withTaskGroup(of: (Int, StreamFacts).self) { group in
      for (index, target) in targets.enumerated() {
        group.addTask { (index, await probe.facts(of: target, over: transport)) }
      }
      var facts: [(Int, StreamFacts)] = []
      for await one in group { facts.append(one) }
      return facts.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
