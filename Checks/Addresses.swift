// Whose a host is, as far as its name or its address tells: this machine's, a private network's, anyone's.

/// The host in a URL's authority, in lower case, without brackets; nil where there is none.
func hostName(inURL url: String) -> String? {
  guard let scheme = url.firstRange(of: "://") else { return nil }
  let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
  let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
  let host = place.first == "[" ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
  return host.isEmpty ? nil : host.lowercased()
}

/// `10.0.0.5:6379` and `[::1]:6379` without the port.
func withoutPort(_ address: String) -> String {
  if address.first == "[" { return String(address.dropFirst().prefix { $0 != "]" }) }
  return address.contains(":") ? String(address[..<(address.lastIndex(of: ":") ?? address.endIndex)]) : address
}

/// Whether a host name or address means the machine that uses it.
func isLoopback(_ host: String) -> Bool {
  let name = host.lowercased()
  let isInLoopbackBlock = name.hasPrefix("127.") && name.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
  return ["localhost", "::1", "0.0.0.0", "::", "0:0:0:0:0:0:0:1"].contains(name) || isInLoopbackBlock
    || name.hasSuffix(".localhost")
}

/// Whether an address is a loopback, a link-local or a private one.
func isPrivateAddress(_ address: String) -> Bool {
  let address = address.lowercased()
  guard address.contains(":") else { return isPrivateIPv4(address[...]) }
  if address == "::1" { return true }
  if address.hasPrefix("::ffff:") { return isPrivateIPv4(address.dropFirst("::ffff:".count)) }
  // fc00::/7 is unique local, fe80::/10 link-local (RFC 4193, RFC 4291).
  guard let first = UInt16(address.prefix { $0 != ":" }, radix: 16) else { return false }
  return first & 0xFE00 == 0xFC00 || first & 0xFFC0 == 0xFE80
}

private func isPrivateIPv4(_ address: Substring) -> Bool {
  let octets = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
  guard octets.count == 4, let first = octets[0], let second = octets[1], !octets.contains(nil) else { return false }
  return switch (first, second) {
  case (10, _), (127, _), (192, 168), (169, 254), (172, 16...31), (100, 64...127): true
  default: false
  }
}

/// Whether a host is written as an address.
func isAddress(_ host: String) -> Bool {
  host.contains(":") || host.allSatisfy { $0 == "." || $0.isNumber }
}

/// Whether a host name is one that only a private network knows: without a dot, or under a domain that is on no public
/// server (RFC 6762, RFC 8375, and ICANN's .internal).
func isPrivateName(_ host: String) -> Bool {
  let domains = [".local", ".internal", ".lan", ".home.arpa", ".localdomain", ".svc", ".test"]
  return !host.contains(".") && !host.contains(":") || domains.contains { host.hasSuffix($0) }
}

/// The origin of an http URL as browsers write it (RFC 6454 section 6.2): `https://admin.example.com`.
func origin(ofURL url: String) -> String {
  guard let scheme = url.firstRange(of: "://") else { return url }
  return String(url[..<scheme.upperBound] + url[scheme.upperBound...].prefix { !"/?#".contains($0) }).lowercased()
}
