public import Facts

/// A Redis server and the credentials to enter with.
public struct RedisTarget: Sendable, Equatable {
  /// Where it is.
  public var endpoint: RedisEndpoint
  /// The ACL user; nil for the default user.
  public var username: Secret?
  /// The password; nil where none is given.
  public var password: Secret?
  /// The URL's scheme as it is written; nil where none is.
  public var scheme: String?
  /// The sentinels that know where the server is; nil where the endpoint itself says so.
  public var sentinels: RedisSentinels?

  /// A server with credentials.
  public init(endpoint: RedisEndpoint, username: Secret? = nil, password: Secret? = nil, scheme: String? = nil) {
    self.endpoint = endpoint
    self.username = username
    self.password = password
    self.scheme = scheme
  }
}

/// Sentinels, and the master that they are asked for (redis.io/docs: Sentinel clients).
public struct RedisSentinels: Sendable, Equatable {
  /// Where they are.
  public var addresses: [RedisEndpoint]
  /// The master's name.
  public var master: String
  /// The name as it may be shown.
  public var shownMaster: String
  /// The password of the sentinels themselves; nil where they have none.
  public var password: Secret?

  /// Sentinels of a master.
  public init(_ addresses: [RedisEndpoint], master: String, password: Secret? = nil) {
    self.addresses = addresses
    self.master = master
    shownMaster = master
    self.password = password
  }

  /// Sentinels from a list such as VALKEY_SENTINELS: `host:port,host`, 26379 being the port that is not written.
  ///
  /// - Throws: `RedisURLError` for a list with something else in it.
  public init(list: String, master: String, password: Secret? = nil) throws(RedisURLError) {
    var addresses: [RedisEndpoint] = []
    for item in list.split(separator: ",") {
      let text = String(item.drop { $0 == " " })
      let (host, port) = try hostAndPort(text, defaultPort: 26379)
      addresses.append(RedisEndpoint(host: host, port: port))
    }
    if addresses.isEmpty { throw RedisURLError(reason: "the list of sentinels is empty") }
    self.init(addresses, master: master, password: password)
  }
}

/// Text that does not lead to a Redis server.
public struct RedisURLError: Error, Sendable, Equatable {
  /// What is wrong and what was expected; no part of the URL stands in it but its scheme.
  public var reason: String
}

/// Reads a Redis URL as the clients of the field do: `redis://`, `rediss://` (TLS), `valkey://`, `valkeys://`,
/// `unix:/path`, a path, or `host:port` (RFC 3986 authority; the path's first segment or `?db=` is the database), and
/// `redis+sentinel://host:port,host:port/master/2`.
///
/// - Throws: `RedisURLError` for text that a client would not connect with, or would connect elsewhere than it says.
public func redisTarget(_ url: Secret) throws(RedisURLError) -> RedisTarget {
  let text = url.reveal()
  if text.isEmpty { throw RedisURLError(reason: "the URL is empty") }
  if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
    throw RedisURLError(
      reason: "the URL contains white space or control characters; in a user name or password a blank is %20")
  }
  if text.hasPrefix("/") { return try socketTarget(text[...]) }
  guard let mark = text.firstRange(of: "://") else {
    if text.hasPrefix("unix:") { return try socketTarget(text.dropFirst("unix:".count)) }
    // ioredis takes a bare port and a bare host[:port]. A word alone is more likely something else, maybe a secret.
    if text.utf8.allSatisfy(isDigit) { return try serverTarget("localhost:\(text)", usesTLS: false) }
    guard text == "localhost" || text.contains(where: { ".:@".contains($0) }) else {
      throw RedisURLError(reason: "it has no scheme; expected redis:// or rediss:// (TLS)")
    }
    return try serverTarget(text[...], usesTLS: false)
  }
  let rest = text[mark.upperBound...]
  let scheme = String(text[..<mark.lowerBound])
  switch scheme.lowercased() {
  case "redis", "valkey": return try serverTarget(rest, usesTLS: false, scheme: scheme)
  case "rediss", "valkeys": return try serverTarget(rest, usesTLS: true, scheme: scheme)
  case "redis+sentinel", "redis-sentinel": return try sentinelTarget(rest, usesTLS: false, scheme: scheme)
  case "rediss+sentinel", "rediss-sentinel": return try sentinelTarget(rest, usesTLS: true, scheme: scheme)
  case "unix", "redis+socket", "redis+unix": return try socketTarget(rest)
  case let other where other.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == 0x2B || $0 == 0x2D }:
    throw RedisURLError(reason: "the scheme \(other):// is not Redis; expected redis:// or rediss:// (TLS)")
  default:
    throw RedisURLError(reason: "no scheme can be made out; expected redis:// or rediss:// (TLS)")
  }
}

/// `user:password@host:port,host:port/master/db`, or `…/db#master` as Lettuce writes it.
private func sentinelTarget(
  _ rest: Substring, usesTLS: Bool, scheme: String
) throws(RedisURLError) -> RedisTarget {
  let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  let hosts = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
  let userInfo = authority.dropLast(hosts.count)
  let tail = rest.dropFirst(authority.count)
  var path = tail.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").map(String.init)
  let fragment = tail.drop { $0 != "#" }.dropFirst()
  let master = fragment.isEmpty ? (path.isEmpty ? "" : path.removeFirst()) : String(fragment)
  guard !master.isEmpty, path.count <= 1 else {
    throw RedisURLError(
      reason: "expected the master's name after the sentinels: redis+sentinel://host:26379/mymaster/0")
  }
  // Whoever the sentinels name is entered with these credentials.
  var target = try serverTarget("\(userInfo)\(master)/\(path.first ?? "")", usesTLS: usesTLS, scheme: scheme)
  target.sentinels = try RedisSentinels(list: String(hosts), master: master)
  return target
}

private func serverTarget(
  _ rest: some StringProtocol, usesTLS: Bool, scheme: String? = nil
) throws(RedisURLError) -> RedisTarget {
  let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  let tail = rest.dropFirst(authority.count)
  var host = authority[...]
  var username: Secret?
  var password: Secret?
  if let at = authority.lastIndex(of: "@") {
    let userInfo = authority[..<at]
    host = authority[authority.index(after: at)...]
    let user = userInfo.prefix { $0 != ":" }
    if !user.isEmpty { username = Secret(try percentDecoded(user, what: "user name")) }
    if user.count < userInfo.count {
      password = Secret(try percentDecoded(userInfo.dropFirst(user.count + 1), what: "password"))
    }
  } else if tail.contains("@") {
    throw RedisURLError(
      reason:
        "the password seems to contain an unencoded /, ? or #; write %2F, %3F or %23, or clients connect elsewhere")
  }
  let (name, port) = try hostAndPort(host)
  let database = try databaseIndex(tail)
  let endpoint = RedisEndpoint(host: name, port: port, database: database, usesTLS: usesTLS)
  return RedisTarget(endpoint: endpoint, username: username, password: password, scheme: scheme)
}

private func socketTarget(_ rest: Substring) throws(RedisURLError) -> RedisTarget {
  let path = rest.prefix { $0 != "?" }
  guard path.hasPrefix("/"), path.count > 1 else {
    throw RedisURLError(reason: "a Unix socket needs an absolute path, as in unix:/run/redis.sock")
  }
  let database = try databaseIndex(rest.dropFirst(path.count))
  return RedisTarget(endpoint: RedisEndpoint(host: String(path), port: 0, database: database, isUnixSocket: true))
}

private func hostAndPort(
  _ text: some StringProtocol, defaultPort: Int = 6379
) throws(RedisURLError) -> (host: String, port: Int) {
  var name = text[...]
  var digits = text[text.endIndex...]
  if text.hasPrefix("[") {
    guard let close = text.firstIndex(of: "]") else {
      throw RedisURLError(reason: "the IPv6 address has no closing bracket")
    }
    name = text[text.index(after: text.startIndex)..<close]
    digits = text[text.index(after: close)...]
    guard digits.isEmpty || digits.hasPrefix(":") else {
      throw RedisURLError(reason: "after the IPv6 address comes neither a port nor the end")
    }
    digits = digits.dropFirst()
  } else if let colon = text.firstIndex(of: ":") {
    name = text[..<colon]
    digits = text[text.index(after: colon)...]
  }
  // Every client falls back to this host, this port and database 0.
  let host = name.isEmpty ? "localhost" : try percentDecoded(name, what: "host")
  guard host.utf8.allSatisfy({ isDigit($0) || isLetter($0) || ".-_:%".utf8.contains($0) || $0 >= 0x80 }) else {
    throw RedisURLError(
      reason: "the host has characters that no host has; is an @ before it written as %40 by mistake?")
  }
  if digits.isEmpty { return (host, defaultPort) }
  guard digits.utf8.allSatisfy(isDigit), let port = Int(digits), (1...65535).contains(port) else {
    throw RedisURLError(reason: "the port is not a number from 1 to 65535")
  }
  return (host, port)
}

/// The database from `/2`, else from `?db=2`, else 0.
private func databaseIndex(_ tail: some StringProtocol) throws(RedisURLError) -> Int {
  let withoutFragment = tail.prefix { $0 != "#" }
  let path = withoutFragment.prefix { $0 != "?" }
  let segment = path.dropFirst().prefix { $0 != "/" }
  var digits = String(segment)
  if digits.isEmpty {
    let query = withoutFragment.dropFirst(path.count + 1)
    let parameter = query.split(separator: "&").last { $0.hasPrefix("db=") }
    digits = parameter.map { String($0.dropFirst("db=".count)) } ?? ""
  }
  if digits.isEmpty { return 0 }
  guard digits.utf8.allSatisfy(isDigit), let index = Int(digits) else {
    throw RedisURLError(reason: "the database is not a whole number")
  }
  return index
}

private func percentDecoded(_ text: some StringProtocol, what: String) throws(RedisURLError) -> String {
  var bytes: [UInt8] = []
  var rest = text.utf8[...]
  while let byte = rest.popFirst() {
    guard byte == 0x25 else {
      bytes.append(byte)
      continue
    }
    guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
      throw RedisURLError(reason: "the \(what) contains a % that is not followed by two hexadecimal digits; write %25")
    }
    bytes.append(high << 4 | low)
  }
  return String(decoding: bytes, as: UTF8.self)
}

private func hexValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x41 + 10
  case 0x61...0x66: byte - 0x61 + 10
  default: nil
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
