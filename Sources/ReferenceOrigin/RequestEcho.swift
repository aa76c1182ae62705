import Facts
import Foundation
import NIOHTTP1

/// The request as it reached the origin, for a client to see what the proxies between made of it.
struct RequestEcho: Encodable {
  private var version: String
  private var method: String
  private var target: String
  /// Names and values in their order, with the names' spelling.
  private var headers: [[String]]

  /// Whether a request is to be repeated.
  static func isWanted(by request: HTTPRequestHead, _ settings: OriginSettings) -> Bool {
    settings.echoesRequest || queryItems(of: request.uri).contains { $0 == ("echo", "1") }
  }

  /// A request without what may be a secret: whatever is not known to be harmless.
  init(_ request: HTTPRequestHead) {
    version = "HTTP/\(request.version.major).\(request.version.minor)"
    method = request.method.rawValue
    target = Self.shown(request.uri)
    headers = request.headers.map { name, value in
      [name, Self.harmlessHeaders.contains(name.lowercased()) ? value : Secret.redacted]
    }
  }

  /// The event.
  var event: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings alone: there is nothing that JSON could not say.
    let json = (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    return "event: request\ndata: \(json)\n\n"
  }

  /// The target with the values of its query's unknown names redacted.
  private static func shown(_ target: String) -> String {
    guard let mark = target.firstIndex(of: "?") else { return target }
    let items = target[target.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
    let shown = items.map { item in
      let name = item.prefix { $0 != "=" }
      return name == item && name.isEmpty || ["channel", "echo"].contains(name)
        ? String(item) : name == item ? Secret.redacted : "\(name)=\(Secret.redacted)"
    }
    return target[...mark] + shown.joined(separator: "&")
  }

  private static let harmlessHeaders: Set<String> = [
    "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection", "content-length",
    "content-type", "dnt", "forwarded", "host", "keep-alive", "last-event-id", "origin", "pragma", "priority",
    "proxy-connection", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "te", "transfer-encoding", "upgrade",
    "upgrade-insecure-requests", "user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
    "x-forwarded-proto", "x-forwarded-server", "x-real-ip", "x-request-id",
  ]
}
