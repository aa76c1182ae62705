/// The directives of a Cache-Control header (RFC 9111 section 5.2).
struct CacheControl {
  /// Each directive's argument by its name in lower case; empty without one.
  private var directives: [String: String] = [:]

  /// Reads the header's values in one line.
  init(_ line: String) {
    var isQuoted = false
    let parts = line.split { character in
      if character == "\"" { isQuoted.toggle() }
      return character == "," && !isQuoted
    }
    for part in parts {
      let pair = part.filter { !$0.isWhitespace && $0 != "\"" }
        .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      directives[pair[0].lowercased()] = pair.count > 1 ? String(pair[1]) : ""
    }
  }

  /// How long a shared cache may reuse the response, in seconds; nil where nothing says it.
  private var lifetime: Int? { (directives["s-maxage"] ?? directives["max-age"]).flatMap { Int($0) } }

  /// Whether no shared cache may answer another request with the response. With an argument, no-cache and private are
  /// about some headers alone.
  var forbidsReuse: Bool {
    directives["no-store"] != nil || directives["no-cache"] == "" || directives["private"] == ""
      || lifetime.map { $0 <= 0 } == true
  }

  /// Whether it says that a cache may keep the response.
  var allowsReuse: Bool { !forbidsReuse && (lifetime != nil || directives["public"] != nil) }

  /// Whether it says neither, so that a cache may go by what it likes (RFC 9111 section 4.2.2).
  var isSilent: Bool { !forbidsReuse && !allowsReuse }

  /// Whether whatever passes the response on may not change its body.
  var forbidsTransforming: Bool { directives["no-transform"] != nil }
}
