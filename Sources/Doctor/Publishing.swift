import Diagnosis
import Facts
import Foundation
import InstanceEnvironment
import RedisProbe
import Transport

/// Where instances publish what they run under, and who is waited for.
public struct RendezvousInputs: Sendable {
  /// A text that can't name a deploy or a prefix.
  public struct Problem: Error, Sendable {
    /// What is wrong, in a sentence.
    public var sentence: String
  }

  let place: Rendezvous
  let urlVariable: String?
  let urlFile: String?
  /// How many instances there should be; nil where their names are given.
  public var expectedCount: Int?
  /// The names or patterns of the instances that there should be; nil for those of the manifest.
  public var expectedNames: [String]?
  /// How long they are waited for.
  public var wait = Duration.zero

  /// A place for a deploy's instances.
  ///
  /// - Parameters:
  ///   - urlVariable: the variable of this process that holds the Redis URL; nil for the system's own.
  ///   - urlFile: the file whose first line is the Redis URL.
  public init(
    deploy: String, prefix: String, timeToLive: Duration, urlVariable: String? = nil, urlFile: String? = nil
  ) throws(Problem) {
    do throws(RendezvousNameError) {
      place = try Rendezvous(prefix: prefix, deploy: deploy, timeToLive: timeToLive)
    } catch {
      throw Problem(sentence: error.reason)
    }
    self.urlVariable = urlVariable
    self.urlFile = urlFile
  }

  /// Whether the manifest is to say which Redis it is.
  var namesNoRedis: Bool { urlVariable == nil && urlFile == nil }

  /// Whether these instances are those that are waited for.
  fileprivate func areThere(_ names: [String], _ expected: [String]) -> Bool {
    if let expectedCount { return names.count >= expectedCount }
    return expected.allSatisfy { name in names.contains { matches(name, $0) } }
  }
}

extension RendezvousInputs {
  /// The server: from the variable or the file that was named, else the manifest's, else what the system's own variable
  /// holds.
  fileprivate func target(_ plan: Plan, _ variables: [String: Secret]) throws(RunError) -> (
    target: RedisTarget, source: String
  ) {
    let what = "the Redis URL"
    let url: Secret
    let source: String
    if let urlFile {
      url = try readSecretLine(urlFile, what: "the file with \(what),")
      source = urlFile
    } else if let named = plan.namedRedis.first, urlVariable == nil {
      url = named.url
      source = named.location?.description ?? "the manifest"
    } else {
      let name = urlVariable ?? plan.system.redisVariable
      url = try secretVariable(name, in: variables, what: what)
      source = "the variable \(name)"
    }
    do throws(RedisURLError) {
      return (try redisTarget(url), source)
    } catch {
      throw RunError(.malformed, "\(what) from \(source) can't be used: \(error.reason)")
    }
  }
}

/// Why an instance could not be published.
public struct PublishingFailure: Error, Sendable {
  /// What was attempted, what came back and what to try.
  public var sentence: String
}

/// Publishes the environment of the one instance that the inputs name.
///
/// - Returns: what was done, in a sentence.
/// - Throws: `RunError` where the environment or the Redis URL can't be read; `PublishingFailure` where a command did not
///   print it or Redis did not take it; `Interrupted`.
public func publish(_ inputs: RunInputs, interruption: AsyncStream<Void>) async throws -> String {
  guard let rendezvous = inputs.rendezvous else { throw RunError(.missing, "no rendezvous was named") }
  let plan = try Plan(inputs)
  let (first, second) = twice(interruption)
  var fingerprinter = plan.fingerprinter(inputs.fingerprintKey)
  let (readings, wasInterrupted) = await readEnvironments(plan, inputs, interruption: first, fingerprinter) {
    reading, _ in
    reading
  }
  if wasInterrupted { throw Interrupted() }
  guard let reading = readings.first, readings.count == 1 else {
    throw RunError(.missing, "one instance publishes itself, and \(readings.count) are named")
  }
  if let unseen = reading.unseen {
    guard [.missing, .notUnderstood].contains(unseen.kind) else { throw PublishingFailure(sentence: unseen.detail) }
    throw RunError(unseen.kind == .missing ? .missing : .malformed, unseen.detail, at: unseen.location)
  }
  let (target, source) = try rendezvous.target(
    plan, reading.variables.mapValues(\.value).merging(inputs.environment) { $1 })
  let snapshot = EnvironmentSnapshot([reading.facts(by: &fingerprinter)])
  let transport = try Transport()
  let document = Array(try snapshot.encoded(isCompact: true).utf8)
  // An answer that is under way can't be called off: who interrupts does not wait for it.
  let (outcomes, report) = AsyncStream.makeStream(of: Result<RendezvousPublication, RendezvousFailure>?.self)
  let work = Task { [limit = plan.timeout, probe = plan.redisProbe(keyPrefix: .seen(nil))] in
    do throws(RendezvousFailure) {
      report.yield(
        .success(
          try await rendezvous.place.publish(
            document, as: reading.instance, to: target, through: probe, over: transport, within: limit)))
    } catch {
      report.yield(.failure(error))
    }
  }
  let listening = Task {
    for await _ in second { report.yield(nil) }
  }
  defer {
    listening.cancel()
    work.cancel()
  }
  guard let outcome = await outcomes.first(where: { _ in true }), let outcome else { throw Interrupted() }
  switch outcome {
  case .success(let written):
    return "published \(reading.instance) for \(rendezvous.place.deploy) to \(target.endpoint): \(snapshot.summary), "
      + millisecondsText(written.milliseconds)
  case .failure(let failure):
    throw PublishingFailure(
      sentence: "\(reading.instance) was not published: \(failure) (the URL is that of \(source))")
  }
}

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
  published.indexKey = rendezvous.place.indexKey
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
      let snapshot = try EnvironmentSnapshot(bytes, source: "the document of \(instance.name)")
      guard snapshot.environments.count == 1, var facts = snapshot.environments.first, facts.instance == instance.name
      else { return unusable("it is that of another instance") }
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
