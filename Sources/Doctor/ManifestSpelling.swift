/// The known name that was most likely meant: at most two letters wrong, missing, added or swapped, or cut short.
public func nearestName(to name: String, among known: [String]) -> String? {
  let given = Array(name.lowercased())
  var best: (name: String, distance: Int)?
  for candidate in known {
    let letters = Array(candidate.lowercased())
    let isPrefix =
      given.count >= 2 && letters.count >= 2 && (letters.starts(with: given) || given.starts(with: letters))
    let distance = abs(given.count - letters.count) <= 2 ? editDistance(given, letters) : Int.max
    let counted = isPrefix ? min(distance, 2) : distance
    // A name of two letters is within two edits of every other one.
    if counted <= 2, counted < max(given.count, letters.count), counted < best?.distance ?? Int.max {
      best = (candidate, counted)
    }
  }
  return best?.name
}

/// How many letters have to be changed, added or taken away (Levenshtein).
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var row = Array(0...right.count)
  for (index, letter) in left.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for (column, other) in right.enumerated() {
      let substitution = diagonal + (letter == other ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(substitution, row[column] + 1, row[column + 1] + 1)
    }
  }
  return row[right.count]
}

/// `; did you mean …?` where a known name is near, and otherwise what the known names are.
func suggestion(for name: String, among known: [String]) -> String {
  if let nearest = nearestName(to: name, among: known) { return "; did you mean \(quoted(nearest))?" }
  return "; expected " + list(known)
}

/// Names in words: `a`, `b` or `c`. A long list is cut.
private func list(_ names: [String]) -> String {
  if names.count > 12 { return "one of the \(names.count) known ones" }
  let quotedNames = names.map { quoted($0) }
  guard let last = quotedNames.last, names.count > 1 else { return quotedNames.joined() }
  return quotedNames.dropLast().joined(separator: ", ") + " or " + last
}

/// A name from the manifest inside a message, cut where it is no name any more.
func quoted(_ name: String) -> String {
  "`" + (name.count > 60 ? String(name.prefix(60)) + "…" : name) + "`"
}
