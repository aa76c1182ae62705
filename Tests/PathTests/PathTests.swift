import Facts
import TestServers
import Testing

@Suite("Event streams through real proxies", .timeLimit(.minutes(10)))
struct PathTests {
  /// So many rows at once that they don't keep each other from being on time.
  private static let turns = Turns(12)

  @Test("What is wrong is found, and nothing else, and what is printed to mend it does", arguments: PathRow.all)
  func row(_ row: PathRow) async throws {
    await Self.turns.take()
    defer { Self.turns.giveBack() }
    let streams = try await streams(row, as: row.name)
    let verdicts = PathVerdicts(streams)
    #expect(verdicts.summary == row.finds.map(\.summary).sorted())
    #expect(verdicts.atInstance == row.findsAtInstance)
    if row.finds.isEmpty {
      #expect(verdicts.undetermined == [])
      // Nor is there anything to find for who names no instance's own URL.
      #expect(PathVerdicts(streams.filter { $0.instance == nil }).summary == [])
    }
    for expected in row.finds {
      guard let finding = verdicts.findings.first(where: { $0.check == expected.check }) else { continue }
      #expect(expected.isHop(finding.hops), "\(finding)")
      #expect(expected.says.isEmpty || finding.message.contains(expected.says), "\(finding)")
      #expect(finding.snippets == expected.mends.map(\.snippet), "\(finding)")
      try await expectMended(row, expected, finding.snippets, verdicts)
    }
  }

  /// Applies each snippet as it was printed: what is expected says only where it goes.
  private func expectMended(
    _ row: PathRow, _ expected: ExpectedFinding, _ snippets: [String], _ before: PathVerdicts
  ) async throws {
    for (number, mend) in expected.mends.enumerated() {
      guard let snippet = snippets.first(where: { $0 == mend.snippet }),
        let mended = row.mended(with: snippet, at: mend.place)
      else { continue }
      let after = PathVerdicts(try await streams(mended, as: "\(row.name)-\(expected.check)-mended-\(number)"))
      #expect(after.newFindings(since: before, mended: expected) == [], "after \(snippet)")
    }
  }

  /// What is seen in a row, on a machine that did not stand still meanwhile.
  private func streams(_ row: PathRow, as name: String) async throws -> [StreamFacts] {
    var streams = try await row.capture()
    for _ in 1..<5 where streams.areUnreliable { streams = try await row.capture() }
    try streams.keep(as: name)
    return streams
  }
}
