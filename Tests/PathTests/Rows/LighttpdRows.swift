private let streamed = Mend(
  #"$HTTP["url"] =~ "^/api/flowpanel/stream" { server.stream-response-body = 2 }"#, .route(hop: 0))

extension PathRow {
  /// lighttpd 1.4.69.
  static let lighttpd = [
    PathRow(
      name: "lighttpd-default", hops: [.lighttpd()],
      finds: [
        ExpectedFinding("stream.buffered", hop: "lighttpd (", mends: streamed)
      ]),
    PathRow(
      name: "lighttpd-default-ending", hops: [.lighttpd()],
      finds: [
        ExpectedFinding("stream.buffered", hop: "lighttpd (", mends: streamed),
        ExpectedFinding("stream.ended", .notice),
      ], findsAtInstance: ["stream.ended"], origin: ending),
    PathRow(name: "lighttpd-stream", hops: [.lighttpd("server.stream-response-body = 2")]),
  ]
}
