import Facts
import ReferenceOrigin
import StreamProbe
import TestServers
import Transport

extension PathRow {
  /// What all cells of the browser matrix see at the public URL, and at the same moment at the instance's own.
  func capture() async throws -> [StreamFacts] {
    try await TemporaryFolder.with { folder in
      let certificates = usesTLS ? try await TestCertificates.make(in: folder) : nil
      var route = Route()
      if let certificates { route.tls.caFile = certificates.caFile }
      return try await withOrigin { settings in
        sends(&settings)
        // What the visitor saw is an earlier deploy's stream: it came to its end.
        if visitor == .gone { (settings.eventInterval, settings.eventCount) = (.milliseconds(50), 5) }
      } _: { origin in
        try await withHops(to: origin.port, certificates: certificates) { server in
          let url = server + origin.path
          let transport = try Transport()
          let watching = { await facts(of: targets(public: url, direct: origin.url), route, over: transport) }
          guard let visitor else { return await watching() }
          let present = await visit(url, as: visitor, route, over: transport)
          defer { present.cancel() }
          guard visitor == .gone else { return await watching() }
          await origin.stop()
          return try await withOrigin {
            sends(&$0)
            $0.port = origin.port
          } _: { _ in
            await watching()
          }
        }
      }
    }
  }

  private func sends(_ settings: inout OriginSettings) {
    settings.eventInterval = .milliseconds(300)
    origin(&settings)
  }

  /// Lets the visitor who came before the probe see what he is to see; cancel his stream in the end.
  private func visit(
    _ url: String, as visitor: Visitor, _ route: Route, over transport: Transport
  ) async -> Task<Void, Never> {
    let (sights, continuation) = AsyncStream.makeStream(of: Never.self)
    let probe = StreamProbe(watch: .seconds(120), route: route)
    let task = Task {
      _ = await probe.facts(of: StreamTarget(url: url), over: transport) { news in
        if visitor == .present, case .arrival(let arrival) = news, arrival.mark?.number == 3 { continuation.finish() }
      }
      continuation.finish()
    }
    for await _ in sights {}
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

  private func facts(of targets: [StreamTarget], _ route: Route, over transport: Transport) async -> [StreamFacts] {
    let probe = StreamProbe(route: route)
    return await withTaskGroup(of: (Int, StreamFacts).self) { group in
      for (index, target) in targets.enumerated() {
        group.addTask { (index, await probe.facts(of: target, over: transport)) }
      }
      var facts: [(Int, StreamFacts)] = []
      for await one in group { facts.append(one) }
      return facts.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}

extension ReferenceOrigin {
  /// The path of the stream.
  fileprivate var path: String { OriginSettings().path }
}
