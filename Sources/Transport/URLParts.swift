import CCurl

/// A URL taken apart by libcurl's own parser, so that what is shown and compared is what is connected to (RFC 3986).
public struct URLParts: Sendable, Equatable {
  /// `http`, `https` …, in lower case.
  public var scheme: String
  /// Whether a user name or a password stands in it.
  public var hasUserInfo: Bool
  /// The host, IPv6 addresses in brackets.
  public var host: String
  /// The port; the scheme's own where none is written.
  public var port: String
  /// The path, at least `/`.
  public var path: String
  /// The query without its question mark; nil where there is none.
  public var query: String?

  /// The parts of an absolute URL; nil for text that is none.
  public init?(_ text: String) {
    self.init(reference: text, base: nil)
  }

  /// The parts of a reference resolved against a base (RFC 3986 section 5), as for a Location header.
  public init?(reference: String, base: String?) {
    guard let handle = doctor_curl_url() else { return nil }
    defer { doctor_curl_url_cleanup(handle) }
    if let base { guard doctor_curl_url_set(handle, CURLUPART_URL, base) == CURLUE_OK else { return nil } }
    guard doctor_curl_url_set(handle, CURLUPART_URL, reference) == CURLUE_OK else { return nil }
    func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
      var text: UnsafeMutablePointer<CChar>?
      guard doctor_curl_url_get(handle, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
      defer { doctor_curl_free(text) }
      return String(cString: text)
    }
    guard let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST) else { return nil }
    self.scheme = scheme
    self.host = host
    hasUserInfo = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
    port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT) ?? ""
    path = part(CURLUPART_PATH) ?? "/"
    query = part(CURLUPART_QUERY)
  }

  /// Scheme, host and port: what has to be equal for two URLs to have one origin (RFC 6454).
  public var origin: String { "\(scheme)://\(host):\(port)" }

  /// The whole URL without user-info.
  public var text: String { "\(scheme)://\(authority)\(path)" + (query.map { "?\($0)" } ?? "") }

  /// The host and the port, which is left out where it is the scheme's own: what a request names (RFC 9110 section 7.2).
  var authority: String {
    let isDefaultPort = (scheme == "http" && port == "80") || (scheme == "https" && port == "443") || port.isEmpty
    return "\(host)\(isDefaultPort ? "" : ":\(port)")"
  }

  /// The URL as it may be shown: without user-info, and with the values of all query parameters redacted but those that
  /// are known to be no credentials (channel names, project ids).
  public var redacted: String {
    var shown = self
    shown.query = query.map { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        let name = pair.prefix { $0 != "=" }
        return pair.count == name.count || Self.openParameters.contains(String(name)) ? String(pair) : "\(name)=…"
      }.joined(separator: "&")
    }
    return shown.text
  }

  private static let openParameters: Set<String> = ["channel", "projectId", "projectIds"]
}
