/// URLs as the URL class of JavaScript has them (WHATWG URL Standard): records, their serialisation and their parts.

/// Why a text is no URL, or none that is followed here.
enum WebURLError: Error, Sendable, Equatable {
  /// JavaScript throws a TypeError.
  case invalid
  /// JavaScript may parse it, this library doesn't; the phrase says what it is.
  case unsupported(String)
}

/// A URL record (4.1). The texts in it are percent-encoded.
struct WebURL: Sendable {
  enum Path: Sendable {
    case opaque(String)
    case segments([String])
  }

  var schemeName = ""
  var encodedUsername = ""
  var encodedPassword = ""
  /// The serialised host; nil for none, which is not the empty one.
  var serializedHost: String?
  var portNumber: UInt16?
  var path = Path.segments([])
  var query: String?
  var fragment: String?

  /// An empty record, for the parser to fill.
  init() {}

  /// Parses a text, which may be relative to a base (4.4).
  init(_ text: String, base: WebURL? = nil) throws(WebURLError) {
    guard text.utf8.count <= LibraryLimit.textBytes else { throw .unsupported("a URL that is too long") }
    var parser = WebURLParser(text, base: base)
    try parser.parse()
    self = parser.url
  }

  var isFile: Bool { schemeName == "file" }
  var isSpecial: Bool { isFile || defaultPort != nil }

  var defaultPort: UInt16? {
    switch schemeName {
    case "http", "ws": 80
    case "https", "wss": 443
    case "ftp": 21
    default: nil
    }
  }

  var hasOpaquePath: Bool {
    if case .opaque = path { true } else { false }
  }

  /// Whether there is a host that credentials and a port can belong to.
  var canHaveCredentials: Bool { serializedHost.map { !$0.utf8.isEmpty } ?? false && !isFile }

  /// The whole URL (4.5).
  var href: String {
    var result = schemeName + ":"
    if let serializedHost {
      result += "//" + encodedUsername
      if !encodedPassword.utf8.isEmpty { result += ":" + encodedPassword }
      if !encodedUsername.utf8.isEmpty || !encodedPassword.utf8.isEmpty { result += "@" }
      result += serializedHost + (portNumber.map { ":\($0)" } ?? "")
    } else if case .segments(let segments) = path, segments.count > 1, segments.first?.utf8.isEmpty ?? false {
      // Two slashes at the start would be taken for a host.
      result += "/."
    }
    return result + pathname + (query.map { "?" + $0 } ?? "") + (fragment.map { "#" + $0 } ?? "")
  }

  /// The origin (4.7), `null` where it is opaque.
  var origin: String {
    if schemeName == "blob", let inner = try? WebURL(pathname), ["http", "https"].contains(inner.schemeName) {
      return inner.origin
    }
    return isSpecial && !isFile ? schemeName + "://" + host : "null"
  }
}

// The members of the class URL (6.1). A setter that gets what does not fit leaves the URL as it was.
extension WebURL {
  /// With its colon; the member `protocol`.
  var scheme: String {
    get { schemeName + ":" }
    set { setScheme(newValue) }
  }

  var username: String {
    get { encodedUsername }
    set { if canHaveCredentials { encodedUsername = PercentEncodeSet.userinfo.encode(newValue.utf8) } }
  }

  var password: String {
    get { encodedPassword }
    set { if canHaveCredentials { encodedPassword = PercentEncodeSet.userinfo.encode(newValue.utf8) } }
  }

  /// With the port, where there is one.
  var host: String {
    get { (serializedHost ?? "") + (portNumber.map { ":\($0)" } ?? "") }
    set { setHost(newValue, takesPort: true) }
  }

  var hostname: String {
    get { serializedHost ?? "" }
    set { setHost(newValue, takesPort: false) }
  }

  var port: String {
    get { portNumber.map { "\($0)" } ?? "" }
    set { setPort(newValue) }
  }

  var pathname: String {
    get {
      switch path {
      case .opaque(let text): text
      case .segments(let segments): segments.map { "/" + $0 }.joined()
      }
    }
    set { setPath(newValue) }
  }

  /// With its question mark; empty when there is nothing after it.
  var search: String {
    get { query.map { $0.utf8.isEmpty ? "" : "?" + $0 } ?? "" }
    set { setQuery(newValue) }
  }

  /// With its number sign; empty when there is nothing after it.
  var hash: String {
    get { fragment.map { $0.utf8.isEmpty ? "" : "#" + $0 } ?? "" }
    set { setFragment(newValue) }
  }

  /// The query as a form; setting it writes the query anew.
  var searchParams: [(String, String)] {
    get { parseForm(query ?? "") }
    set { query = newValue.isEmpty ? nil : serializeForm(newValue) }
  }
}
