// Lines of text for people. Whatever is put on a page is made safe to print there, so that no caller can forget to.

import Diagnosis

/// The colours of a page, by what they mean. Colour only repeats what the words say.
enum Style: String {
  case plain = ""
  case heading = "1"
  case faint = "2"
  case error = "31"
  case pass = "32"
  case warning = "33"
  case notice = "34"
  case undetermined = "35"
}

struct Page {
  let width: Int
  let usesColor: Bool
  private var lines: [String] = []

  init(width: Int, usesColor: Bool) {
    self.width = width
    self.usesColor = usesColor
  }

  /// Everything on the page, ending with one line feed.
  var text: String { lines.joined(separator: "\n") + "\n" }

  /// An empty line, unless one stands there already.
  mutating func space() {
    if let last = lines.last, !last.isEmpty { lines.append("") }
  }

  /// A paragraph, wrapped: the first line begins at `indent` with the label, the others begin at `hang`.
  mutating func paragraph(
    _ text: String, indent: Int = 0, hang: Int, label: String = "", style: Style = .plain, labelWidth: Int = 0
  ) {
    let label = terminalSafe(label)
    let padding = label.isEmpty ? 0 : max(labelWidth - displayWidth(label), 0)
    let before = indent + displayWidth(label) + padding
    let lines = wrapped(terminalSafe(text), first: width - before, width: width - hang)
    for (index, line) in lines.enumerated() {
      if index > 0 {
        append(line, indent: hang)
      } else if label.isEmpty {
        append(line, indent: indent)
      } else {
        let rest = line.isEmpty ? "" : spaces(padding) + line
        append(label, indent: indent, style: style, followedBy: rest)
      }
    }
  }

  /// A line in one style, wrapped.
  mutating func heading(_ text: String) {
    for line in wrapped(terminalSafe(text), width: width) { append(line, indent: 0, style: .heading) }
  }

  /// Lines that are to be used as they stand: indented, never wrapped.
  mutating func verbatim(_ text: String, first: String = "", rest: String = "", indent: Int) {
    for (index, line) in textLines(text).enumerated() {
      append((index == 0 ? first : rest) + terminalSafe(line), indent: indent)
    }
  }

  mutating func table(columns: [String], rows: [[String]], indent: Int) {
    let table = tableLines(columns: columns, rows: rows, width: width - indent)
    for line in table { append(line, indent: indent) }
  }

  /// Every line comes through here. In the log of a CI job a line that begins with `::` would be a command to GitHub's
  /// runner (its ActionCommand.TryParseV2), wherever the text was wrapped, so none is left to begin like that.
  private mutating func append(_ line: String, indent: Int, style: Style = .plain, followedBy rest: String = "") {
    if line.isEmpty, rest.isEmpty {
      lines.append("")
      return
    }
    let begins = line.drop(while: \.isWhitespace).hasPrefix("::")
    let harmless = begins ? line.replacing("::", with: escape(":") + ":", maxReplacements: 1) : line
    lines.append(spaces(indent) + painted(harmless, style) + rest)
  }

  private func painted(_ text: String, _ style: Style) -> String {
    usesColor && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
}
