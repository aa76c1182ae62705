import StreamProbe

/// A reading of a whole event stream as WHATWG HTML section 9.2.6 words it, step by step and without any haste: what the
/// parser is held against.
func referenceReading(_ bytes: [UInt8]) -> (items: [EventStreamParser.Item], lastEventID: String) {
  var items: [EventStreamParser.Item] = []
  var data = ""
  var type = ""
  var idBuffer = ""
  var lastEventID = ""

  for line in lines(decodedUTF8(bytes)) {
    if line.isEmpty {
      lastEventID = idBuffer
      if !data.isEmpty {
        data.unicodeScalars.removeLast()
        items.append(.event(type: type.isEmpty ? "message" : type, data: data, lastEventID: lastEventID))
      }
      data = ""
      type = ""
      continue
    }
    let colon = line.firstIndex(of: ":")
    let field = String(String.UnicodeScalarView(line[..<(colon ?? line.endIndex)]))
    var rest = colon.map { line[line.index(after: $0)...] } ?? []
    if colon == line.startIndex {
      items.append(.comment(String(String.UnicodeScalarView(rest))))
      continue
    }
    if rest.first == " " { rest = rest.dropFirst() }
    let value = String(String.UnicodeScalarView(rest))
    switch field {
    case "event": type = value
    case "data":
      data += value
      data += "\n"
    case "id": if !rest.contains("\0") { idBuffer = value }
    case "retry":
      // Browsers take a time without digits for none.
      if !rest.isEmpty, rest.allSatisfy({ ("0"..."9").contains($0) }) { items.append(.retry(Int(value) ?? .max)) }
    default: break
    }
  }
  return (items, lastEventID)
}

/// The lines that have an end; what comes after the last end can't complete an event.
private func lines(_ scalars: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
  var lines: [[Unicode.Scalar]] = []
  var line: [Unicode.Scalar] = []
  for (index, scalar) in scalars.enumerated() {
    if scalar == "\n", index > 0, scalars[index - 1] == "\r" { continue }
    if scalar == "\n" || scalar == "\r" {
      lines.append(line)
      line = []
    } else {
      line.append(scalar)
    }
  }
  return lines
}

/// "UTF-8 decode" of the WHATWG Encoding Standard, sections 6 and 8.1.1: one byte order mark is dropped.
private func decodedUTF8(_ bytes: [UInt8]) -> [Unicode.Scalar] {
  var result: [Unicode.Scalar] = []
  var (codePoint, seen, needed): (UInt32, Int, Int) = (0, 0, 0)
  var (lower, upper): (UInt8, UInt8) = (0x80, 0xBF)
  var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  while index < bytes.count {
    let byte = bytes[index]
    index += 1
    if needed == 0 {
      switch byte {
      case 0x00...0x7F: result.append(Unicode.Scalar(byte))
      case 0xC2...0xDF: (needed, codePoint) = (1, UInt32(byte & 0x1F))
      case 0xE0...0xEF:
        if byte == 0xE0 { lower = 0xA0 }
        if byte == 0xED { upper = 0x9F }
        (needed, codePoint) = (2, UInt32(byte & 0xF))
      case 0xF0...0xF4:
        if byte == 0xF0 { lower = 0x90 }
        if byte == 0xF4 { upper = 0x8F }
        (needed, codePoint) = (3, UInt32(byte & 0x7))
      default: result.append("\u{FFFD}")
      }
      continue
    }
    guard (lower...upper).contains(byte) else {
      (codePoint, needed, seen, lower, upper) = (0, 0, 0, 0x80, 0xBF)
      index -= 1
      result.append("\u{FFFD}")
      continue
    }
    (lower, upper) = (0x80, 0xBF)
    codePoint = codePoint << 6 | UInt32(byte & 0x3F)
    seen += 1
    guard seen == needed else { continue }
    result.append(Unicode.Scalar(codePoint) ?? "\u{FFFD}")
    (codePoint, needed, seen) = (0, 0, 0)
  }
  if needed > 0 { result.append("\u{FFFD}") }
  return result
}
