// One verdict for each thing that was looked at, and never none: the frame that every check's judgement sits in.

import Diagnosis
import Facts

extension CheckCard {
  /// One verdict for each item, or the one verdict for a topic that was not observed or has no items.
  func each<Item>(
    of topic: Observation<[Item]>, none: String, _ judge: (Item) -> Verdict
  ) -> [Verdict] {
    switch topic {
    case .unseen(let reason): [unseen(.deployment, reason)]
    case .seen(let items) where items.isEmpty: [notApplicable(.deployment, none)]
    case .seen(let items): items.map(judge)
    }
  }

  /// One verdict for each instance that the config was evaluated for. A config that could not be read and so has no
  /// instances gets one of its own.
  func eachInstance(_ config: Observation<ConfigFacts>, _ judge: (InstanceRealtime) -> Verdict) -> [Verdict] {
    if case .seen(let facts) = config, facts.instances.isEmpty, let reason = facts.file.unseen {
      return [unseen(.config(facts.path), reason)]
    }
    return each(of: config.map(\.instances), none: "no instance was named that the config could be read for", judge)
  }

  /// One verdict for each Redis that was tried, and for each that could not be.
  func eachRedis(_ facts: Facts, _ judge: (RedisFacts) -> Verdict) -> [Verdict] {
    let unknown = facts.unknownRedis.map { redis in
      unseen(redis.instance.map { .instance($0) } ?? .deployment, redis.reason)
    }
    if facts.redis.value?.isEmpty == true, !unknown.isEmpty { return unknown }
    return each(of: facts.redis, none: "no Redis URL was named", judge) + unknown
  }

  /// One verdict for each stream that was opened.
  func eachStream(_ facts: Facts, _ judge: (StreamFacts) -> Verdict) -> [Verdict] {
    each(of: facts.streams, none: "no stream URL was named", judge)
  }
}
