// A card's declared needs are what its check really reads: each declared topic matters in some scenario, and no other
// topic matters in any.

import Checks
import Diagnosis
import Facts
import Testing

@Suite struct DeclaredNeedsTests {
  @Test("withdrawing a declared topic changes some verdict", arguments: everyCheck)
  func declared(_ sample: AnyCheck) throws {
    let check = sample.check
    for topic in check.card.needs {
      let matters = try check.card.scenarios.contains { scenario in
        let whole = try check.judge(scenario.facts.only(check.card.needs))
        let narrowed = try check.judge(scenario.facts.only(check.card.needs.subtracting([topic])))
        return whole != narrowed
      }
      #expect(matters, "\(check.card.id) declares \(topic) and never reads it")
    }
  }

  @Test("withdrawing any other topic changes none", arguments: everyCheck)
  func undeclared(_ sample: AnyCheck) throws {
    let check = sample.check
    for topic in Set(FactTopic.allCases).subtracting(check.card.needs) {
      for scenario in everyTopicGiven(in: check.card.scenarios) {
        let whole = try check.judge(scenario)
        let narrowed = try check.judge(scenario.only(Set(FactTopic.allCases).subtracting([topic])))
        #expect(whole == narrowed, "\(check.card.id) reads \(topic) and does not declare it")
      }
    }
  }

  @Test("the order of instances, servers and streams changes no verdict's kind", arguments: allScenarios)
  func permutation(_ sample: CheckScenario) throws {
    let facts = sample.scenario.facts
    let straight = kinds(try sample.check.judge(facts))
    let reversed = kinds(try sample.check.judge(facts.reversed))
    #expect(straight == reversed)
  }

  private func kinds(_ verdicts: [Verdict]) -> [String: Int] {
    verdicts.reduce(into: [:]) { counts, verdict in
      counts["\(verdict.subject.kind) \(verdict.subject.name) \(verdict.kind) \(verdict.severity)", default: 0] += 1
    }
  }

  /// The scenarios' facts with the topics that they leave out filled in from facts in which everything is there.
  private func everyTopicGiven(in scenarios: [Scenario]) -> [Facts] {
    scenarios.map { scenario in
      var facts = scenario.facts
      if facts.deployment.value == nil { facts.deployment = full.deployment }
      if facts.config.value == nil { facts.config = full.config }
      if facts.environments.value == nil { facts.environments = full.environments }
      if facts.redis.value == nil { facts.redis = full.redis }
      if facts.streams.value == nil { facts.streams = full.streams }
      return facts
    }
  }
}

/// Each topic as the first scenario in the catalogue that has it gives it.
private let full: Facts = {
  let samples = allScenarios.map(\.scenario.facts)
  return Facts(
    deployment: samples.map(\.deployment).first { $0.value != nil } ?? .unseen(.notAsked),
    config: samples.map(\.config).first { $0.value != nil } ?? .unseen(.notAsked),
    environments: samples.map(\.environments).first { $0.value != nil } ?? .unseen(.notAsked),
    redis: samples.map(\.redis).first { $0.value != nil } ?? .unseen(.notAsked),
    streams: samples.map(\.streams).first { $0.value != nil } ?? .unseen(.notAsked))
}()

extension Facts {
  fileprivate var reversed: Facts {
    var facts = self
    facts.deployment = facts.deployment.map { deployment in
      var deployment = deployment
      deployment.instances.reverse()
      return deployment
    }
    facts.config = facts.config.map { config in
      var config = config
      config.instances.reverse()
      return config
    }
    facts.environments = facts.environments.map { $0.reversed() }
    facts.redis = facts.redis.map { $0.reversed() }
    facts.streams = facts.streams.map { $0.reversed() }
    facts.replay = facts.replay?.map { replay in
      ReplayFacts(
        channels: replay.channels.reversed().map { channel in
          var channel = channel
          channel.streams.reverse()
          return channel
        })
    }
    return facts
  }
}
