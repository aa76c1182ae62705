// The manual page of the checks is made from their cards; the committed one must be what the cards say now.

import Checks
import Foundation
import Reporting
import Testing

private let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("../../man/flowpanel-doctor-checks.7").standardizedFileURL

@Suite struct ManualPageTests {
  @Test("man/flowpanel-doctor-checks.7 is what the cards say; UPDATE_GOLDEN=1 writes it anew")
  func isFresh() throws {
    let page = checksManualPage(Catalogue.all.map(\.card), date: "November 21, 2026")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try page.write(to: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: path, encoding: .utf8) == page)
  }

  @Test("explain tells all that a card says", arguments: Catalogue.all.map(\.card.id))
  func explanationIsWhole(_ id: String) throws {
    let card = try #require(Catalogue.check(id)).card
    let text = explanation(of: card, as: .human, width: 100_000)
    for part in [card.id, card.title, card.why, card.remedy.text, card.severity.rawValue] + card.references {
      #expect(text.contains(part))
    }
    for command in card.remedy.commands { #expect(text.contains(command)) }
    #expect(text.allSatisfy { $0 == "\n" || !$0.isNewline })
  }

  @Test("every check is in the list", arguments: CardFormat.allCases)
  func listIsWhole(_ format: CardFormat) {
    let text = cardList(Catalogue.all.map(\.card), as: format, width: 200)
    for id in Catalogue.ids { #expect(text.contains(id)) }
  }
}
