// Text from servers, files and variables, made safe to print, measured in display columns and wrapped.

/// The text with everything in it that a terminal, a pager or a CI log would obey rather than show written out as
/// `\u{1B}`: control bytes, bidirectional overrides, zero-width and other invisible characters, line separators.
///
/// Scalars in `kept` stay as they are. A literal backslash stays too: the result is for reading, not for decoding. `##[`
/// is broken up, because GitHub's runner takes it for a command anywhere in a line (its ActionCommand.TryParse).
public func terminalSafe(_ text: String, keeping kept: Set<Unicode.Scalar> = []) -> String {
  var safe = ""
  for scalar in text.unicodeScalars {
    if isUnprintable(scalar), !kept.contains(scalar) {
      safe += escape(scalar)
    } else {
      safe.unicodeScalars.append(scalar)
    }
  }
  return safe.replacing("##[", with: "#\(escape("#"))[")
}

/// The lines of a text; a carriage return before a line feed belongs to the line's end.
func textLines(_ text: String) -> [String] {
  text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
}

/// `\u{1B}` for the escape character.
func escape(_ scalar: Unicode.Scalar) -> String { "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" }

/// Whether a scalar has no shape of its own, or changes how its neighbours are shown.
func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.value >= 0x20, scalar.value < 0x7F { return false }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator: return true
  default: break
  }
  // Noncharacters are not for interchange (Unicode 16, 23.7). U+FE0E and U+FE0F choose between the two shapes of an emoji.
  return scalar.properties.isNoncharacterCodePoint
    || (scalar.properties.isDefaultIgnorableCodePoint && scalar.value != 0xFE0E && scalar.value != 0xFE0F)
}

/// How many columns of a terminal the text takes: two for wide East Asian characters and emoji, none for marks that
/// combine with what stands before them.
public func displayWidth(_ text: String) -> Int {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
  return text.reduce(0) { $0 + displayWidth($1) }
}

/// The width of a character is that of its widest part: a flag, or an emoji with a skin tone, takes two columns.
func displayWidth(_ character: Character) -> Int {
  character.unicodeScalars.reduce(0) { max($0, displayWidth($1)) }
}

private func displayWidth(_ scalar: Unicode.Scalar) -> Int {
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark: return 0
  default: break
  }
  switch scalar.value {
  // The blocks that are wide or full width in EastAsianWidth.txt.
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x1F1E6...0x1F1FF,
    0x20000...0x3FFFD:
    return 2
  default: return scalar.properties.isEmojiPresentation ? 2 : 1
  }
}

/// The text in lines of at most `width` columns, the first of at most `first`. It breaks at spaces alone: a word that is
/// longer than a line stays whole, so that URLs and paths can be copied, unless `breakingWords` is set.
public func wrapped(_ text: String, first: Int? = nil, width: Int, breakingWords: Bool = false) -> [String] {
  var lines: [String] = []
  var line = ""
  var used = 0
  var available: Int { lines.isEmpty ? first ?? width : width }
  for word in text.split(separator: " ", omittingEmptySubsequences: false) {
    let columns = displayWidth(String(word))
    // A first line that is too short even for its first word is left empty where the next line has room.
    if used > 0 ? used + 1 + columns > available : lines.isEmpty && columns > available && columns <= width {
      lines.append(line)
      (line, used) = ("", 0)
    }
    if used > 0 {
      line += " "
      used += 1
    }
    if breakingWords, columns > available {
      for character in word {
        let columns = displayWidth(character)
        if used > 0, used + columns > available {
          lines.append(line)
          (line, used) = ("", 0)
        }
        line.append(character)
        used += columns
      }
    } else {
      line += word
      used += columns
    }
  }
  lines.append(line)
  return lines.map(withoutTrailingSpaces)
}

private func withoutTrailingSpaces(_ line: String) -> String {
  guard line.utf8.last == UInt8(ascii: " ") else { return line }
  let end = line.utf8.lastIndex { $0 != UInt8(ascii: " ") }.map { line.utf8.index(after: $0) }
  return String(line[..<(end ?? line.startIndex)])
}
