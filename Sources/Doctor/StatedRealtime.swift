import AdminConfig
import Facts

/// The realtime driver by name.
public enum RealtimeDriver: String, CaseIterable, Sendable, Equatable {
  case memory, redis
}

/// What the operator says of the realtime settings. It stands in for what the config leaves undetermined, and never for
/// what it says.
struct StatedRealtime: Sendable, Equatable {
  var driver: RealtimeDriver
  /// The environment variable of each instance that holds the Redis URL.
  var variable: String?
  var keyPrefix: String?
  /// Where it is stated; nil for the command line.
  var location: Location?
}

extension ConfigReading {
  /// Fills in what is undetermined with what the operator states.
  mutating func fillIn(_ stated: StatedRealtime, for instances: [InstanceInput]) {
    guard case .seen(var facts) = facts else { return }
    if facts.instances.isEmpty {
      let unseen = facts.file.unseen ?? Unseen(.missing, "there is no config")
      facts.instances = instances.map { unknownRealtime($0.name, because: unseen) }
    }
    for (index, instance) in instances.enumerated() where facts.instances[index].failure == nil {
      // Whether a config starts that can't be read is as little known with a stated driver.
      facts.instances[index].doubt = facts.instances[index].doubt ?? facts.file.unseen
      fillIn(stated, &facts.instances[index], instance)
    }
    self.facts = .seen(facts)
  }

  private mutating func fillIn(
    _ stated: StatedRealtime, _ realtime: inout InstanceRealtime, _ instance: InstanceInput
  ) {
    if realtime.isSet.value == nil { realtime.isSet = Evaluated(.seen(true), at: stated.location) }
    if realtime.driver.value == nil {
      realtime.driver = Evaluated(.seen(stated.driver.rawValue), at: stated.location)
      realtime.driverStatedBy = stated.location == nil ? "--driver" : "realtime.driver"
      if stated.driver == .redis, let (url, location) = urlsWithoutDriver[instance.name] {
        redisURLs.append((instance.name, url, location))
      }
    }
    if realtime.redis.value == nil {
      if realtime.driver.value == RealtimeDriver.memory.rawValue {
        realtime.redis = Evaluated(.seen(.none), at: stated.location)
      } else if let name = stated.variable {
        let variable = instance.environment.variable(name)
        let use = VariableUse(name, variable.state)
        switch variable {
        case .unknown: break
        case .unset: realtime.redis = Evaluated(.seen(.none), at: stated.location, variables: [use])
        case .set(let url):
          realtime.redis = Evaluated(.seen(redisAddress(url)), at: stated.location, variables: [use])
          if !url.isEmpty { redisURLs.append((instance.name, url, stated.location)) }
        }
      }
    }
    if realtime.keyPrefix.value == nil, let prefix = stated.keyPrefix {
      realtime.keyPrefix = Evaluated(.seen(prefix), at: stated.location)
    }
  }
}
