// How the checks on the config speak of its path, of the variables behind a value, and of what should stand there.

import Diagnosis
import Facts

extension ConfigFacts {
  /// The file that was read, or the first of the paths that were tried.
  var path: String { file.value ?? searched.first ?? "flowpanel.config.ts" }
}

extension Evaluated {
  /// The variables that the value was made from and that were not there to make it.
  var lacking: [VariableUse] { variables.filter { $0.state == .unset || $0.state == .empty } }

  /// Each variable behind the value, and how it stood for the instance.
  func variableEvidence(on instance: String) -> [Evidence] {
    variables.map { Evidence($0.name, $0.state.words, source: "the environment of \(instance)") }
  }

  /// Sets the variables that were not there.
  func remedyByEnvironment(of instance: String) -> Remedy {
    Remedy(
      "Set \(listed(lacking.map(\.name))) in the environment of \(instance) as on the other instances, and restart it.",
      snippet: lacking.map { "\($0.name)=…" }.joined(separator: "\n"))
  }

  /// Why the value is not known, with the best place to look.
  func unknown(_ what: String, _ card: CheckCard, _ instance: String, _ reason: Unseen) -> Verdict {
    card.undetermined(
      .instance(instance), "\(what) is not known: \(reason.detail)", evidence: variableEvidence(on: instance),
      at: reason.location ?? location)
  }
}

extension VariableUse {
  /// `REDIS_URL is not set`.
  var words: String { "\(name) is \(state.words)" }
}

extension VariableUse.State {
  /// The state as it reads after `is`.
  var words: String {
    switch self {
    case .set: "set"
    case .empty: "empty"
    case .unset: "not set"
    case .unknown: "not known"
    }
  }
}

/// Whether the redis driver is in use, as far as the instances that start tell.
enum RedisUse {
  case used(by: [String])
  case unused
  case unknown(instance: String, Unseen)
}

extension ConfigFacts {
  /// Whether any instance that starts uses the redis driver.
  var redisUse: RedisUse {
    let starting = instances.filter { $0.failure == nil }
    let users = starting.filter { $0.isSet.value != false && $0.driver.value == "redis" }
    if !users.isEmpty { return .used(by: users.map(\.instance)) }
    for realtime in starting where realtime.isSet.value != false {
      if let reason = realtime.driver.outcome.unseen { return .unknown(instance: realtime.instance, reason) }
    }
    return .unused
  }
}

/// Instances in groups of one value each: the largest group first, then in the order of the manifest.
func grouped<Value: Equatable>(
  _ instances: [InstanceRealtime], by value: (InstanceRealtime) -> Value
) -> [(value: Value, members: [InstanceRealtime])] {
  var groups: [(value: Value, members: [InstanceRealtime])] = []
  for instance in instances {
    let own = value(instance)
    if let index = groups.firstIndex(where: { $0.value == own }) {
      groups[index].members.append(instance)
    } else {
      groups.append((own, [instance]))
    }
  }
  return groups.enumerated().sorted {
    ($1.element.members.count, $0.offset) < ($0.element.members.count, $1.offset)
  }.map(\.element)
}

/// `redis on web-1 and web-3; memory on web-2`.
func sides(_ groups: [(value: String, members: [InstanceRealtime])]) -> String {
  groups.map { "\($0.value) on \(listed($0.members.map(\.instance)))" }.joined(separator: "; ")
}

/// The lines that choose the redis driver.
let redisDriverSnippet = #"realtime: { driver: "redis", url: process.env.REDIS_URL },"#
