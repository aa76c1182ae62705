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
    ".Sy flowpanel-doctor Ns ( 1 )", "reports, selects, overrides and explains it.",
    "The severity is that of a finding.",
  ]
  for card in cards {
    lines += [".Ss \(mdoc(card.id)) (\(card.severity.rawValue))"] + sentences(card.title)
    lines += [".Pp"] + sentences(card.why)
    lines += [".Pp", "What mends it:"] + sentences(card.remedy.text)
    let code = card.remedy.commands + (card.remedy.snippet.map { textLines($0) } ?? [])
    if !code.isEmpty { lines += [".Bd -literal -offset indent"] + code.map(mdoc) + [".Ed"] }
    lines += [".Pp", "See:"] + card.references.flatMap(sentences)
  }
  lines += [".Sh SEE ALSO", ".Sy flowpanel-doctor Ns ( 1 ) ,", ".Sy flowpanel-doctor.yaml Ns ( 5 )"]
  return lines.joined(separator: "\n") + "\n"
}

/// Text as mdoc prints it literally: backslashes are escaped, and so are the hyphens and quotes that roff would turn into
/// typographic ones.
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
  return escaped
}

/// mdoc wants a new line for each sentence, and lines of 80 bytes at most; none may begin like a request.
private func sentences(_ text: String) -> [String] {
  let whole = text.hasSuffix(".") ? text : text + "."
  return whole.replacing(". ", with: ".\n").split(separator: "\n").flatMap { sentence in
    wrapped(mdoc(String(sentence)), width: 76).map { $0.hasPrefix(".") ? "\\&" + $0 : $0 }
  }
}
