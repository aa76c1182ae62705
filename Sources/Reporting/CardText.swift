// Check cards for people and programs: what `checks` lists and `explain` tells.

import Diagnosis

/// The formats that check cards are printed in.
public enum CardFormat: String, CaseIterable, Sendable {
  case human, json
}

/// All cards as a table of ids, severities and titles, or as a JSON array with all that the cards say.
public func cardList(_ cards: [CheckCard], as format: CardFormat, width: Int = 80) -> String {
  switch format {
  case .human:
    let rows = cards.map { [$0.id, $0.severity.rawValue, $0.title] }
    return tableLines(columns: ["Check", "Severity", "Passes when"], rows: rows, width: width)
      .joined(separator: "\n") + "\n"
  case .json: return jsonText(["schemaVersion": .integer(Report.schemaVersion), "checks": .array(cards.map(json))])
  }
}

/// One card in full.
public func explanation(of card: CheckCard, as format: CardFormat, width: Int = 80) -> String {
  guard format == .human else { return jsonText(json(card)) }
  var page = Page(width: width, usesColor: false)
  page.heading("\(card.id) (\(card.severity.rawValue))")
  page.paragraph(card.title, indent: 2, hang: 2)
  page.space()
  page.heading("Why it matters")
  page.paragraph(card.why, indent: 2, hang: 2)
  page.space()
  page.heading("What mends it")
  page.paragraph(card.remedy.text, indent: 2, hang: 2)
  for command in card.remedy.commands { page.verbatim(command, first: "$ ", rest: "  ", indent: 6) }
  if let snippet = card.remedy.snippet { page.verbatim(snippet, indent: 6) }
  page.space()
  page.heading("Looks at")
  page.paragraph(card.needs.map(\.rawValue).sorted().joined(separator: ", "), indent: 2, hang: 2)
  page.space()
  page.heading("References")
  for reference in card.references { page.paragraph(reference, indent: 2, hang: 4) }
  return page.text
}

private func json(_ card: CheckCard) -> JSONValue {
  [
    "id": .string(card.id), "title": .string(card.title), "severity": .string(card.severity.rawValue),
    "needs": .array(card.needs.map(\.rawValue).sorted().map { .string($0) }), "why": .string(card.why),
    "remedy": [
      "text": .string(card.remedy.text), "commands": .array(card.remedy.commands.map { .string($0) }),
      "snippet": .optional(card.remedy.snippet),
    ],
    "references": .array(card.references.map { .string($0) }),
  ]
}
