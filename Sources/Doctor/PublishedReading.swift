import Facts
import Foundation
import RedisProbe
import Transport

/// Reads what the instances have published, waiting for them, and collects it as the environments of a run.
///
/// - Parameter progress: is told how many have published, stale or not, while the others are waited for.
/// - Throws: `RunError` when an input that was named is missing or can't be understood.
public func collectPublished(
  _ inputs: RunInputs, interruption: AsyncStream<Void>, progress: @escaping @Sendable (_ count: Int) -> Void
) async throws -> SavedRun {
  guard let rendezvous = inputs.rendezvous else { throw RunError(.missing, "no rendezvous was named") }
  var plan = try Plan(inputs)
  let expected = rendezvous.expectedNames ?? plan.instances.filter { $0.location != nil }.map(\.name)
  guard rendezvous.expectedCount != nil || !expected.isEmpty else {
    throw RunError(
      .missing, "who is expected is missing: --expect NUMBER or --expect NAMES, or instances: in a manifest")
  }
  let (target, source) = try rendezvous.target(plan, inputs.environment)
  let transport = try Transport()
  let began = ContinuousClock.now
  let waiting = Task { [plan] in
    await rendezvous.place.wait(
      on: target, through: plan.redisProbe(keyPrefix: .seen(nil)), over: transport,
      until: began + min(rendezvous.wait, inputs.timeout ?? rendezvous.wait),
      isWorthReading: { names in
        progress(names.count)
        return rendezvous.areThere(Array(names), expected)
      },
      isComplete: { rendezvous.areThere($0.fresh, expected) })
  }
  let listening = Task {
    for await _ in interruption { waiting.cancel() }
  }
  var result = await waiting.value
  listening.cancel()
  if result.reading == nil, result.ending == .cancelled {
    // Those who are there were not worth reading before the others came.
    result.reading = try? await rendezvous.place.read(
      from: target, through: plan.redisProbe(keyPrefix: .seen(nil)), over: transport, within: .seconds(2))
  }

  var published = PublishedFacts(
    deploy: rendezvous.place.deploy, expectedCount: rendezvous.expectedCount,
    expectedNames: rendezvous.expectedCount == nil ? expected : nil,
    waitedMilliseconds: began.duration(to: .now) / .milliseconds(1), server: target.endpoint)
  let read = (result.reading?.instances ?? []).sorted { naturallyPrecedes($0.name, $1.name) }
  // Which server the sentinels name by then is not known to a line that is printed.
  published.indexKey = target.sentinels == nil ? rendezvous.place.indexKey : nil
  published.stale = read.filter { $0.state == .stale }.map { instance in
    PublishedFacts.Stale(
      instance: instance.name, publishedAt: instance.published?.formatted(.iso8601) ?? "at an unknown time")
  }
  let environments = read.compactMap { environment(of: $0, at: target.endpoint) }
  plan.instances = environments.map { Plan.Instance(name: $0.instance, environment: .notGiven) }
  var run = try await collect(
    inputs, plan, environments.map(EnvironmentReading.init), interruption: AsyncStream { $0.finish() })
  if result.reading == nil {
    let reason = result.failure.map(String.init(describing:)) ?? "nothing was read in time; raise --wait or --timeout"
    run.facts.environments = .unseen(
      Unseen(.notReachable, "what was published is not known: \(reason) (the URL is that of \(source))"))
  } else if result.reading?.isCutShort == true {
    run.facts.environments = .unseen(
      Unseen(.notUnderstood, "there are more than \(Rendezvous.maximumInstances) instances at the rendezvous"))
  }
  run.facts.published = published
  run.wasInterrupted = result.ending == .cancelled
  return run
}

/// The environment that an instance published; nil for one that has expired.
private func environment(of instance: RendezvousReading.Instance, at server: RedisEndpoint) -> EnvironmentFacts? {
  func unusable(_ reason: String) -> EnvironmentFacts {
    EnvironmentFacts(
      instance: instance.name, source: "\(server)",
      variables: .unseen(Unseen(.notUnderstood, "what \(instance.name) published can't be understood: \(reason)")))
  }
  switch instance.state {
  case .stale: return nil
  case .unusable(let reason): return unusable(reason)
  case .document(let bytes):
    do throws(RunError) {
      let source = "the document of \(instance.name)"
      // Before the rest: a document of a thousand instances would be a thousand times its size.
      guard try EnvironmentSnapshot.names(in: bytes, source: source) == [instance.name] else {
        return unusable("it is that of another instance")
      }
      guard var facts = try EnvironmentSnapshot(bytes, source: source).environments.first else { return nil }
      facts.source = "published by \(instance.name)"
      return facts
    } catch {
      return unusable(error.problem.message)
    }
  }
}

extension RendezvousReading {
  /// The instances whose documents are there.
  fileprivate var fresh: [String] {
    instances.compactMap { instance in
      if case .stale = instance.state { nil } else { instance.name }
    }
  }
}

/// Whether a name comes before another where the numbers in them count as numbers: `web-2` before `web-10`.
private func naturallyPrecedes(_ first: String, _ second: String) -> Bool {
  first.compare(second, options: [.numeric, .literal]) == .orderedAscending
}
