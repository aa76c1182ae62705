import ReferenceOrigin
import TestServers
import Testing

/// A way from a browser to an instance: what the instance sends, the real proxies that stand before it, and what is to be
/// said of it.
struct PathRow: Sendable, CustomTestStringConvertible {
  /// Who had opened the public URL before the probe did.
  enum Visitor: Sendable {
    /// A browser that has the stream open still, and has seen events.
    case present
    /// One that saw the stream's end, before the instance was started anew.
    case gone
  }

  /// The row's name, and that of the file in which its facts are kept.
  var name: String
  /// The proxies, the one that browsers reach first.
  var hops: [Hop]
  /// Whether browsers speak TLS, and HTTP/2 over it.
  var usesTLS = false
  /// Who came before.
  var visitor: Visitor?
  /// All that is to be found at the public URL; nothing for a healthy row.
  var finds: [ExpectedFinding] = []
  /// The checks that find something at the instance itself.
  var findsAtInstance: [String] = []
  /// What the instance sends beside, or instead of, an event every 300 ms after flowpanel's handshake.
  var origin: @Sendable (inout OriginSettings) -> Void = { _ in }

  var testDescription: String { name }

  /// Runs the body with the proxies in front of a port; it gets the beginning of the public URL.
  func withHops<R>(to port: Int, certificates: TestCertificates?, _ body: (String) async throws -> R) async throws -> R
  {
    try await withHops(hops[...], to: port, certificates, body)
  }

  private func withHops<R>(
    _ hops: ArraySlice<Hop>, to port: Int, _ certificates: TestCertificates?, _ body: (String) async throws -> R
  ) async throws -> R {
    guard hops.count > 1, let last = hops.last else {
      return try await self.hops[0].run(to: port, certificates) { try await body($0.origin) }
    }
    return try await last.run(to: port, nil) { try await withHops(hops.dropLast(), to: $0.port, certificates, body) }
  }
}

// What instances send.

/// Without what asks proxies to pass the stream on.
@Sendable func plain(_ settings: inout OriginSettings) {
  settings.accelBuffering = nil
  settings.cacheControl = nil
}

/// Without what asks proxies not to compress.
@Sendable func transformable(_ settings: inout OriginSettings) { settings.cacheControl = "no-cache" }

/// With nothing at first.
@Sendable func late(_ settings: inout OriginSettings) {
  settings.sendsHandshake = false
  settings.silences = [.init(afterEvent: 0, duration: .milliseconds(1500))]
}

/// With nothing after 1.5 seconds.
@Sendable func silent(_ settings: inout OriginSettings) {
  settings.silences = [.init(afterEvent: 5, duration: .seconds(300))]
}

/// With nothing after the second event.
@Sendable func soonSilent(_ settings: inout OriginSettings) {
  settings.silences = [.init(afterEvent: 2, duration: .seconds(300))]
}

/// With an end after two seconds.
@Sendable func ending(_ settings: inout OriginSettings) { settings.eventCount = 7 }

/// With heartbeats alone.
@Sendable func heartbeats(_ settings: inout OriginSettings) {
  settings.eventInterval = nil
  settings.heartbeatInterval = .milliseconds(700)
}
