/// The names with numbered runs drawn together: `web-1…web-180` where three or more follow each other.
public func drawnTogether(_ names: some Collection<String>) -> [String] {
  var result: [String] = []
  var run: [(name: String, stem: Substring, number: Int)] = []
  func endRun() {
    if let first = run.first, let last = run.last, run.count > 2 {
      result.append("\(first.name)…\(last.name)")
    } else {
      result += run.map(\.name)
    }
    run = []
  }
  for name in names {
    guard let (stem, number) = numbered(name) else {
      endRun()
      result.append(name)
      continue
    }
    if let last = run.last, last.stem != stem || last.number &+ 1 != number { endRun() }
    run.append((name, stem, number))
  }
  endRun()
  return result
}

/// A name's text and the number at its end, where it is written as numbers are.
private func numbered(_ name: String) -> (stem: Substring, number: Int)? {
  let digits = name.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
  let text = name.suffix(digits)
  guard digits > 0, let number = Int(text), digits == 1 || text.first != "0" else { return nil }
  return (name.dropLast(digits), number)
}

/// A letter for a value that can't be shown: a, b … z, aa, ab …
public func valueLetter(_ index: Int) -> String {
  let last = String(UnicodeScalar(UInt8(0x61 + index % 26)))
  return index < 26 ? last : valueLetter(index / 26 - 1) + last
}
