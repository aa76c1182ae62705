import Checks
import Delivery
public import Diagnosis
import Facts
import FanOut

extension SavedRun {
  /// Judges the facts and builds the report that every format renders.
  ///
  /// - Parameters:
  ///   - rules: what the command line narrows; the manifest's overrides are added.
  ///   - showsAllVariables: whether the table of variables also shows those that need no looking at.
  public func report(under rules: JudgingRules = JudgingRules(), showsAllVariables: Bool = false) -> Report {
    var rules = rules
    rules.overrides.merge(overrides) { given, _ in given }
    let checks = Catalogue.all.filter { check in
      topics.contains { $0.checkTopics.contains(check.card.topic) } && isAskedFor(check.card.id)
    }
    let all = judge(facts, with: checks, under: rules)
    let verdicts = isFanOut ? all.ofFanOut(facts) : all
    return Report(
      title: title, conclusions: conclusions(verdicts),
      verdicts: verdicts, exhibits: exhibits(showsAllVariables),
      notLookedAt: notLookedAt + (isFanOut ? [] : leftOpenByBalancers(verdicts)),
      inputProblems: inputProblems, wasInterrupted: wasInterrupted)
  }

  /// Whether the run is about what a check judges: a baseline is held against alone, and what instances publish is looked
  /// at where it was waited for.
  private func isAskedFor(_ check: String) -> Bool {
    if check.hasPrefix("stream.rollout-") { return facts.rollout != nil }
    return switch check {
    case "env.changed-since-baseline": facts.baseline != nil
    case "env.published": facts.published != nil
    default: facts.baseline == nil
    }
  }

  private func conclusions(_ verdicts: [Verdict]) -> [String] {
    if let rollout = facts.rollout { return rolloutConclusions(rollout) }
    if isFanOut { return fanOutConclusions(facts, verdicts, wasInterrupted: wasInterrupted) }
    return topics == [.stream] ? streamConclusions(facts, verdicts, wasInterrupted: wasInterrupted) : []
  }

  private var title: String {
    guard let deployment = facts.deployment.value else { return "nothing was looked at" }
    func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    if topics == [.redis] { return counted(facts.redis.value?.count ?? 0, "Redis server") }
    if let rollout = facts.rollout {
      return (deployment.manifest.map { "\($0): " } ?? "")
        + "a rollout, \(counted(rollout.streams.count, "event stream"))"
    }
    if topics == [.stream] {
      return counted((facts.streams.value ?? []).byTarget.count, "event stream")
    }
    let instances = (isFanOut ? FanOutMatrix(facts)?.rows.count : nil) ?? deployment.instances.count
    let what = "\(deployment.system.rawValue), \(counted(instances, "instance"))"
    return "\(deployment.manifest ?? "no manifest"): \(what)"
  }

  /// The tables that a subcommand shows; `check` shows the one that answers the first question, the active driver.
  private func exhibits(_ showsAllVariables: Bool) -> [Exhibit] {
    var shown: [Exhibit?] = fanOutExhibits(facts)
    let active = [
      facts.drive.map { driveExhibit($0, wroteLog: facts.replay?.value?.wroteLog ?? false) },
      facts.replay.map(replayExhibit), facts.rooms.map(roomsExhibit),
    ]
    if isFanOut { return (shown + active).compactMap { $0 } }
    if topics.contains(.config) { shown.append(facts.config.value.map(instancesExhibit)) }
    if topics == [.config] { shown.append(facts.config.value.flatMap(configTraceExhibit)) }
    if topics == [.config] { shown.append(facts.config.value.flatMap(configVariablesExhibit)) }
    if topics == [.environment], facts.baseline == nil {
      shown.append(facts.config.value.flatMap(driversExhibit))
      shown.append(variablesExhibit(facts, showsAll: showsAllVariables))
    }
    if topics == [.redis] {
      shown.append(facts.redis.value.map(redisExhibit))
      shown.append(facts.redis.value.flatMap(redisServersExhibit))
    }
    if topics == [.stream] { shown += facts.streams.value.map { streamsExhibits($0, in: StreamPath(facts)) } ?? [] }
    if topics.contains(.stream) { shown += facts.rollout.map(rolloutExhibits) ?? [] }
    if topics.contains(.stream) { shown += active }
    return shown.compactMap { $0 }
  }

  /// What was not looked at although it exists in every deployment, and how to make the tool look.
  private var notLookedAt: [String] {
    var sentences: [String] = []
    if isFanOut {
      sentences.append(
        "all that does not bear on whom an event reaches; flowpanel-doctor check --active looks at that too")
    }
    if !topics.isDisjoint(with: [.config, .environment]), let deployment = facts.deployment.value,
      !isFanOut, deployment.manifest == nil, deployment.instances.map(\.name) == [Plan.thisProcessName]
    {
      sentences.append(
        "no flowpanel-doctor.yaml was found from the current folder upwards, so the other instances, their environments "
          + "and the public side were not looked at; man flowpanel-doctor.yaml describes the file. A .env file is read "
          + "only where it is named: --instance web=.env")
    }
    if let deployment = facts.deployment.value, let leftOut = deployment.leftOut, facts.published == nil,
      !topics.isDisjoint(with: [.config, .environment])
    {
      sentences.append(
        "\(drawnTogether(leftOut).prefix(20).joined(separator: ", ")) of \(deployment.manifest ?? "the manifest"), as other "
          + "instances were named instead")
    }
    if topics.contains(.config),
      facts.config.value?.instances.contains(where: { $0.failure == nil && $0.driver.value == nil }) == true
    {
      sentences.append(
        "a driver that the config leaves undetermined can be stated: --driver redis, or realtime: in the manifest")
    }
    if topics.contains(.stream), let stream = facts.streams.value?.first(where: \.leadsToTLS) {
      sentences.append(
        "HTTP/2 at \(stream.url), which redirects to https: name that URL itself to see it over HTTP/2 too")
    }
    if topics.contains(.stream), topics != [.stream], facts.drive == nil,
      facts.streams.value?.contains(where: { $0.end == .closedByProbe && $0.watchedMilliseconds < 5000 }) == true
    {
      sentences.append(
        "what happens to streams after their beginning: idle timers, heartbeats, late events; --active publishes some, and "
          + "flowpanel-doctor stream holds them")
    }
    let unseen = [
      (FactTopic.config, facts.config.unseen), (.environment, facts.environments.unseen), (.redis, facts.redis.unseen),
      (.stream, facts.streams.unseen),
    ]
    for case (let topic, let unseen?) in unseen where topics.contains(topic) && unseen.kind == .notGiven {
      sentences.append(unseen.detail)
    }
    return sentences
  }

  private var inputProblems: [InputProblem] {
    (facts.environments.value ?? []).compactMap { environment in
      guard let unseen = environment.variables.unseen else { return nil }
      return switch unseen.kind {
      case .missing: InputProblem(.missing, unseen.detail, at: unseen.location)
      case .notUnderstood: InputProblem(.malformed, unseen.detail, at: unseen.location)
      default: nil
      }
    }
  }
}

extension FactTopic {
  /// The parts before the dot in the ids of the checks on this topic.
  public var checkTopics: [String] {
    switch self {
    case .environment: ["env"]
    case .redis: ["redis", "pubsub"]
    case .config, .deployment, .stream: [rawValue]
    }
  }
}

extension StreamFacts {
  /// Whether HTTP/2 would have been asked for too, had the URL been the one that it redirects to.
  fileprivate var leadsToTLS: Bool {
    cell.version == .http1 && url.hasPrefix("http:") && redirects.last?.url.hasPrefix("https:") == true
  }
}
