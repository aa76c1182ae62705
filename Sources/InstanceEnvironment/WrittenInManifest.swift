/// Whether a value stands in the manifest that it was read from: none of it came from elsewhere, or it is a URL whose
/// password, or whose user name where it has no password, is written out. `redis://:secret@${HOST}` counts,
/// `redis://:${PASSWORD}@redis` does not.
///
/// - Parameters:
///   - start: Where the value begins among the bytes.
///   - replaced: What stands in place of references, as places among the bytes. A reference's default counts like a value
///     from elsewhere: it is there to be overridden.
func isWritten(_ bytes: some Collection<UInt8>, from start: Int = 0, replaced: [Range<Int>]) -> Bool {
  if replaced.allSatisfy({ $0.lowerBound < start }) { return true }
  guard let secret = userSecret(in: Array(bytes), from: start) else { return false }
  return !replaced.contains { $0.overlaps(secret) }
}

/// Where the password of a URL stands, or its user name where it has none (RFC 3986 section 3.2.1). The last `@` counts:
/// clients take passwords that hold one unescaped.
private func userSecret(in bytes: [UInt8], from start: Int) -> Range<Int>? {
  guard let mark = bytes[start...].firstRange(of: Array("://".utf8)) else { return nil }
  let authority = bytes[mark.upperBound...].prefix { !"/?#".utf8.contains($0) }
  guard let end = authority.lastIndex(of: UInt8(ascii: "@")) else { return nil }
  let user = authority[..<end]
  let secret = user.firstIndex(of: Byte.colon).map { user[($0 + 1)...] } ?? user
  return secret.isEmpty ? nil : secret.indices
}
