/// What assigning to a member of the class URL does (WHATWG URL 6.1).
extension WebURL {
  mutating func setScheme(_ text: String) {
    let bytes = withoutLineEnds(text.utf8)
    guard let name = normalizedScheme(bytes.prefix { $0 != UInt8(ascii: ":") }) else { return }
    var changed = self
    changed.schemeName = name
    guard changed.isSpecial == isSpecial else { return }
    if changed.isFile, portNumber != nil || !encodedUsername.utf8.isEmpty || !encodedPassword.utf8.isEmpty { return }
    if isFile, hostname.utf8.isEmpty { return }
    if changed.portNumber == changed.defaultPort { changed.portNumber = nil }
    self = changed
  }

  mutating func setHost(_ text: String, takesPort: Bool) {
    guard !hasOpaquePath else { return }
    var parser = WebURLParser(part: text, of: self)
    guard (try? parser.parseHostPart(takesPort: takesPort)) != nil else { return }
    self = parser.url
  }

  mutating func setPort(_ text: String) {
    guard canHaveCredentials else { return }
    guard !text.utf8.isEmpty else {
      portNumber = nil
      return
    }
    let digits = WebURLParser(part: text, of: self).leadingDigits
    if !digits.isEmpty { try? setPort(digits: digits) }
  }

  /// Sets the port that digits name; none, and the default one, is nil.
  mutating func setPort(digits: ArraySlice<UInt8>) throws(WebURLError) {
    var number = 0
    for digit in digits {
      number = number * 10 + Int(digit) - 0x30
      guard number <= 0xFFFF else { throw .invalid }
    }
    portNumber = digits.isEmpty || UInt16(number) == defaultPort ? nil : UInt16(number)
  }

  mutating func setPath(_ text: String) {
    guard !hasOpaquePath else { return }
    var parser = WebURLParser(part: text, of: self)
    parser.parsePathPart()
    self = parser.url
  }

  mutating func setQuery(_ text: String) {
    let bytes = withoutLineEnds(text.utf8)
    let content = bytes.first == UInt8(ascii: "?") ? bytes.dropFirst() : bytes[...]
    query = text.utf8.isEmpty ? nil : encodedQuery(content)
  }

  mutating func setFragment(_ text: String) {
    let bytes = withoutLineEnds(text.utf8)
    let content = bytes.first == UInt8(ascii: "#") ? bytes.dropFirst() : bytes[...]
    fragment = text.utf8.isEmpty ? nil : PercentEncodeSet.fragment.encode(content)
  }
}
