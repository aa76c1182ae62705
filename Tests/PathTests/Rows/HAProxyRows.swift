private let noDelay = "option http-no-delay"
private let heartbeat = Mend(": keep-alive", .application)
private let longer = Mend("timeout server 1h", .route(hop: 0))
private let delayed = ExpectedFinding(
  "stream.delayed", .warning, hop: "probably HAProxy (", mends: Mend(noDelay, .route(hop: 0)))
private let untransformed = Mend("Cache-Control: no-cache, no-transform", .application)

extension PathRow {
  /// HAProxy 2.6.12. Its delay of 200 ms does not exist where browsers speak TLS to it.
  static let haproxy = [
    PathRow(name: "haproxy-default", hops: [.haproxy()], finds: [delayed]),
    PathRow(name: "haproxy-default-plain", hops: [.haproxy()], finds: [delayed], origin: plain),
    PathRow(name: "haproxy-default-tls", hops: [.haproxy()], usesTLS: true),
    PathRow(name: "haproxy-no-delay", hops: [.haproxy(noDelay)]),
    PathRow(name: "haproxy-no-delay-tls", hops: [.haproxy(noDelay)], usesTLS: true),
    PathRow(
      name: "haproxy-timeout-silent", hops: [.haproxy(noDelay, "timeout server 1s")],
      finds: [ExpectedFinding("stream.idle-timeout", hop: "probably HAProxy (", mends: heartbeat, longer)],
      origin: silent),
    PathRow(
      name: "haproxy-timeout-silent-tls", hops: [.haproxy(noDelay, "timeout server 1s")], usesTLS: true,
      finds: [ExpectedFinding("stream.idle-timeout", hop: "probably HAProxy (", mends: heartbeat, longer)],
      origin: silent),
    PathRow(
      name: "haproxy-timeout-soon-silent", hops: [.haproxy(noDelay, "timeout server 1s")],
      finds: [
        ExpectedFinding(
          "stream.idle-timeout", hop: "probably HAProxy (", says: ", or a limit on the whole response",
          mends: heartbeat, longer)
      ],
      origin: soonSilent),
    PathRow(name: "haproxy-timeout-busy", hops: [.haproxy(noDelay, "timeout server 1s")]),
    PathRow(
      name: "haproxy-gzip",
      hops: [.haproxy(noDelay, "compression algo gzip", "compression type text/event-stream")],
      finds: [ExpectedFinding("stream.content-encoding", hop: "probably HAProxy (", mends: untransformed)],
      origin: transformable),
    PathRow(
      name: "haproxy-gzip-untransformed",
      hops: [.haproxy(noDelay, "compression algo gzip", "compression type text/event-stream")]),
    PathRow(
      name: "haproxy-gzip-default", hops: [.haproxy("compression algo gzip", "compression type text/event-stream")],
      finds: [
        ExpectedFinding("stream.content-encoding", hop: "probably HAProxy (", mends: untransformed), delayed,
      ], origin: transformable),
    PathRow(
      name: "haproxy-content-type", hops: [.haproxy(noDelay, "http-response set-header Content-Type text/plain")],
      finds: [ExpectedFinding("stream.rewritten", hop: "probably HAProxy (")]),
  ]
}
