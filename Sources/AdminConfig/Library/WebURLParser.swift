/// The URL parser (WHATWG URL 4.4). It works on UTF-8 bytes: every delimiter is ASCII, and outside hosts all other
/// bytes are percent-encoded.
struct WebURLParser {
  var url = WebURL()
  private let base: WebURL?
  let bytes: [UInt8]
  var cursor = 0

  init(_ text: String, base: WebURL?) {
    self.base = base
    var bytes = Array(text.utf8)[...]
    while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    self.bytes = withoutLineEnds(bytes)
  }

  /// A parser for a new part of a URL that is there already.
  init(part text: String, of url: WebURL) {
    self.url = url
    base = nil
    bytes = withoutLineEnds(Array(text.utf8))
  }

  var current: UInt8? { cursor < bytes.count ? bytes[cursor] : nil }
  private var next: UInt8? { cursor + 1 < bytes.count ? bytes[cursor + 1] : nil }

  func isSlash(_ byte: UInt8?) -> Bool {
    byte == UInt8(ascii: "/") || url.isSpecial && byte == UInt8(ascii: "\\")
  }

  mutating func parse() throws(WebURLError) {
    if let scheme = takeScheme() {
      url.schemeName = scheme
      if url.isFile { return try parseFile() }
      if url.isSpecial {
        let isRelative = base?.schemeName == scheme && !(current == UInt8(ascii: "/") && next == UInt8(ascii: "/"))
        return isRelative ? try parseRelative() : try parseAfterSlashes()
      }
      guard current == UInt8(ascii: "/") else { return try parseOpaquePath() }
      guard next == UInt8(ascii: "/") else { return parsePath() }
      cursor += 2
      return try parseAuthority()
    }
    guard let base else { throw .invalid }
    guard !base.hasOpaquePath else {
      guard current == UInt8(ascii: "#") else { throw .invalid }
      url = base
      return parseQueryAndFragment()
    }
    url.schemeName = base.schemeName
    return base.isFile ? try parseFile() : try parseRelative()
  }

  private mutating func takeScheme() -> String? {
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), let scheme = normalizedScheme(bytes[..<colon]) else {
      return nil
    }
    cursor = colon + 1
    return scheme
  }

  /// The states relative and relative slash; the base has the URL's scheme.
  private mutating func parseRelative() throws(WebURLError) {
    guard let base else { throw .invalid }
    if isSlash(current) {
      if isSlash(next), url.isSpecial || next == UInt8(ascii: "/") {
        if url.isSpecial { return try parseAfterSlashes() }
        cursor += 2
        return try parseAuthority()
      }
      copyAuthority(of: base)
      return parsePath()
    }
    copyAuthority(of: base)
    try parseRelativePath(to: base)
  }

  private mutating func copyAuthority(of base: WebURL) {
    url.encodedUsername = base.encodedUsername
    url.encodedPassword = base.encodedPassword
    url.serializedHost = base.serializedHost
    url.portNumber = base.portNumber
  }

  private mutating func parseRelativePath(to base: WebURL) throws(WebURLError) {
    url.path = base.path
    url.query = base.query
    switch current {
    case nil: return
    case UInt8(ascii: "?"), UInt8(ascii: "#"): parseQueryAndFragment()
    default:
      url.query = nil
      var segments: [String] = []
      if case .segments(let known) = base.path { segments = known }
      shorten(&segments, isFile: url.isFile)
      url.path = .segments(url.isFile && startsWithDriveLetter(at: cursor) ? [] : segments)
      parsePath(isAfterSlash: true)
    }
  }

  /// The state special authority ignore slashes.
  private mutating func parseAfterSlashes() throws(WebURLError) {
    while isSlash(current) { cursor += 1 }
    try parseAuthority()
  }

  private mutating func parseAuthority() throws(WebURLError) {
    let end = authorityEnd
    if let at = bytes[cursor..<end].lastIndex(of: UInt8(ascii: "@")) {
      guard at + 1 < end else { throw .invalid }
      let credentials = bytes[cursor..<at]
      let colon = credentials.firstIndex(of: UInt8(ascii: ":")) ?? at
      url.encodedUsername = PercentEncodeSet.userinfo.encode(credentials[..<colon])
      url.encodedPassword = PercentEncodeSet.userinfo.encode(credentials[colon...].dropFirst())
      cursor = at + 1
    }
    let colon = portColon(in: cursor..<end)
    guard colon == nil || colon != cursor else { throw .invalid }
    guard cursor < end || !url.isSpecial else { throw .invalid }
    url.serializedHost = try parseHost(Array(bytes[cursor..<(colon ?? end)]), isSpecial: url.isSpecial)
    if let colon {
      let digits = bytes[(colon + 1)..<end]
      guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .invalid }
      try url.setPort(digits: digits)
    }
    cursor = end
    parsePathStart()
  }

  private var authorityEnd: Int {
    bytes[cursor...].firstIndex { isSlash($0) || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.count
  }

  /// The colon before a port: the first outside brackets.
  private func portColon(in range: Range<Int>) -> Int? {
    var isInBrackets = false
    return bytes[range].firstIndex { byte in
      if byte == UInt8(ascii: "[") { isInBrackets = true }
      if byte == UInt8(ascii: "]") { isInBrackets = false }
      return byte == UInt8(ascii: ":") && !isInBrackets
    }
  }

  /// The host and the port that a setter gives. A host that does not fit leaves the URL as it was.
  mutating func parseHostPart(takesPort: Bool) throws(WebURLError) {
    let end = authorityEnd
    let colon = url.isFile ? nil : portColon(in: 0..<end)
    if colon != nil, !takesPort { throw .invalid }
    let host = bytes[..<(colon ?? end)]
    guard !host.isEmpty || !needsHost(withPort: colon != nil) else { throw .invalid }
    let parsed = host.isEmpty ? "" : try parseHost(Array(host), isSpecial: url.isSpecial)
    url.serializedHost = url.isFile && parsed == "localhost" ? "" : parsed
    if let colon {
      let digits = bytes[(colon + 1)..<end].prefix { (0x30...0x39).contains($0) }
      if !digits.isEmpty { try? url.setPort(digits: digits) }
    }
  }

  /// Whether the URL cannot do without a host.
  private func needsHost(withPort: Bool) -> Bool {
    withPort || url.isSpecial && !url.isFile || !url.encodedUsername.utf8.isEmpty
      || !url.encodedPassword.utf8.isEmpty || url.portNumber != nil
  }

  /// The digits at the start of what a setter gives.
  var leadingDigits: ArraySlice<UInt8> { bytes.prefix { (0x30...0x39).contains($0) } }

  /// The states file, file slash and file host.
  private mutating func parseFile() throws(WebURLError) {
    let fileBase = base.flatMap { $0.isFile ? $0 : nil }
    url.serializedHost = ""
    guard isSlash(current) else {
      guard let fileBase else { return parsePath(isAfterSlash: true) }
      url.serializedHost = fileBase.serializedHost
      return try parseRelativePath(to: fileBase)
    }
    guard isSlash(next) else {
      if let fileBase {
        url.serializedHost = fileBase.serializedHost
        if !startsWithDriveLetter(at: cursor + 1), case .segments(let segments) = fileBase.path,
          let first = segments.first, isNormalizedDriveLetter(first)
        {
          url.path = .segments([first])
        }
      }
      return parsePath()
    }
    cursor += 2
    let end = authorityEnd
    if end - cursor == 2, startsWithDriveLetter(at: cursor) { return parsePath(isAfterSlash: true) }
    if end > cursor {
      let host = try parseHost(Array(bytes[cursor..<end]), isSpecial: true)
      url.serializedHost = host == "localhost" ? "" : host
    }
    cursor = end
    parsePathStart()
  }

  private mutating func parseOpaquePath() throws(WebURLError) {
    let end = bytes[cursor...].firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.count
    // The standard has changed what becomes of such a space; engines differ.
    guard end == cursor || bytes[end - 1] != 0x20 else { throw .unsupported("a path that ends in a space") }
    url.path = .opaque(PercentEncodeSet.control.encode(bytes[cursor..<end]))
    cursor = end
    parseQueryAndFragment()
  }

  mutating func parseQueryAndFragment() {
    if current == UInt8(ascii: "?") {
      let end = bytes[cursor...].firstIndex(of: UInt8(ascii: "#")) ?? bytes.count
      url.query = url.encodedQuery(bytes[cursor..<end].dropFirst())
      cursor = end
    }
    if current == UInt8(ascii: "#") { url.fragment = PercentEncodeSet.fragment.encode(bytes[cursor...].dropFirst()) }
  }
}

/// Tabs and line ends are dropped wherever they stand.
func withoutLineEnds(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  bytes.filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
}

/// A scheme in lower case; nil for what is none.
func normalizedScheme(_ bytes: some Collection<UInt8>) -> String? {
  guard let first = bytes.first, isLetter(first),
    bytes.allSatisfy({ isLetterOrDigit($0) || "+-.".utf8.contains($0) })
  else { return nil }
  return String(decoding: bytes, as: UTF8.self).lowercased()
}

extension WebURL {
  func encodedQuery(_ bytes: some Sequence<UInt8>) -> String {
    (isSpecial ? PercentEncodeSet.specialQuery : .query).encode(bytes)
  }
}
