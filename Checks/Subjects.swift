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

  /// One verdict for each instance that the config was evaluated for and starts under. A config that could not be read
  /// and so has no instances gets one of its own.
  func eachInstance(_ config: Observation<ConfigFacts>, _ judge: (InstanceRealtime) -> Verdict) -> [Verdict] {
    eachInstanceStartingOrNot(config) { realtime in
      realtime.failure == nil
        ? judge(realtime)
        : notApplicable(.instance(realtime.instance), "it fails at start, which config.fails-at-start judges")
    }
  }

  /// The same with the instances under whose environment the config throws.
  func eachInstanceStartingOrNot(
    _ config: Observation<ConfigFacts>, _ judge: (InstanceRealtime) -> Verdict
  ) -> [Verdict] {
    if case .seen(let facts) = config, facts.instances.isEmpty, let reason = facts.file.unseen {
      return [unseen(.config(facts.path), reason)]
    }
    return each(of: config.map(\.instances), none: "no instance was named that the config could be read for", judge)
  }

  /// One verdict for each instance on the redis driver; the others get the one that says why there is nothing to judge.
  func eachInstanceOnRedis(
    _ config: Observation<ConfigFacts>, _ judge: (InstanceRealtime) -> Verdict
  ) -> [Verdict] {
    eachInstance(config) { realtime in
      let subject = Subject.instance(realtime.instance)
      switch (realtime.isSet.value, realtime.driver.outcome) {
      case (false, _), (_, .seen("memory")): return notApplicable(subject, "it uses the memory driver")
      case (_, .unseen(let reason)): return realtime.driver.unknown("its driver", self, realtime.instance, reason)
      case (_, .seen("redis")): return judge(realtime)
      case (_, .seen(let name)):
        return undetermined(
          subject, "the driver is \(name), and only memory and redis are known", at: realtime.driver.location)
      }
    }
  }

  /// The verdicts on what the instances that start have together, or the one for a config that leads to none.
  func together(
    _ config: Observation<ConfigFacts>, _ judge: (ConfigFacts, [InstanceRealtime]) -> [Verdict]
  ) -> [Verdict] {
    guard case .seen(let facts) = config else { return config.unseen.map { [unseen(.deployment, $0)] } ?? [] }
    let starting = facts.instances.filter { $0.failure == nil }
    if !starting.isEmpty { return judge(facts, starting) }
    if facts.instances.isEmpty, let reason = facts.file.unseen { return [unseen(.config(facts.path), reason)] }
    return [
      notApplicable(
        .config(facts.path),
        facts.instances.isEmpty
          ? "no instance was named that the config could be read for"
          : "no instance starts, which config.fails-at-start judges")
    ]
  }

  /// The verdicts on the project around the config, or the one for a project that was not looked at.
  func project(
    _ config: Observation<ConfigFacts>, _ judge: (ConfigFacts, ProjectFacts) -> [Verdict]
  ) -> [Verdict] {
    guard case .seen(let facts) = config else { return config.unseen.map { [unseen(.deployment, $0)] } ?? [] }
    switch facts.project {
    case nil: return [notApplicable(.config(facts.path), "the project around the config was not looked at")]
    case .unseen(let reason)?: return [unseen(.config(facts.path), reason)]
    case .seen(let project)?: return judge(facts, project)
    }
  }

  /// Why nothing is judged where the deployment, and with it the system, is not known.
  func unknownDeployment(_ facts: Facts) -> [Verdict] {
    facts.deployment.unseen.map { [unseen(.deployment, $0)] } ?? []
  }

  /// One verdict for each Redis that was tried, and for each that could not be.
  func eachRedis(_ facts: Facts, _ judge: (RedisFacts) -> Verdict) -> [Verdict] {
    let unknown = facts.unknownRedis.map { redis in
      unseen(redis.instance.map { .instance($0) } ?? .deployment, redis.reason)
    }
    if facts.redis.value?.isEmpty == true, !unknown.isEmpty { return unknown }
    return each(of: facts.redis, none: "no Redis URL was named", judge) + unknown
  }

  /// One verdict for each URL whose stream was opened, from all cells of the browser matrix.
  func eachStream(_ facts: Facts, _ judge: (StreamFacts) -> Verdict) -> [Verdict] {
    // What a server does not offer is no cell.
    let offered = facts.streams.map { $0.filter { $0.failure?.kind != .notOffered }.byTarget }
    return each(of: offered, none: "no stream URL was named") { cells in
      together(cells.map { ($0.cell, judge($0)) })
    }
  }

  /// The verdict on a URL from those on its cells: the worst one, and where the others differ from it.
  private func together(_ verdicts: [(cell: StreamCell, verdict: Verdict)]) -> Verdict {
    func rank(_ verdict: Verdict) -> Int {
      switch verdict.kind {
      case .finding: 3 + Severity.allCases.count(where: { $0 < verdict.severity })
      case .undetermined: 2
      case .pass: 1
      case .notApplicable, .suppressed: 0
      }
    }
    guard var worst = verdicts.max(by: { rank($0.verdict) < rank($1.verdict) })?.verdict else {
      return notApplicable(.deployment, "no stream was opened")
    }
    let alike = verdicts.filter { $0.verdict.kind == worst.kind }.map(\.cell)
    let good = verdicts.filter { $0.verdict.kind == .pass }.map(\.cell)
    guard worst.kind == .finding || worst.kind == .undetermined, !good.isEmpty else { return worst }
    worst.message += "; not so over \(names(good))"
    worst.evidence.append(Evidence("over", names(alike), expected: "as over \(names(good))"))
    return worst
  }

  private func names(_ cells: [StreamCell]) -> String { cells.map(\.name).joined(separator: ", ") }
}
