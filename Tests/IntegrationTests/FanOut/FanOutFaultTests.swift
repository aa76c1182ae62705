import TestServers
import Testing

@Suite("flowpanel-doctor fanout, where something is wrong", .timeLimit(.minutes(10)))
struct FanOutFaultTests {
  /// Most of the time a deployment waits for what does not come.
  static let turns = Turns(5)

  @Test(
    "names it at the right place, and nothing else",
    arguments: FanOutFault.ofAnInstance + FanOutFault.ofTheDeployment)
  func one(_ fault: FanOutFault) async throws {
    let mistakes = try await FanOutDeployment(instances: 3).mistakes(about: [(fault, 1)])
    #expect(mistakes == [])
  }
}

@Suite("flowpanel-doctor fanout, where two things are wrong", .serialized, .timeLimit(.minutes(5)))
struct FanOutPairTests {
  @Test("names each at its own instance", arguments: FanOutFault.pairs)
  func two(_ first: FanOutFault, _ second: FanOutFault) async throws {
    let mistakes = try await FanOutDeployment(instances: 4).mistakes(about: [(first, 1), (second, 2)])
    #expect(mistakes == [])
  }
}

extension FanOutDeployment {
  /// What the tool says of the deployment with these faults that it should not, and the other way round.
  func mistakes(about faults: [(fault: FanOutFault, index: Int)]) async throws -> [String] {
    var deployment = self
    for (fault, index) in faults { fault.inject(&deployment, index) }
    await FanOutFaultTests.turns.take()
    defer { FanOutFaultTests.turns.giveBack() }
    return try await deployment.run { running in
      for (fault, index) in faults { try await fault.prepare(running, index) }
      let causes = try JSONReport(try await running.fanOut()).verdicts.filter {
        $0.kind == "finding" && $0.severity != "notice" && $0.explainedBy == nil
      }
      let unnamed = faults.filter { fault, index in !causes.contains { fault.isNamed(by: $0, at: index, running) } }
      let others = causes.filter { cause in !faults.contains { $0.fault.isNamed(by: cause, at: $0.index, running) } }
      let mistakes =
        unnamed.map { "not named: \($0.fault.name)" } + others.map { "\($0.check) \($0.subject): \($0.message)" }
      if !mistakes.isEmpty { try running.keepFacts(as: faults.map(\.fault.name).joined(separator: " and ")) }
      return mistakes
    }
  }
}
