import TestServers
import Testing

@Suite("flowpanel-doctor fanout, where all is well", .serialized, .timeLimit(.minutes(5)))
struct FanOutHealthyTests {
  @Test("finds nothing", arguments: HealthyFanOut.all)
  func nothing(_ healthy: HealthyFanOut) async throws {
    let complaints = try await healthy.complaints()
    #expect(complaints == [])
  }
}

/// Tests/soak runs this, and keeps all processors busy meanwhile.
@Suite("Fan-out where all is well, again and again", .enabled(if: SoakRounds.asked != nil))
struct FanOutSoakTests {
  @Test("Nothing is ever found")
  func soak() async throws {
    let rounds = try #require(SoakRounds.asked).healthy
    for round in 1...rounds {
      await withTaskGroup { group in
        for healthy in HealthyFanOut.all {
          group.addTask {
            do {
              let complaints = try await healthy.complaints()
              #expect(complaints == [], "\(healthy.testDescription), round \(round)")
            } catch {
              Issue.record("\(healthy.testDescription), round \(round): \(error)")
            }
          }
        }
      }
      print("round \(round)")
    }
  }
}

/// A deployment of which nothing is to be said.
struct HealthyFanOut: Sendable, CustomTestStringConvertible {
  var count: Int
  var balancer: FanOutDeployment.Balancer

  static let all = [
    HealthyFanOut(count: 2, balancer: .nginx()),
    HealthyFanOut(count: 3, balancer: .haproxy(balance: "roundrobin")),
    // One instance for all that comes from one address.
    HealthyFanOut(count: 3, balancer: .haproxy(balance: "source")),
    HealthyFanOut(count: 5, balancer: .nginx(upstream: "least_conn;")),
    HealthyFanOut(count: 5, balancer: .haproxy(balance: "leastconn")),
    HealthyFanOut(count: 20, balancer: .nginx()),
    // Some of them nobody is sent to, by chance.
    HealthyFanOut(count: 20, balancer: .haproxy(balance: "random")),
  ]

  var testDescription: String { "\(count) behind \(balancer)" }

  /// What the tool says of it that it should not.
  func complaints() async throws -> [String] {
    var deployment = FanOutDeployment(instances: count)
    deployment.balancer = balancer
    return try await deployment.run { running in
      let result = try await running.fanOut()
      let complaints = try JSONReport(result).findings + (result.status == 0 ? [] : ["exit code \(result.status)"])
      if !complaints.isEmpty { try running.keepFacts(as: "\(testDescription)") }
      return complaints
    }
  }
}
