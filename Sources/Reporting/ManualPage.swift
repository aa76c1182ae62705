// The manual page of all checks, in mdoc(7), made from the cards: a test holds the committed page against it.

import Diagnosis

/// `flowpanel-doctor-checks(7)` as mdoc source.
///
/// - Parameter date: the page's date as mdoc wants it, `November 21, 2026`.
public func checksManualPage(_ cards: [CheckCard], date: String) -> String {
  var lines = [
    ".\\\" Made from the check cards; change those.",
    ".Dd \(date)", ".Dt FLOWPANEL-DOCTOR-CHECKS 7", ".Os", ".Sh NAME", ".Nm flowpanel-doctor-checks",
    ".Nd what flowpanel-doctor checks, why, and what mends it", ".Sh DESCRIPTION",
    "Each check has an id, by which",
    ".Xr flowpanel-doctor 1", "reports, selects, overrides and explains it.", "The severity is that of a finding.",
  ]
  for card in cards {
    lines += [".Ss \(mdoc(card.id)) (\(card.severity.rawValue))", sentence(card.title)]
    lines += [".Pp"] + sentences(card.why)
    lines += [".Pp", "What mends it:"] + sentences(card.remedy.text)
    let code = card.remedy.commands + (card.remedy.snippet.map { textLines($0) } ?? [])
    if !code.isEmpty { lines += [".Bd -literal -offset indent"] + code.map(mdoc) + [".Ed"] }
    lines += [".Pp", "See:"] + card.references.map { sentence($0) }
  }
  lines += [".Sh SEE ALSO", ".Xr flowpanel-doctor 1 ,", ".Xr flowpanel-doctor.yaml 5"]
  return lines.joined(separator: "\n") + "\n"
}

/// Text as mdoc prints it literally: backslashes are escaped, and so are a control character at the start of the line
/// and the hyphens and quotes that roff would turn into typographic ones.
private func mdoc(_ text: String) -> String {
  var escaped = ""
  for character in text {
    switch character {
    case "\\": escaped += "\\e"
    case "-": escaped += "\\-"
    case "'": escaped += "\\(aq"
    case "`": escaped += "\\(ga"
    case "^": escaped += "\\(ha"
    case "~": escaped += "\\(ti"
    default: escaped.append(character)
    }
  }
  return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
}

private func sentence(_ text: String) -> String {
  mdoc(text.hasSuffix(".") ? text : text + ".")
}

/// mdoc wants a new line for each sentence.
private func sentences(_ text: String) -> [String] {
  text.replacing(". ", with: ".\n").split(separator: "\n").map { sentence(String($0)) }
}
