import Facts
import Transport

/// What the sentinels said, and where that leads.
struct SentinelAnswers: Sendable {
  var facts: RedisFacts.Sentinel
  /// The master that most of them name; nil where none does.
  var endpoint: (host: String, port: Int)?
  /// Why there is none.
  var failure: RedisFacts.StepFailure? {
    if endpoint != nil { return nil }
    return RedisFacts.StepFailure(
      .nameNotFound,
      facts.answers.contains { $0.failure == nil }
        ? "no sentinel knows a master named \(facts.masterName)" : "no sentinel answers")
  }
  /// How long it took, in milliseconds.
  var milliseconds: Double
}

extension RedisProbe {
  /// Asks all sentinels at once where the master is (SENTINEL GET-MASTER-ADDR-BY-NAME).
  func ask(_ sentinels: RedisSentinels, usesTLS: Bool, over transport: Transport) async -> SentinelAnswers {
    let began = ContinuousClock.now
    let answers = await withTaskGroup(of: (Int, RedisFacts.Sentinel.Answer).self) { group in
      for (index, address) in sentinels.addresses.enumerated() {
        group.addTask { (index, await answer(of: address, sentinels, usesTLS: usesTLS, over: transport)) }
      }
      var found: [(Int, RedisFacts.Sentinel.Answer)] = []
      for await result in group { found.append(result) }
      return found.sorted { $0.0 < $1.0 }.map(\.1)
    }
    let named = answers.compactMap(\.master)
    let counts = Dictionary(grouping: named) { $0 }.mapValues(\.count)
    let most = named.max { (counts[$0] ?? 0) < (counts[$1] ?? 0) }
    var result = SentinelAnswers(
      facts: RedisFacts.Sentinel(masterName: sentinels.shownMaster, answers: answers),
      milliseconds: began.duration(to: .now).milliseconds)
    if let most, let colon = most.lastIndex(of: ":"), let port = Int(most[most.index(after: colon)...]) {
      result.endpoint = (String(most[..<colon]), port)
    }
    return result
  }

  private func answer(
    of endpoint: RedisEndpoint, _ sentinels: RedisSentinels, usesTLS: Bool, over transport: Transport
  ) async -> RedisFacts.Sentinel.Answer {
    var endpoint = endpoint
    endpoint.usesTLS = usesTLS
    let shown = "\(endpoint.host):\(endpoint.port)"
    switch await transport.openRedisLink(to: linkTarget(endpoint), within: patience) {
    case .failed(let failure, _, _):
      return RedisFacts.Sentinel.Answer(shown, failure: failure.stepFailure(within: patience))
    case .open(let link, _, _):
      let entry = sentinels.password.map { [RedisCommand(["AUTH", $0.reveal()])] } ?? []
      let question = RedisCommand(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinels.master])
      let result = await link.send(entry + [question], within: stepTimeout)
      let target = RedisTarget(endpoint: endpoint, password: sentinels.password)
      if let failure = result.entryFailure(entry.count, of: target) {
        return RedisFacts.Sentinel.Answer(shown, failure: failure)
      }
      switch result.reply(entry.count) {
      case .array(let parts)? where parts.count == 2:
        return RedisFacts.Sentinel.Answer(
          shown, master: "\(parts[0].text ?? ""):\(parts[1].text ?? "")")
      case .null?: return RedisFacts.Sentinel.Answer(shown)
      case .error(let words)?:
        return RedisFacts.Sentinel.Answer(shown, failure: errorFailure(scrubbed(words, of: target)))
      case nil:
        return RedisFacts.Sentinel.Answer(
          shown, failure: RedisFacts.StepFailure(.timedOut, "it did not say where the master is"))
      default:
        return RedisFacts.Sentinel.Answer(
          shown, failure: RedisFacts.StepFailure(.notRedis, "it answered something other than an address"))
      }
    }
  }
}
