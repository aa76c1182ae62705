import Facts
import Transport

extension StreamProbe {
  /// The path that is asked for where the stream itself is answered with nothing: whatever stands on the way answers for it
  /// or passes an answer on, which tells who stands there. No site keeps anything in it that is not public.
  private static let neighbourPath = "/robots.txt"
  private static let neighbourPatience = Duration.milliseconds(800)

  /// The head of an answer for another path of the stream's server, without what the operator's own headers would say;
  /// nil where none comes soon.
  ///
  /// - Parameter route: the way to that server; redirects may have left it less than this probe's own.
  func neighbour(of target: StreamTarget, by route: Route, over transport: Transport) async -> StreamFacts.Response? {
    guard let url = URLParts(reference: Self.neighbourPath, base: target.url) else { return nil }
    let secrets = SecretEchoes([], proxy: route.proxy)
    let request = HTTPStreamRequest(
      url: url.text, headers: [("Accept", "*/*"), ("User-Agent", "flowpanel-doctor")], secretHeaders: [],
      acceptEncoding: "identity", version: target.cell.version == .http2 ? .http2 : .http1, route: route,
      connectTimeout: Self.neighbourPatience, timeout: Self.neighbourPatience)
    var capture = StreamCapture(url: url.text, since: nil, until: StreamStop(), secrets: secrets)
    for await moment in transport.open(request) {
      capture.take(moment)
      if capture.response != nil { break }
    }
    return capture.response
  }
}
