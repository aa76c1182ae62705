import AdminConfig
import Diagnosis
import Facts
import Foundation
import InstanceEnvironment
import RedisProbe

/// Looks at everything that the inputs and the manifest name, all probes at once, and returns what was seen.
///
/// The run ends when every probe has answered, at its deadline, or when `interruption` yields, with what is known then.
///
/// - Throws: `RunError` when an input that was named is missing or can't be understood.
public func collect(_ inputs: RunInputs, interruption: AsyncStream<Void>) async throws -> SavedRun {
  var plan = try Plan(inputs)
  let deadline = ContinuousClock.now + plan.timeout
  let (first, second) = twice(interruption)
  let needsValues = plan.needsValues(inputs)
  let (environments, wasInterrupted) = await readEnvironments(
    plan, inputs, interruption: first, plan.fingerprinter(inputs.fingerprintKey)
  ) { reading, fingerprinter in
    needsValues ? reading : EnvironmentReading(reading.facts(by: &fingerprinter))
  }
  // What is left of it, once commands have run.
  plan.timeout = max(.milliseconds(100), min(plan.timeout, deadline - .now))
  var run = try await collect(inputs, plan, environments, interruption: second)
  run.wasInterrupted = run.wasInterrupted || wasInterrupted
  return run
}

/// The same with environments that were read already.
func collect(
  _ inputs: RunInputs, _ plan: Plan, _ environments: [EnvironmentReading], interruption: AsyncStream<Void>
) async throws -> SavedRun {
  let ground = try groundwork(inputs, plan, environments)
  var facts = ground.facts
  let needed = inputs.neededTopics
  let servers = ground.servers
  if needed.contains(.redis) { facts.unknownRedis = servers.unknown }
  let keyPrefix = ground.keyPrefix
  var drive = needed.contains(.stream) ? plan.driving(servers, keyPrefix: keyPrefix.value ?? nil) : nil
  let streams = needed.contains(.stream) ? plan.streamTargets(drivenBy: drive?.value) : .unseen(.notAsked)
  drive = drive?.map { $0.fanningOut(plan.fanOut, to: streams.value ?? []) }
  var gathered = Gathered(
    redis: needed.contains(.redis) ? servers.targets : .unseen(.notAsked), streams: streams, drive: drive,
    replay: plan.replaying(servers), rooms: plan.joiningRooms(servers))
  let wasInterrupted = try await gathered.probe(
    plan, redis: plan.redisProbe(keyPrefix: keyPrefix), interruption: interruption)
  facts.redis = gathered.redisFacts
  facts.streams = gathered.streamFacts
  facts.drive = gathered.driveFacts(of: plan.system)
  facts.replay = gathered.replayFacts
  facts.rooms = gathered.roomFacts
  return SavedRun(
    topics: inputs.topics, facts: facts, overrides: plan.overrides, wasInterrupted: wasInterrupted,
    isFanOut: inputs.isFanOut)
}

/// What a run knows before it turns to the network.
struct Groundwork: Sendable {
  /// The deployment, the environments and the config.
  var facts: Facts
  var servers = RedisServers(targets: .unseen(.notAsked), unknown: [])
  /// What the names of channels and keys begin with; nil for the system's own.
  var keyPrefix: Observation<String?>
}

/// Reads the config under environments that were read, and sees which Redis servers it leads to.
func groundwork(
  _ inputs: RunInputs, _ plan: Plan, _ environments: [EnvironmentReading]
) throws -> Groundwork {
  var facts = Facts(deployment: .seen(plan.deployment))
  facts.collectedAt = Date.now.formatted(.iso8601)

  var fingerprinter = plan.fingerprinter(inputs.fingerprintKey)
  facts.environments = .seen(environments.map { $0.facts(by: &fingerprinter) })
  if let path = inputs.baselinePath {
    let snapshot = try EnvironmentSnapshot(path: path)
    facts.baseline = EnvironmentBaseline(source: path, takenAt: snapshot.takenAt, environments: snapshot.environments)
  }

  func instances() -> [InstanceInput] {
    environments.map { InstanceInput(name: $0.instance, environment: $0.configEnvironment) }
  }
  var config = ConfigReading(facts: .unseen(.notAsked))
  if plan.system != .flowpanel {
    config.facts = .unseen(
      Unseen(.notGiven, "\(plan.system.rawValue) has no admin config; its settings are in the environment"))
  } else if !plan.isRedisNamedAlone || plan.drivesStreams {
    config = readConfig(
      at: plan.configPath, for: instances(), withProject: inputs.neededTopics.contains(.config), tracing: inputs.trace)
    if let stated = plan.realtime { config.fillIn(stated, for: instances()) }
  }
  facts.config = config.facts

  let keyPrefix =
    plan.system == .testplanit ? namePart(environments.lazy.compactMap(\.queuePrefix).first) : config.keyPrefix
  var ground = Groundwork(facts: facts, keyPrefix: keyPrefix)
  if inputs.neededTopics.contains(.redis) || plan.drivesStreams {
    ground.servers = redisTargets(plan, config, environments)
  }
  return ground
}

/// Two streams that each bring what one does.
public func twice(_ stream: AsyncStream<Void>) -> (AsyncStream<Void>, AsyncStream<Void>) {
  let (first, toFirst) = AsyncStream.makeStream(of: Void.self)
  let (second, toSecond) = AsyncStream.makeStream(of: Void.self)
  Task {
    for await _ in stream {
      toFirst.yield()
      toSecond.yield()
    }
    toFirst.finish()
    toSecond.finish()
  }
  return (first, second)
}

extension Plan {
  /// Whether anything is computed from the values of variables, beside their fingerprints.
  fileprivate func needsValues(_ inputs: RunInputs) -> Bool {
    inputs.neededTopics.contains(.redis) || drivesStreams || realtime != nil
      || system == .flowpanel && !isRedisNamedAlone && configFile(at: configPath) != nil
  }

  /// What makes facts of environments, under the operator's key or one of this run's own.
  func fingerprinter(_ key: Secret?) -> Fingerprinter {
    let given = key.map { FingerprintKey(bytes: Array($0.reveal().utf8)) }
    return Fingerprinter(
      key: given ?? FingerprintKey(), keyID: given?.id, rules: EnvironmentRules(deployment), samples: samples)
  }
}

extension EnvironmentReading {
  /// TestPlanIt's key prefix, as far as it may be shown; nil where it is not set or empty.
  fileprivate var queuePrefix: String? {
    let variable = "BULLMQ_PREFIX"
    guard let value = variables[variable]?.value, !value.isEmpty else { return nil }
    return Disclosure.name(value.reveal(), from: [variable])
  }
}
