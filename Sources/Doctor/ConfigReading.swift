import AdminConfig
import Facts
import InstanceEnvironment
import RedisProbe

/// An instance's environment as the config is evaluated under it.
struct InstanceInput {
  var name: String
  var environment: ConfigEnvironment
}

/// The facts of the config, and the Redis URLs that the instances would use, with their credentials.
struct ConfigReading {
  var facts: Observation<ConfigFacts>
  var redisURLs: [(instance: String, url: Secret, location: Location?)] = []
}

/// The largest config file that is read, in bytes.
private let maximumConfigBytes = 1024 * 1024

/// Finds the config at `path` (a file, or a folder to look in), reads it and evaluates it for each instance.
func readConfig(at path: String, for instances: [InstanceInput]) -> ConfigReading {
  let candidates = PathKind(path) == .folder ? configCandidates(in: path) : [path]
  guard let file = candidates.first(where: { PathKind($0) != .missing }) else {
    let unseen = Unseen(.missing, "there is no config at any of \(candidates.joined(separator: ", "))")
    return ConfigReading(facts: .seen(ConfigFacts(file: .unseen(unseen), searched: candidates, instances: [])))
  }
  let settings: [(name: String, settings: RealtimeSettings)]
  do {
    let source = try readRegularFile(file, atMost: maximumConfigBytes)
    let module = try ConfigModule(source: source, path: file)
    settings = instances.map { ($0.name, module.realtime(under: $0.environment)) }
  } catch {
    let unseen =
      switch error {
      case let error as ConfigError: Unseen(.notUnderstood, error.message, at: error.location)
      case let error as RegularFileError:
        Unseen(.refused, "the config can't be read: \(error.message)", at: Location(file: file))
      default: Unseen(.notUnderstood, "\(error)", at: Location(file: file))
      }
    return ConfigReading(
      facts: .seen(
        ConfigFacts(
          file: .unseen(unseen), searched: candidates, instances: instances.map { unknown($0.name, because: unseen) })))
  }
  var reading = ConfigReading(
    facts: .seen(
      ConfigFacts(
        file: .seen(file), searched: candidates, instances: settings.map { realtimeFacts($0.name, $0.settings) })))
  for (name, settings) in settings where settings.driver.value == "redis" {
    if case .known(let url?) = settings.url.outcome, !url.isEmpty {
      reading.redisURLs.append((name, url, settings.url.location))
    }
  }
  return reading
}

private func realtimeFacts(_ instance: String, _ settings: RealtimeSettings) -> InstanceRealtime {
  let address: Observation<RedisAddress> =
    switch settings.url.outcome {
    case .known(let url): .seen(url.map(redisAddress) ?? .none)
    case .unknown(let reason): .unseen(reason)
    }
  return InstanceRealtime(
    instance: instance, isSet: settings.isSet, driver: settings.driver,
    redis: Evaluated(address, at: settings.url.location, variables: settings.url.variables),
    keyPrefix: settings.keyPrefix)
}

private func redisAddress(_ url: Secret) -> RedisAddress {
  if url.isEmpty { return .empty }
  do {
    return .endpoint(try redisTarget(url).endpoint)
  } catch {
    return .malformed(reason: error.reason)
  }
}

private func unknown(_ instance: String, because unseen: Unseen) -> InstanceRealtime {
  InstanceRealtime(
    instance: instance, isSet: Evaluated(.unseen(unseen)), driver: Evaluated(.unseen(unseen)),
    redis: Evaluated(.unseen(unseen)), keyPrefix: Evaluated(.unseen(unseen)))
}
