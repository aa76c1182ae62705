import Diagnosis
import Facts
import InstanceEnvironment
import RedisProbe
import Transport

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
    let server = target.sentinels.map { "the master \($0.shownMaster)" } ?? "\(target.endpoint)"
    return "published \(reading.instance) for \(rendezvous.place.deploy) to \(server): \(snapshot.summary), "
      + millisecondsText(written.milliseconds)
  case .failure(let failure):
    throw PublishingFailure(
      sentence: "\(reading.instance) was not published: \(failure) (the URL is that of \(source))")
  }
}
