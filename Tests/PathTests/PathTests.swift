import Facts
import Foundation
import Testing

@Suite("Event streams through real proxies", .timeLimit(.minutes(10)))
struct PathTests {
  @Test("The instance itself streams while the way through the proxies is looked at", arguments: PathRow.all)
  func capture(row: PathRow) async throws {
    let facts = try await row.capture()
    #expect(facts.byTarget.map(\.count) == [row.usesTLS ? 4 : 2, 2])
    for direct in facts where direct.instance != nil {
      #expect(direct.totals.events + direct.totals.comments > 2, "\(direct)")
    }
    try save(facts, of: row)
  }

  /// Keeps what was seen where DOCTOR_PATH_FACTS names a folder.
  private func save(_ facts: [StreamFacts], of row: PathRow) throws {
    guard let folder = ProcessInfo.processInfo.environment["DOCTOR_PATH_FACTS"] else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try encoder.encode(facts).write(to: URL(fileURLWithPath: "\(folder)/\(row.name).json"))
  }
}
