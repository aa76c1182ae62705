private let idle = ExpectedFinding(
  "stream.idle-timeout", hop: "Apache (", mends: Mend(": keep-alive", .application),
  Mend("ProxyTimeout 3600", .route(hop: 0)))

extension PathRow {
  /// Apache 2.4.
  static let apache = [
    PathRow(name: "apache-default", hops: [.apache()]),
    PathRow(name: "apache-default-plain", hops: [.apache()], origin: plain),
    PathRow(name: "apache-default-tls", hops: [.apache()], usesTLS: true),
    PathRow(
      name: "apache-deflate", hops: [.apache("SetOutputFilter DEFLATE")],
      finds: [
        ExpectedFinding(
          "stream.content-encoding", .notice, hop: "Apache (",
          mends: Mend(#"SetEnvIf Request_URI "^/api/flowpanel/stream" no-gzip=1"#, .route(hop: 0)))
      ]),
    PathRow(name: "apache-timeout-silent", hops: [.apache("ProxyTimeout 1")], finds: [idle], origin: silent),
    PathRow(
      name: "apache-timeout-silent-tls", hops: [.apache("ProxyTimeout 1")], usesTLS: true, finds: [idle], origin: silent
    ),
    PathRow(name: "apache-timeout-busy", hops: [.apache("ProxyTimeout 1")]),
    PathRow(
      name: "apache-late", hops: [.apache()], finds: [.handshake],
      findsAtInstance: ["stream.handshake"], origin: late),
  ]
}
