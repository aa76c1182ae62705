/// Reads the lines that libcurl's header callback hands over, one at a call with its end: the heads of interim responses
/// (1xx), the final head, and after its empty line the trailers.
///
/// Headers are kept in order and in their own spelling; a line that is folded (RFC 9112 section 5.2) is put together.
struct HTTPHeadReader {
  /// What a line has led to.
  enum Step {
    /// Nothing yet.
    case more
    /// The final head is complete; said once.
    case head(HTTPHead)
    /// The heads, or the trailers, are past the bound; nothing more is kept.
    case tooLarge(String)
  }

  /// Whether the final head is complete: what comes now are trailers.
  private(set) var headIsComplete = false
  /// The trailers so far (RFC 9110 section 6.5).
  private(set) var trailers: [(name: String, value: String)] = []

  private var head = HTTPHead()
  private var hasStatusLine = false
  private var headBytes = 0
  private var trailerBytes = 0

  /// Takes one line.
  mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
    // libcurl ends a head at any line that begins so.
    let isEmpty = line.isEmpty || line[0] == lineFeed || line[0] == carriageReturn
    guard !headIsComplete else {
      guard fits(line, &trailerBytes) else { return tooLarge("trailers") }
      if !isEmpty { keep(line, in: &trailers) }
      return .more
    }
    guard fits(line, &headBytes) else { return tooLarge("response headers") }
    if !hasStatusLine {
      head = HTTPHead(statusLine: line)
      hasStatusLine = true
    } else if !isEmpty {
      keep(line, in: &head.headers)
    } else if head.status != 101, (100...199).contains(head.status) {
      // Another head follows. But libcurl takes 101, for which nobody asked, as the final one.
      hasStatusLine = false
    } else {
      headIsComplete = true
      return .head(head)
    }
    return .more
  }

  /// Counts a line's bytes; false where they go past the bound, and ever after.
  private func fits(_ line: UnsafeRawBufferPointer, _ bytes: inout Int) -> Bool {
    bytes += line.count
    return bytes <= HTTPBounds.headerBytes
  }

  private func tooLarge(_ what: String) -> Step {
    .tooLarge("more than \(HTTPBounds.headerBytes / 1024) KiB of \(what)")
  }
}

extension HTTPHead {
  /// A head of which there is the status line, as `HTTP/1.1 200 OK` (RFC 9112 section 4) or `HTTP/2 200`.
  fileprivate init(statusLine: UnsafeRawBufferPointer) {
    self.init()
    let parts = statusLine.split(separator: space, maxSplits: 2)
    if let protocolName = parts.first { version = String(text(protocolName).dropFirst("HTTP/".count)) }
    if parts.count > 1 { status = Int(text(parts[1])) ?? 0 }
    if parts.count > 2 { reason = fieldValue(parts[2]) }
  }
}

private typealias Bytes = Slice<UnsafeRawBufferPointer>

/// Adds a line's field; a line that begins with a blank goes on with the last one.
private func keep(_ line: UnsafeRawBufferPointer, in fields: inout [(name: String, value: String)]) {
  if line[0] == space || line[0] == tab {
    let rest = fieldValue(line[...])
    guard let last = fields.indices.last, !rest.isEmpty else { return }
    fields[last].value += fields[last].value.isEmpty ? rest : " " + rest
    return
  }
  let name = line.prefix { $0 != colon }
  fields.append((text(name), fieldValue(line.dropFirst(name.count + 1))))
}

/// The text without its line end.
private func text(_ line: Bytes) -> String {
  String(decoding: line.prefix { $0 != carriageReturn && $0 != lineFeed }, as: UTF8.self)
}

/// A field's value (RFC 9110 section 5.5): no blanks around it, and a stray CR or NUL is one.
private func fieldValue(_ line: Bytes) -> String {
  let isBlank = { (byte: UInt8) in [space, tab, carriageReturn, lineFeed, 0].contains(byte) }
  var value = line.drop(while: isBlank)
  while let last = value.last, isBlank(last) { value = value.dropLast() }
  return String(decoding: value.lazy.map { $0 == carriageReturn || $0 == 0 ? space : $0 }, as: UTF8.self)
}

private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
private let colon = UInt8(ascii: ":")
