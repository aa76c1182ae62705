import TestServers
import Testing

/// Tests/soak runs this, and keeps all processors busy meanwhile.
@Suite("Every way through the proxies again and again", .enabled(if: SoakRounds.asked != nil))
struct SoakTests {
  /// How one row came out over all rounds.
  private struct Tally {
    var rounds = 0
    var falseAlarms: [String] = []
    var misses: [String] = []
    var failures: [String] = []
  }

  @Test("No healthy row is ever found fault with, and no fault is missed")
  func soak() async throws {
    let rounds = try #require(SoakRounds.asked)
    var tallies: [String: Tally] = [:]
    for round in 1...max(rounds.healthy, rounds.faulty) {
      let rows = PathRow.all.filter { round <= ($0.finds.isEmpty ? rounds.healthy : rounds.faulty) }
      for (name, outcome) in await outcomes(of: rows, in: round) {
        tallies[name, default: Tally()].rounds += 1
        switch outcome {
        case .success(let (falseAlarms, misses)):
          tallies[name, default: Tally()].falseAlarms += falseAlarms.map { "\(round): \($0)" }
          tallies[name, default: Tally()].misses += misses.map { "\(round): \($0)" }
        case .failure(let error): tallies[name, default: Tally()].failures.append("\(round): \(error)")
        }
      }
      print("round \(round)")
    }
    print("row\trounds\tfalse alarms\tmisses\tfailures")
    for row in PathRow.all {
      guard let tally = tallies[row.name] else { continue }
      let counts = [tally.rounds, tally.falseAlarms.count, tally.misses.count, tally.failures.count]
      print("\(row.name)\t\(counts.map(String.init).joined(separator: "\t"))")
      #expect(tally.falseAlarms == [], "\(row.name)")
      #expect(tally.misses == [], "\(row.name)")
      #expect(tally.failures == [], "\(row.name)")
    }
  }

  private typealias Outcome = Result<(falseAlarms: [String], misses: [String]), any Error>

  /// What was found in each row that should not have been, and the other way round. Nothing is looked at again.
  private func outcomes(of rows: [PathRow], in round: Int) async -> [(String, Outcome)] {
    await withTaskGroup(of: (String, Outcome).self) { group in
      for row in rows {
        group.addTask {
          do {
            let streams = try await row.capture()
            let verdicts = PathVerdicts(streams)
            let (found, expected) = (Set(verdicts.summary), Set(row.finds.map(\.summary)))
            let atInstance = verdicts.atInstance.filter { !row.findsAtInstance.contains($0) }.map { "\($0) at web-1" }
            let outcome = (found.subtracting(expected).sorted() + atInstance, expected.subtracting(found).sorted())
            if outcome != ([], []) { try streams.keep(as: "\(row.name)-round-\(round)") }
            return (row.name, .success(outcome))
          } catch {
            return (row.name, .failure(error))
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
  }
}
