// Random fleets: the order of instances changes no verdict, and what passes has been looked at.

import Checks
import Diagnosis
import Facts
import Testing

@Suite struct ParityPropertyTests {
  private static let checks = Catalogue.all.filter { $0.card.topic == "env" }

  @Test("the order of instances changes no verdict", arguments: 0..<300)
  func permutation(_ seed: UInt64) {
    var random = Random(state: seed)
    let facts = randomFleet(&random)
    let straight = kinds(judge(facts, with: Self.checks))
    for _ in 0..<3 {
      var shuffled = facts
      shuffled.environments = facts.environments.map { $0.shuffled(using: &random) }
      #expect(kinds(judge(shuffled, with: Self.checks)) == straight)
    }
  }

  @Test("the same facts give the same report, to the letter", arguments: 0..<50)
  func determinism(_ seed: UInt64) {
    var random = Random(state: seed)
    let facts = randomFleet(&random)
    let verdicts = judge(facts, with: Self.checks)
    // Dictionaries with another history have another order.
    var again = facts
    again.environments = facts.environments.map { environments in
      environments.map { environment in
        var environment = environment
        environment.variables = environment.variables.map { variables in
          var other: [String: VariableFacts] = [:]
          other.reserveCapacity(variables.count * 9)
          for name in variables.keys.sorted().reversed() { other[name] = variables[name] }
          return other
        }
        return environment
      }
    }
    #expect(judge(again, with: Self.checks) == verdicts)
  }

  @Test("nothing passes that differs, is missing or is not known", arguments: 0..<3000)
  func soundness(_ seed: UInt64) {
    var random = Random(state: seed)
    let facts = randomFleet(&random, isMostlyWell: true)
    let verdicts = judge(facts, with: Self.checks)
    let isGreen = verdicts.allSatisfy { $0.kind == .pass || $0.kind == .notApplicable }
    let environments = facts.environments.value ?? []
    let rules = EnvironmentRules(facts)
    let faults = environments.flatMap { environment -> [String] in
      if environment.variables.value == nil { return ["\(environment.instance) is not known"] }
      if environment.mayHoldMore != nil { return ["\(environment.instance) may set more"] }
      return randomNames.compactMap { fault(of: $0, on: environment, among: environments, rules) }
    }
    #expect(isGreen == faults.isEmpty, "\(faults) \(verdicts.map { "\($0.check) \($0.kind) \($0.message)" })")
  }

  /// What is wrong with a variable of an instance, by the plainest reading of the rules.
  private func fault(
    of name: String, on environment: EnvironmentFacts, among environments: [EnvironmentFacts], _ rules: EnvironmentRules
  ) -> String? {
    let agreement = rules.agreement(of: name)
    func value(_ environment: EnvironmentFacts) -> String? {
      environment.variables.value?[name].flatMap { $0.isEmpty ? nil : $0.fingerprint }
    }
    let isItsOwn = agreement == .mayDiffer || rules.isPerProcess(name) && !rules.statesAgreement(of: name)
    if environment.unresolved?[name] != nil, !isItsOwn { return "\(name) is not known" }
    let own = value(environment)
    if rules.isForbidden(name), own != nil { return "\(name) is forbidden" }
    if own == nil, rules.need(of: name) != nil { return "\(name) is needed" }
    let mayNotBeEmpty = agreement == .mustMatch || agreement == .mustBeUnique && rules.statesAgreement(of: name)
    if mayNotBeEmpty, own == nil, environment.variables.value?[name] != nil { return "\(name) is empty" }
    for other in environments where other.instance != environment.instance {
      let its = value(other)
      switch agreement {
      case .mustMatch where own != its: return "\(name) differs from \(other.instance)'s"
      case .mustBeUnique where own != nil && own == its: return "\(name) is \(other.instance)'s too"
      case .mustBeUnique where rules.statesAgreement(of: name) && (own == nil) != (its == nil):
        return "\(name) is missing"
      case nil where own == nil && its != nil: return "\(name) is \(other.instance)'s alone"
      default: continue
      }
    }
    return nil
  }

  /// The verdicts without their words, in which instances and letters stand in the order of the facts.
  private func kinds(_ verdicts: [Verdict]) -> [String: Int] {
    verdicts.reduce(into: [:]) { counts, verdict in
      counts["\(verdict.check) \(verdict.kind) \(verdict.severity) \(verdict.subject.name)", default: 0] += 1
    }
  }
}

private let randomNames = [
  "REDIS_URL", "QUEUE_A", "QUEUE_B", "INSTANCE_ID", "POD_NAME", "PORT", "SENTRY_DSN", "API_URL",
]

private func randomFleet(_ random: inout Random, isMostlyWell: Bool = false) -> Facts {
  var rules = VariableRules()
  let agreements: [VariableRules.Agreement] = [.mustMatch, .mayDiffer, .mustBeUnique]
  for pattern in ["QUEUE_*", "QUEUE_B", "INSTANCE_ID", "SENTRY_DSN", "*"] where random.oneIn(3) {
    rules.agreements[pattern] = agreements.randomElement(using: &random)
  }
  if random.oneIn(4) { rules.required = ["API_URL"] }
  if random.oneIn(6) { rules.forbidden = ["SENTRY_*"] }
  let common = randomNames.map { name in (name, value: Int.random(in: 0..<4, using: &random)) }
  let change = isMostlyWell ? 60 : 4
  let environments = (0..<Int.random(in: 2..<6, using: &random)).map { number in
    var variables: [String: VariableFacts] = [:]
    for (name, value) in common {
      let value = random.oneIn(change) ? Int.random(in: 0..<5, using: &random) : value
      let text = ["POD_NAME", "INSTANCE_ID"].contains(name) && !random.oneIn(change) ? "\(name)\(number)" : "\(value)"
      if value > 0 { variables[name] = VariableFacts(fingerprint: "hmac-of-\(text)", isEmpty: value == 1) }
    }
    var environment = EnvironmentFacts(
      instance: "web-\(number)", source: "web-\(number).env", variables: .seen(variables))
    if random.oneIn(change), let name = randomNames.randomElement(using: &random) {
      environment.unresolved = [name: Unseen(.missing, "it comes from a secret that was not given")]
    }
    if random.oneIn(2 * change) { environment.mayHoldMore = Unseen(.missing, "a ConfigMap was not given") }
    if random.oneIn(2 * change) { environment.variables = .unseen(Unseen(.timedOut, "no answer")) }
    if !isMostlyWell, random.oneIn(3) { environment.keyID = ["k1", "k2"].randomElement(using: &random) }
    return environment
  }
  return Facts(
    deployment: .seen(Deployment(system: .redisStreams, variables: rules)),
    config: .unseen(Unseen(.notGiven, "no config was given")), environments: .seen(environments))
}

/// SplitMix64: the same numbers in every run.
private struct Random: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}
