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

/// The lines that choose the redis driver.
let redisDriverSnippet = #"realtime: { driver: "redis", url: process.env.REDIS_URL },"#
