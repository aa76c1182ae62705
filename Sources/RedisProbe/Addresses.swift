import Facts
import Transport

/// How many addresses of one name are asked.
private let maximumAddresses = 8

extension RedisProbe {
  /// What answers at each address that the host's name leads to; nil where there is one or none.
  func addressFacts(
    of target: RedisTarget, over transport: Transport, within timeout: Duration
  ) async -> [RedisFacts.Address]? {
    let endpoint = target.endpoint
    guard asksAddresses(of: endpoint) else { return nil }
    let addresses = await transport.addresses(of: endpoint.host, within: timeout)
    guard addresses.count > 1 else { return nil }
    return await withTaskGroup(of: (Int, RedisFacts.Address).self) { group in
      for (index, address) in addresses.prefix(maximumAddresses).enumerated() {
        group.addTask { (index, await facts(of: target, at: address, over: transport, within: timeout)) }
      }
      var found: [(Int, RedisFacts.Address)] = []
      for await result in group { found.append(result) }
      return found.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Whether the endpoint has a name, which may lead to several addresses.
  func asksAddresses(of endpoint: RedisEndpoint) -> Bool {
    !endpoint.isUnixSocket && !endpoint.isMasterName && proxy == nil && !isAddress(endpoint.host)
  }

  private func facts(
    of target: RedisTarget, at address: String, over transport: Transport, within timeout: Duration
  ) async -> RedisFacts.Address {
    let shown = address.contains(":") ? "[\(address)]:\(target.endpoint.port)" : "\(address):\(target.endpoint.port)"
    switch await transport.openRedisLink(to: linkTarget(target.endpoint, address: address), within: timeout) {
    case .failed(let failure, _, _):
      return RedisFacts.Address(shown, failure: failure.stepFailure(within: timeout))
    case .open(let link, _, _):
      let entry = target.entryCommands
      let result = await link.send(entry + [RedisCommand(["INFO", "server"])], within: timeout)
      if let failure = result.entryFailure(entry.count, of: target) {
        return RedisFacts.Address(shown, failure: failure)
      }
      guard let reply = result.reply(entry.count) else {
        let failure = (result.failure ?? .closed("no answer came")).stepFailure(afterMilliseconds: result.milliseconds)
        return RedisFacts.Address(shown, failure: failure)
      }
      if case .error(let words) = reply {
        return RedisFacts.Address(shown, failure: errorFailure(scrubbed(words, of: target)))
      }
      return RedisFacts.Address(shown, runID: reply.text.map(infoFields)?["run_id"] ?? "")
    }
  }
}

/// Whether a host is an address already.
private func isAddress(_ host: String) -> Bool {
  host.contains(":") || host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { UInt8($0) != nil }
}
