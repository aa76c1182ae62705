/// What a stream URL of the manifest comes to.
enum StreamURL: Equatable {
  /// A URL to open.
  case complete(String)
  /// The URL has no path, and none was given to add.
  case lacksPath
  /// What is wrong with it, to follow its name: `must …`. Never a part of it.
  case problem(String)
}

/// Checks an `http` or `https` URL and adds the stream's path where it has none. A fragment is left out: it is never
/// sent (RFC 9110 §4.2.5).
func streamURL(_ text: String, path streamPath: String?) -> StreamURL {
  let shape = "must be a URL such as https://admin.example.com"
  guard let separator = text.firstRange(of: "://"),
    ["http", "https"].contains(text[..<separator.lowerBound].lowercased())
  else { return .problem("\(shape): it begins with http:// or https://") }
  let rest = text[separator.upperBound...]
  let authority = rest.prefix { !"/?#\\".contains($0) }
  if authority.contains("@") {
    return .problem("must have no user name and password: send a header from a file instead")
  }
  if text.contains(where: \.isWhitespace) || text.contains("\\") {
    return .problem("\(shape): it has no space and no backslash")
  }
  guard isAuthority(authority) else { return .problem("\(shape): the host or the port is not right") }

  let origin = text[..<authority.endIndex]
  let target = text[authority.endIndex...].prefix { $0 != "#" }
  let query = target.drop { $0 != "?" }
  if target.count - query.count > 1 { return .complete(String(origin + target)) }
  guard let streamPath else { return .lacksPath }
  return .complete(origin + streamPath + query)
}

/// What is wrong with an inline Redis URL, to follow its name, or nil. Never a part of it.
func problem(ofRedisURL text: String) -> String? {
  let query = text.drop { $0 != "?" }.lowercased()
  // Clients disagree on where user-info ends when it holds `/` or `#`, so an `@` is refused wherever it stands.
  if text.contains("@") || query.contains("password=") || query.contains("username=") {
    return "must not hold a user name or password: use `url: { variable: NAME }` or `url: { file: PATH }`"
  }
  if ["redis+sentinel://", "rediss+sentinel://"].contains(where: { text.hasPrefix($0) }) {
    return redisURLProblem(text).map { "can't be used: \($0)" }
  }
  let rest = ["redis://", "rediss://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
  guard let rest, !text.contains(where: \.isWhitespace) else {
    return "must be a URL such as redis://cache:6379/0, rediss://cache:6380 or redis+sentinel://host:26379/mymaster"
  }
  guard isAuthority(rest.prefix { !"/?#".contains($0) }) else {
    return "must be a URL such as redis://cache:6379/0: the host or the port is not right"
  }
  return nil
}

/// Whether this is a host and perhaps a port from 1 to 65535 (RFC 3986 §3.2).
private func isAuthority(_ authority: Substring) -> Bool {
  var host = authority
  var port: Substring?
  if authority.hasPrefix("[") {
    guard let close = authority.firstIndex(of: "]") else { return false }
    host = authority[authority.index(after: authority.startIndex)..<close]
    let rest = authority[authority.index(after: close)...]
    if !rest.isEmpty {
      guard rest.hasPrefix(":") else { return false }
      port = rest.dropFirst()
    }
    guard host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return false }
  } else if let colon = authority.firstIndex(of: ":") {
    host = authority[..<colon]
    port = authority[authority.index(after: colon)...]
  }
  if host.isEmpty { return false }
  guard let port else { return true }
  return port.allSatisfy { $0.isASCII && $0.isNumber } && (1...65535).contains(Int(port) ?? 0)
}

/// Whether this is a token (RFC 9110 §5.6.2).
public func isHeaderName(_ name: String) -> Bool {
  !name.isEmpty
    && name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
}

/// What is wrong with a proxy's URL, in a phrase; nil for nothing. Never a part of it.
public func proxyURLProblem(_ text: String) -> String? {
  let shape = "must be a URL such as http://proxy:3128 or socks5h://proxy:1080"
  guard let separator = text.firstRange(of: "://"),
    ["http", "https", "socks4", "socks4a", "socks5", "socks5h"].contains(text[..<separator.lowerBound].lowercased())
  else { return "\(shape): it begins with http://, https:// or a kind of socks://" }
  let authority = text[separator.upperBound...].prefix { !"/?#\\".contains($0) }
  let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
  // Of an @ that stands after the host nobody can say what was meant.
  guard isAuthority(host), !text.contains(where: \.isWhitespace), !text[authority.endIndex...].contains("@") else {
    return "\(shape): the host or the port is not right"
  }
  return nil
}

/// What is wrong with a page's origin, in a phrase; nil for nothing. Servers compare it with what browsers send, so it
/// has to stand as these write it (RFC 6454 §6.2).
public func originProblem(_ text: String) -> String? {
  let shape = "must be a page's origin as browsers send it, such as https://admin.example.com"
  guard let scheme = ["http://", "https://"].first(where: { text.hasPrefix($0) }) else {
    return "\(shape): it begins with http:// or https://"
  }
  let authority = text.dropFirst(scheme.count)
  let isPlain = authority.utf8.allSatisfy { byte in
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || ".-_:[]".utf8.contains(byte)
  }
  guard isPlain, isAuthority(authority) else {
    return "\(shape): after the host and the port, in lower case, nothing follows"
  }
  if authority.hasSuffix(scheme == "http://" ? ":80" : ":443") { return "\(shape): without the scheme's own port" }
  return nil
}
