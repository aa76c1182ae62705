/// The part of the URL parser for paths: their dot segments, and the drive letters of file URLs (WHATWG URL 4.4).
extension WebURLParser {
  mutating func parsePathStart() {
    guard url.isSpecial || current == UInt8(ascii: "/") else { return parseQueryAndFragment() }
    parsePath(isAfterSlash: !isSlash(current))
  }

  /// The path that a setter gives: it has neither query nor fragment.
  mutating func parsePathPart() {
    url.path = .segments([])
    guard current != nil || url.isSpecial else {
      if url.serializedHost == nil { url.path = .segments([""]) }
      return
    }
    parsePath(isAfterSlash: !isSlash(current), isWhole: true)
  }

  /// The state path, from the slash before a segment or, after it, from the segment.
  mutating func parsePath(isAfterSlash: Bool = false, isWhole: Bool = false) {
    var segments: [String] = []
    if case .segments(let known) = url.path { segments = known }
    url.path = .segments([])
    if !isAfterSlash { cursor += 1 }
    var segment: [UInt8] = []
    while true {
      let byte = current
      let endsPath = byte == nil || !isWhole && (byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#"))
      guard endsPath || isSlash(byte) else {
        if let byte { PercentEncodeSet.path.append(byte, to: &segment) }
        cursor += 1
        continue
      }
      switch DotSegment(segment) {
      case .double:
        shorten(&segments, isFile: url.isFile)
        if endsPath { segments.append("") }
      case .single: if endsPath { segments.append("") }
      case nil:
        if url.isFile, segments.isEmpty, isDriveLetter(segment) { segment[1] = UInt8(ascii: ":") }
        segments.append(String(decoding: segment, as: UTF8.self))
      }
      segment.removeAll(keepingCapacity: true)
      if endsPath { break }
      cursor += 1
    }
    url.path = .segments(segments)
    parseQueryAndFragment()
  }

  func startsWithDriveLetter(at index: Int) -> Bool {
    let rest = bytes[min(index, bytes.count)...].prefix(3)
    guard rest.count >= 2, isDriveLetter(rest.prefix(2)) else { return false }
    return rest.count == 2 || "/\\?#".utf8.contains(rest[index + 2])
  }
}

/// A segment that names the directory itself or the one above.
private enum DotSegment {
  case single
  case double

  init?(_ segment: [UInt8]) {
    switch String(decoding: segment, as: UTF8.self).lowercased() {
    case ".", "%2e": self = .single
    case "..", ".%2e", "%2e.", "%2e%2e": self = .double
    default: return nil
    }
  }
}

private func isDriveLetter(_ bytes: some Collection<UInt8>) -> Bool {
  guard bytes.count == 2, let letter = bytes.first, let mark = bytes.dropFirst().first else { return false }
  return isLetter(letter) && (mark == UInt8(ascii: ":") || mark == UInt8(ascii: "|"))
}

func isNormalizedDriveLetter(_ segment: String) -> Bool {
  isDriveLetter(segment.utf8) && segment.utf8.last == UInt8(ascii: ":")
}

/// Removes the last segment; a drive letter stays (4.4, shorten).
func shorten(_ segments: inout [String], isFile: Bool) {
  guard let first = segments.first else { return }
  if isFile, segments.count == 1, isNormalizedDriveLetter(first) { return }
  segments.removeLast()
}
