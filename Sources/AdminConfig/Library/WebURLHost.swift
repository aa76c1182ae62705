/// Hosts (WHATWG URL 3.5 to 3.10): domains, IPv4 and IPv6 addresses, and the opaque hosts of other schemes.

/// The serialised host that a text is.
func parseHost(_ bytes: [UInt8], isSpecial: Bool) throws(WebURLError) -> String {
  if bytes.first == UInt8(ascii: "[") {
    guard bytes.last == UInt8(ascii: "]"), let pieces = parseIPv6(Array(bytes[1...].dropLast())) else { throw .invalid }
    return "[" + serializeIPv6(pieces) + "]"
  }
  guard isSpecial else {
    guard !bytes.contains(where: { isForbidden($0) }) else { throw .invalid }
    return PercentEncodeSet.control.encode(bytes)
  }
  let decoded = percentDecoded(bytes)
  guard let text = String(validating: decoded, as: UTF8.self) else { throw .invalid }
  guard decoded.allSatisfy({ $0 < 0x80 }) else { throw .unsupported("a host name past ASCII") }
  let domain = text.lowercased()
  guard !domain.utf8.isEmpty, !domain.utf8.contains(where: { isForbiddenInDomain($0) }) else { throw .invalid }
  let labels = domain.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  guard !labels.contains(where: { $0.starts(with: "xn--".utf8) }) else { throw .unsupported("a host name in Punycode") }
  var parts = labels.map { Array($0) }
  if parts.count > 1, parts.last?.isEmpty ?? false { parts.removeLast() }
  guard let last = parts.last, isNumber(last) else { return domain }
  guard let address = parseIPv4(parts) else { throw .invalid }
  return address
}

/// A forbidden host code point.
private func isForbidden(_ byte: UInt8) -> Bool {
  "\0\t\n\r #/:<>?@[\\]^|".utf8.contains(byte)
}

/// A forbidden domain code point.
private func isForbiddenInDomain(_ byte: UInt8) -> Bool {
  isForbidden(byte) || byte < 0x20 || byte == UInt8(ascii: "%") || byte == 0x7F
}

/// Whether a host's last part makes it an address (ends-in-a-number checker).
private func isNumber(_ part: [UInt8]) -> Bool {
  !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) } || parseIPv4Number(part) != nil
}

private func parseIPv4(_ parts: [[UInt8]]) -> String? {
  guard parts.count <= 4 else { return nil }
  let numbers = parts.compactMap { parseIPv4Number($0) }
  guard numbers.count == parts.count, let last = numbers.last, numbers.dropLast().allSatisfy({ $0 <= 255 }),
    last < 1 << (8 * (5 - UInt64(parts.count)))
  else { return nil }
  let address = numbers.dropLast().enumerated().reduce(last) { $0 + $1.element << UInt64(24 - 8 * $1.offset) }
  return [24, 16, 8, 0].map { String(address >> UInt64($0) & 255) }.joined(separator: ".")
}

/// A part of an IPv4 address, capped past its largest value.
private func parseIPv4Number(_ part: [UInt8]) -> UInt64? {
  guard let first = part.first else { return nil }
  var digits = part[...]
  var radix: UInt64 = 10
  if first == UInt8(ascii: "0"), part.count > 1 {
    let isHexadecimal = part[1] | 0x20 == UInt8(ascii: "x")
    digits.removeFirst(isHexadecimal ? 2 : 1)
    radix = isHexadecimal ? 16 : 8
  }
  var value: UInt64 = 0
  for digit in digits {
    guard let place = hexadecimalDigit(UInt32(digit)), place < radix else { return nil }
    value = min(value * radix + UInt64(place), 1 << 32)
  }
  return value
}

private func parseIPv6(_ bytes: [UInt8]) -> [UInt16]? {
  var pieces: [UInt16] = []
  var compress: Int?
  var index = 0
  func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }
  if byte(0) == UInt8(ascii: ":") {
    guard byte(1) == UInt8(ascii: ":") else { return nil }
    index = 2
    compress = 0
  }
  while index < bytes.count {
    guard pieces.count < 8 else { return nil }
    if byte(index) == UInt8(ascii: ":") {
      guard compress == nil else { return nil }
      index += 1
      compress = pieces.count
      continue
    }
    let start = index
    var value: UInt32 = 0
    while index < start + 4, let digit = byte(index).flatMap({ hexadecimalDigit(UInt32($0)) }) {
      value = value * 16 + digit
      index += 1
    }
    if byte(index) == UInt8(ascii: ".") {
      guard index > start, pieces.count <= 6, let address = parseEmbeddedIPv4(bytes[start...]) else { return nil }
      pieces += [UInt16(address >> 16), UInt16(address & 0xFFFF)]
      break
    }
    pieces.append(UInt16(value))
    if byte(index) == UInt8(ascii: ":") {
      index += 1
      guard index < bytes.count else { return nil }
    } else if index < bytes.count {
      return nil
    }
  }
  guard let compress else { return pieces.count == 8 ? pieces : nil }
  guard pieces.count < 8 else { return nil }
  pieces.insert(contentsOf: Array(repeating: 0, count: 8 - pieces.count), at: compress)
  return pieces
}

/// Four decimal numbers without leading zeros, at the end of an IPv6 address.
private func parseEmbeddedIPv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
  let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  guard parts.count == 4 else { return nil }
  var address: UInt32 = 0
  for part in parts {
    guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
      part.count == 1 || part.first != UInt8(ascii: "0")
    else { return nil }
    let value = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1) - 0x30 }
    guard value <= 255 else { return nil }
    address = address << 8 | value
  }
  return address
}

/// The address with its longest run of zeros, two or more, left out (3.10).
private func serializeIPv6(_ pieces: [UInt16]) -> String {
  var longest = 0..<0
  var start = 0
  for index in 0...pieces.count where index == pieces.count || pieces[index] != 0 {
    if index - start > max(longest.count, 1) { longest = start..<index }
    start = index + 1
  }
  let texts = pieces.map { String($0, radix: 16) }
  guard !longest.isEmpty else { return texts.joined(separator: ":") }
  return texts[..<longest.lowerBound].joined(separator: ":") + "::"
    + texts[longest.upperBound...].joined(separator: ":")
}
