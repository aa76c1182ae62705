import Facts
import InstanceEnvironment
import RedisProbe

/// A Redis server to probe, with everyone who would use it.
struct RedisProbeTarget: Sendable {
  var target: RedisTarget
  var usedBy: [String]
  var location: Location?
}

/// The Redis servers to probe: those that the command line names; else those that the instances would use and the
/// manifest names. Two spellings of one URL with the same credentials are probed once.
///
/// Where an instance's URL can't be known, or leads nowhere, the others are probed all the same; when none is left,
/// the reason is the answer.
func redisTargets(
  _ plan: Plan, _ config: ConfigReading, _ environments: [EnvironmentReading]
) -> Observation<[RedisProbeTarget]> {
  var wanted: [(instance: String?, url: Secret, location: Location?)] = plan.namedRedis.map {
    (nil, $0.url, $0.location)
  }
  if !plan.isRedisNamedAlone {
    wanted +=
      plan.system == .flowpanel
      ? config.redisURLs.map { ($0.instance, $0.url, $0.location) }
      : environments.compactMap { environment in
        guard let variable = environment.variables[plan.system.redisVariable], !variable.value.isEmpty else {
          return nil
        }
        return (environment.instance, variable.value, variable.location)
      }
  }
  var targets: [RedisProbeTarget] = []
  var problem: Unseen?
  for (instance, url, location) in wanted {
    let target: RedisTarget
    do {
      target = try redisTarget(url)
    } catch {
      problem = Unseen(
        .notUnderstood, "the Redis URL of \(instance ?? "the manifest") can't be used: \(error.reason)", at: location)
      continue
    }
    if let index = targets.firstIndex(where: { $0.target == target }) {
      if let instance { targets[index].usedBy.append(instance) }
    } else {
      targets.append(RedisProbeTarget(target: target, usedBy: instance.map { [$0] } ?? [], location: location))
    }
  }
  if !targets.isEmpty { return .seen(targets) }
  return .unseen(problem ?? whyNoRedis(plan, config, environments))
}

/// Why there is no Redis to probe: nobody uses one, or it can't be known who does.
private func whyNoRedis(_ plan: Plan, _ config: ConfigReading, _ environments: [EnvironmentReading]) -> Unseen {
  let hint = "name one under redis: in the manifest, or use flowpanel-doctor redis URL"
  if plan.system != .flowpanel {
    if let unseen = environments.compactMap(\.unseen).first { return unseen }
    return Unseen(.notGiven, "no instance has \(plan.system.redisVariable), so no Redis was looked at; \(hint)")
  }
  for instance in config.facts.value?.instances ?? [] {
    if let reason = instance.driver.outcome.unseen {
      return Unseen(
        .notAttempted, "which Redis \(instance.instance) uses is not known: \(reason.detail)", at: reason.location)
    }
    if instance.driver.value == "redis", let reason = instance.redis.outcome.unseen {
      return Unseen(
        .notAttempted, "which Redis \(instance.instance) uses is not known: \(reason.detail)", at: reason.location)
    }
    if instance.driver.value == "redis" {
      return Unseen(.notGiven, "the redis driver is configured without a usable URL, so no Redis was looked at")
    }
  }
  return Unseen(.notGiven, "no instance uses Redis, so none was looked at; \(hint)")
}
