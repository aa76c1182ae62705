import Facts

/// A URL in the one spelling that stands for all that lead to the same place: scheme and host in lower case, no port that
/// is the scheme's own, no slash at the end, no database that is Redis's first. User name, password and query count as
/// they are. Nil for what is no URL (RFC 3986 sections 3 and 6.2).
func canonicalURL(_ secret: Secret) -> String? {
  let text = Array(secret.reveal().utf8)
  guard let colon = text.firstIndex(of: Byte.colon), text[colon...].starts(with: "://".utf8) else { return nil }
  let written = String(decoding: text[..<colon], as: UTF8.self).lowercased()
  guard let first = written.utf8.first, (0x61...0x7A).contains(first),
    written.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) })
  else { return nil }
  let scheme = written == "postgresql" ? "postgres" : written
  let authority = text[(colon + 3)...].prefix { $0 != UInt8(ascii: "/") && !endsPath($0) }
  let path = text[authority.endIndex...].prefix { !endsPath($0) }
  // A password with an unescaped slash ends the authority here and nowhere else: clients differ on what it leads to.
  let mayHoldMore = text[authority.endIndex...].contains(UInt8(ascii: "@")) && !webSchemes.contains(scheme)
  if mayHoldMore { return nil }
  let hostStart = authority.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? authority.startIndex
  let named = String(decoding: authority[hostStart...], as: UTF8.self)
  let host = pathSchemes.contains(scheme) ? named : named.lowercased()
  let user = String(decoding: authority[..<hostStart], as: UTF8.self)
  return "\(scheme)://\(user)\(canonicalHost(host, scheme))"
    + canonicalPath(String(decoding: path, as: UTF8.self), scheme)
    + String(decoding: text[path.endIndex...], as: UTF8.self)
}

private func endsPath(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "?") || byte == Byte.numberSign }

/// Schemes of URLs in whose paths an `@` is a letter like others.
private let webSchemes: Set<String> = ["http", "https", "ws", "wss"]

/// Schemes of URLs that lead to a file and need no host.
let pathSchemes: Set<String> = ["file", "redis+socket", "redis+unix", "sqlite", "unix"]

/// The port that a client takes where the URL names none.
private let defaultPorts = [
  "redis": 6379, "rediss": 6379, "valkey": 6379, "valkeys": 6379, "http": 80, "ws": 80, "https": 443, "wss": 443,
  "postgres": 5432, "mysql": 3306, "mongodb": 27017, "amqp": 5672, "amqps": 5671,
]

private func canonicalHost(_ host: String, _ scheme: String) -> String {
  guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host }
  let port = host[host.index(after: colon)...]
  return port.isEmpty || defaultPorts[scheme].map { "\($0)" == port } == true ? String(host[..<colon]) : host
}

private func canonicalPath(_ path: String, _ scheme: String) -> String {
  var path = path[...]
  while path.last == "/" { path.removeLast() }
  let isRedis = ["redis", "rediss", "valkey", "valkeys"].contains(scheme)
  return isRedis && path == "/0" ? "" : String(path)
}

/// Schemes that say what a URL is for, and nothing of its owner.
let knownSchemes = Set(defaultPorts.keys).union(pathSchemes).union(["mongodb+srv", "nats", "redis+sentinel"])
