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
  /// The known URLs of the instances whose driver is undetermined, by instance.
  var urlsWithoutDriver: [String: (url: Secret, location: Location?)] = [:]
  /// The first key prefix that the config gives an instance that may use Redis; nil where none has one or there is no
  /// config; unseen where that is not known.
  var keyPrefix: Observation<String?> {
    let instances = facts.value?.instances.filter { $0.driver.value != "memory" } ?? []
    let prefixes = instances.map(\.keyPrefix.outcome)
    if let first = prefixes.lazy.compactMap({ $0.value ?? nil }).first { return namePart(first) }
    return prefixes.first { $0.unseen != nil } ?? .seen(nil)
  }
}

/// A prefix as a part of names that are shown and asked about; unseen for one that may not be shown.
func namePart(_ prefix: String?) -> Observation<String?> {
  prefix == Secret.redacted
    ? .unseen(
      Unseen(.notAttempted, "the key prefix may be a secret, by its characters or its variable, and is not asked about")
    )
    : .seen(prefix)
}

/// The largest file of a config that is read, in bytes.
private let maximumConfigBytes = 16 * 1024 * 1024

/// Finds the config at `path` (a file, or a folder to look in), reads it with what it imports, and evaluates it for each
/// instance. The project around it is looked at as well where a check wants to know of it.
///
/// - Parameters:
///   - inputs: the instances; not asked for where there is no config.
///   - tracing: a setting from the config's root on, `realtime.url`, whose making is recorded for each instance.
func readConfig(
  at path: String, for inputs: @autoclosure () -> [InstanceInput], withProject: Bool = true, tracing: String? = nil
) -> ConfigReading {
  let candidates = candidates(at: path)
  guard let file = configFile(at: path) else {
    let place = PathKind(path) == .folder ? "\(path == "." ? "the current folder" : path), nor in its src" : path
    let unseen = Unseen(.missing, "there is no config in \(place)")
    return ConfigReading(facts: .seen(ConfigFacts(file: .unseen(unseen), searched: candidates, instances: [])))
  }
  let instances = inputs()
  let project = withProject ? readProject(around: file) : nil
  let settings: [RealtimeSettings]
  var traces: [ConfigTrace] = []
  do throws(ConfigError) {
    let module = try ConfigModule(entry: file, files: configFiles)
    settings = module.realtime(underEach: instances.map(\.environment))
    if let tracing {
      let path = tracing.split(separator: ".").map(String.init)
      traces = instances.map {
        ConfigTrace(
          instance: $0.name, path: tracing, expressions: module.trace(of: path, under: $0.environment))
      }
    }
  } catch {
    let unseen = Unseen(.notUnderstood, "the config can't be read: \(error.message)", at: error.location)
    return ConfigReading(
      facts: .seen(
        ConfigFacts(
          file: .unseen(unseen), searched: candidates,
          instances: instances.map { unknownRealtime($0.name, because: unseen) },
          project: project)))
  }
  let pairs = Array(zip(instances, settings))
  var reading = ConfigReading(
    facts: .seen(
      ConfigFacts(
        file: .seen(file), searched: candidates, instances: pairs.map { realtimeFacts($0.name, $1) },
        variables: configVariables(pairs), project: project, traces: traces)))
  for (instance, settings) in pairs {
    guard case .known(let url?) = settings.url.outcome, !url.isEmpty else { continue }
    switch settings.driver.value {
    case "redis": reading.redisURLs.append((instance.name, url, settings.url.location))
    case nil: reading.urlsWithoutDriver[instance.name] = (url, settings.url.location)
    default: continue
    }
  }
  return reading
}

/// Where a config may be: the path itself, or the files of a folder.
private func candidates(at path: String) -> [String] {
  PathKind(path) == .folder ? configCandidates(in: path) : [path]
}

/// The config's file; nil where there is none.
func configFile(at path: String) -> String? { candidates(at: path).first { PathKind($0) != .missing } }

/// The files of this machine, as far as a config may lead to them.
private let configFiles = ConfigFiles { (path: String) -> ConfigFileContent in
  switch PathKind(path) {
  case .folder: return .folder
  case .missing: return .missing
  default: break
  }
  do throws(RegularFileError) {
    return .file(try readRegularFile(path, atMost: maximumConfigBytes))
  } catch {
    return error.kind == .missing ? .missing : .unreadable(error.message)
  }
} environment: { bytes, dialect, already in
  let parsed = try? parseEnvFile(
    bytes, path: "", dialect: dialect == .next ? .next : .nodeDotenv, inherited: already.mapValues { Secret($0) })
  return parsed?.variables.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value.reveal()) }
}

private func realtimeFacts(_ instance: String, _ settings: RealtimeSettings) -> InstanceRealtime {
  let address: Observation<RedisAddress> =
    switch settings.url.outcome {
    case .known(let url): .seen(url.map(redisAddress) ?? .none)
    case .unknown(let reason): .unseen(reason)
    }
  var facts = InstanceRealtime(
    instance: instance, failure: settings.failure, isSet: settings.isSet, driver: settings.driver,
    redis: Evaluated(address, at: settings.url.location, variables: settings.url.variables),
    url: urlOrigin(settings.url), keyPrefix: settings.keyPrefix, tls: settings.tls)
  facts.doubt = settings.doubt
  return facts
}

/// What the text of a Redis URL is made of; nil where there is no known URL.
private func urlOrigin(_ url: EvaluatedSecret) -> URLOrigin? {
  guard case .known(let text?) = url.outcome else { return nil }
  return URLOrigin(
    isWrittenInFile: url.textVariables.isEmpty, holdsPassword: (try? redisTarget(text))?.password != nil,
    variables: url.textVariables)
}

/// Every variable that the config reads under any environment, with how it stands for each instance.
private func configVariables(_ pairs: [(InstanceInput, RealtimeSettings)]) -> [ConfigVariable] {
  var all: [String: ConfigVariable] = [:]
  for (_, settings) in pairs {
    for reading in settings.reads {
      var variable =
        all[reading.name]
        ?? ConfigVariable(
          name: reading.name, need: reading.need, location: reading.location,
          instances: pairs.map { ConfigVariable.InstanceUse($0.0.name, $0.0.environment.variable(reading.name).state) })
      // What throws under one environment is required under all.
      let needs = [variable.need, reading.need]
      variable.need =
        needs.contains(.failsWithout) ? .failsWithout : needs.contains(.hasFallback) ? .hasFallback : .noFallback
      variable.loadedFrom = variable.loadedFrom ?? reading.loadedFrom
      variable.decidesRealtime = variable.decidesRealtime || settings.variables.contains(reading.name)
      all[reading.name] = variable
    }
  }
  return all.values.sorted { $0.name < $1.name }
}

/// Where a Redis URL leads, without its credentials.
func redisAddress(_ url: Secret) -> RedisAddress {
  if url.isEmpty { return .empty }
  do {
    return .endpoint(try redisTarget(url).endpoint)
  } catch {
    return .malformed(reason: error.reason)
  }
}

/// Settings of which nothing is known, for one reason.
func unknownRealtime(_ instance: String, because unseen: Unseen) -> InstanceRealtime {
  InstanceRealtime(
    instance: instance, isSet: Evaluated(.unseen(unseen)), driver: Evaluated(.unseen(unseen)),
    redis: Evaluated(.unseen(unseen)), keyPrefix: Evaluated(.unseen(unseen)))
}
