// What eviction takes from a system: that hangs on the policy, and on which of the system's keys expire.

import Diagnosis
import Facts

/// What a system loses when Redis evicts keys by a policy.
struct EvictionRisk {
  /// How bad the loss is.
  var severity: Severity
  /// What is lost, as the second half of a sentence.
  var loss: String
}

extension RedisFacts {
  /// What eviction by a policy takes from a system; one that is not known is taken to keep keys.
  func evictionRisk(by policy: String, to system: System?) -> EvictionRisk {
    guard system?.keepsKeysInRedis ?? true else {
      return EvictionRisk(severity: .warning, loss: "pub/sub loses nothing by that, what else it holds does")
    }
    // A volatile policy takes only keys with a TTL; where there are none, writes fail as under noeviction.
    guard policy.hasPrefix("volatile-") else {
      return EvictionRisk(severity: .error, loss: "lost are entries, jobs and claims still in use")
    }
    return switch system {
    case .fluxstack:
      EvictionRisk(severity: .error, loss: "it takes only keys with a TTL: claims, states and rooms have one")
    case .flock: EvictionRisk(severity: .error, loss: "it takes only keys with a TTL: presence has one")
    // BullMQ sets the lock of a job in work with PX; a job without its lock is taken for stalled and given out again.
    case .testplanit:
      EvictionRisk(
        severity: .warning,
        loss: "it takes only keys with a TTL: jobs have none, the locks of jobs in work do, and a job may run twice"
      )
    case .redisStreams: riskToStreams
    case .flowpanel, nil: EvictionRisk(severity: .warning, loss: "it takes only keys with a TTL, whoever needs them")
    }
  }

  private var riskToStreams: EvictionRisk {
    guard let streams = streams?.value, !streams.isEmpty else {
      return EvictionRisk(
        severity: .warning, loss: "it takes only keys with a TTL, and whether streams have one was not seen")
    }
    let expiring = streams.count { $0.ttlSeconds != nil }
    let share = "\(expiring == 0 ? "none" : "\(expiring)") of \(counted(streams.count, "stream")) seen"
    return EvictionRisk(severity: expiring == 0 ? .notice : .error, loss: "it takes only keys with a TTL: \(share)")
  }
}
