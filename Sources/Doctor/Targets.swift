import AdminConfig
import Facts
import InstanceEnvironment
import RedisProbe

/// A Redis server to probe, with everyone who would use it.
struct RedisProbeTarget: Sendable {
  var target: RedisTarget
  var usedBy: [String]
  var location: Location?
}

/// The Redis servers to probe, or why there are none, and who uses one that is not known.
struct RedisServers: Sendable {
  var targets: Observation<[RedisProbeTarget]>
  var unknown: [UnknownRedis]
}

/// The Redis servers to probe: those that the command line names; else those that the instances would use and the
/// manifest names. Two spellings of one URL with the same credentials are probed once.
///
/// An instance whose URL can't be known, or leads nowhere, is among `unknown`: the others' servers say nothing about its.
func redisTargets(
  _ plan: Plan, _ config: ConfigReading, _ environments: [EnvironmentReading]
) -> RedisServers {
  var wanted = plan.namedRedis.map { (instance: String?.none, url: $0.url, location: $0.location) }
  var unknown: [UnknownRedis] = []
  if plan.isRedisNamedAlone {
    // The command line asks about these alone.
  } else if plan.system == .flowpanel {
    wanted += config.redisURLs.map { ($0.instance, $0.url, $0.location) }
    unknown = config.facts.value?.instances.compactMap(unknownRedis) ?? []
  } else {
    for environment in environments {
      if let reason = environment.whyUnknown(plan.system.redisVariable) {
        unknown.append(UnknownRedis(instance: environment.instance, reason: reason))
      } else if let variable = environment.variables[plan.system.redisVariable], !variable.value.isEmpty {
        wanted.append((environment.instance, variable.value, variable.location))
      }
    }
  }
  var targets: [RedisProbeTarget] = []
  for (instance, url, location) in wanted {
    do {
      let variables = environments.first { $0.instance == instance }?.variables ?? [:]
      let target = try redisTarget(url, among: variables.mapValues(\.value), plan.system)
      if let index = targets.firstIndex(where: { $0.target == target }) {
        if let instance { targets[index].usedBy.append(instance) }
      } else {
        targets.append(RedisProbeTarget(target: target, usedBy: instance.map { [$0] } ?? [], location: location))
      }
    } catch {
      let reason = Unseen(
        .notUnderstood, "\(instance.map { "\($0)'s" } ?? "the") Redis URL can't be used: \(error.reason)", at: location)
      unknown.append(UnknownRedis(instance: instance, reason: reason))
    }
  }
  guard targets.isEmpty, unknown.isEmpty else { return RedisServers(targets: .seen(targets), unknown: unknown) }
  let usesURL =
    plan.system == .flowpanel ? "uses the redis driver with a URL" : "has \(plan.system.redisVariable)"
  let reason = plan.system == .flowpanel ? config.facts.unseen ?? config.facts.value?.file.unseen : nil
  return RedisServers(
    targets: .unseen(
      Unseen(
        .notGiven,
        (reason.map { "which one the instances use is not known: \($0.detail)" }
          ?? "no instance \(usesURL), so no Redis was looked at")
          + "; name one under redis: in the manifest, or use flowpanel-doctor redis URL", at: reason?.location)),
    unknown: [])
}

/// The server that a URL leads to beside other variables; TestPlanIt's sentinels take the place of its URL's host, and of
/// it only the password is used.
func redisTarget(
  _ url: Secret, among variables: [String: Secret], _ system: System
) throws(RedisURLError) -> RedisTarget {
  var target = try redisTarget(url)
  guard system == .testplanit, let list = variables["VALKEY_SENTINELS"], !list.isEmpty else { return target }
  let password = variables["VALKEY_SENTINEL_PASSWORD"]
  let masterVariable = "VALKEY_SENTINEL_MASTER"
  let master = variables[masterVariable]?.reveal() ?? "mymaster"
  var sentinels = try RedisSentinels(
    list: list.reveal(), master: master, password: password?.isEmpty == true ? nil : password)
  sentinels.shownMaster = Disclosure.name(master, from: [masterVariable])
  target.sentinels = sentinels
  target.endpoint.database = 0
  target.endpoint.usesTLS = false
  target.username = nil
  return target
}

/// An instance that may use a Redis which is not known, because its driver or its URL is not.
private func unknownRedis(_ instance: InstanceRealtime) -> UnknownRedis? {
  let isMemory = instance.driver.value == "memory"
  guard !isMemory, let reason = instance.driver.outcome.unseen ?? instance.redis.outcome.unseen else { return nil }
  return UnknownRedis(
    instance: instance.instance,
    reason: Unseen(
      .notAttempted, "which Redis \(instance.instance) uses is not known: \(reason.detail)", at: reason.location))
}
