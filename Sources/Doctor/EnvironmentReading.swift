import AdminConfig
import Facts
import InstanceEnvironment

/// One instance's environment as it was read, values and all; it never leaves the run.
struct EnvironmentReading {
  var instance: String
  var source: String
  var variables: [String: EnvironmentVariable]
  /// Why there are no variables; nil where they were read.
  var unseen: Unseen?
  /// Variables that are set to something unknown, and why there may be others.
  private var unresolved: [String: Unseen] = [:]
  private var mayHoldMore: Unseen?
  private var isFromFiles = false

  /// Reads the environment of a planned instance.
  ///
  /// - Parameters:
  ///   - process: the environment of this process.
  ///   - standardInput: what came on standard input.
  ///   - dialect: how `.env` files are read.
  init(of instance: Plan.Instance, process: [String: Secret], standardInput: Secret, dialect: EnvFileDialect) {
    self.instance = instance.name
    variables = [:]
    switch instance.environment {
    case .thisProcess:
      source = "the environment of this process"
      for (name, value) in process { variables[name] = EnvironmentVariable(name: name, value: value) }
    case .place(let place, let location):
      source = "not read"
      if case .files = place { isFromFiles = true }
      take(namedAt: location) { () throws(EnvFileError) in
        switch place {
        case .files(let paths, let own): try readEnvFiles(paths, dialect: own ?? dialect)
        case .compose(let files, let service):
          try readCompose(files, service: service ?? instance.name, environment: process)
        case .inspect(let file, let container): try readDockerInspect(file, container: container)
        case .kubernetes(let places, let workload, let container):
          try readKubernetes(places, workload: workload, container: container)
        case .process(let id): try readProcessEnvironment(id)
        case .standardInput:
          try parseEnvironment(Array(standardInput.reveal().utf8), source: "standard input", path: "standard input")
        }
      }
    case .next(let folder, let mode, let location):
      source = folder
      take(namedAt: location) { () throws(EnvFileError) in try readNextEnvironment(in: folder, mode: mode) }
    case .notGiven:
      source = "not given"
      // The manifest names the instance, so its environment was asked for: not knowing it must show.
      unseen = Unseen(
        .notAttempted, "no environment was given for \(instance.name): add env: with its .env file to the manifest",
        at: instance.location)
    }
  }

  /// Takes over what was read, or the reason why nothing was.
  private mutating func take(
    namedAt location: Location?, _ read: () throws(EnvFileError) -> InstanceVariables
  ) {
    do {
      let read = try read()
      source = read.source
      variables = read.variables
      unresolved = read.unresolved
      mayHoldMore = read.mayHoldMore
    } catch {
      var reason = error.unseen
      let place = location.map { ", named at \($0)" } ?? ""
      reason.detail = "the environment of \(instance) can't be read: \(error.location.file)\(place): \(error.message)"
      unseen = reason
    }
  }

  /// What the facts keep of it.
  func facts(under key: FingerprintKey) -> EnvironmentFacts {
    if let unseen { return EnvironmentFacts(instance: instance, source: source, variables: .unseen(unseen)) }
    return environmentFacts(
      instance: instance,
      variables: InstanceVariables(
        source: source, variables: variables, unresolved: unresolved, mayHoldMore: mayHoldMore), key: key)
  }

  /// What the config is evaluated under. `.env` files don't hold NODE_ENV: `next start` sets it to production. Where a
  /// folder was named, it is among the variables already.
  var configEnvironment: ConfigEnvironment {
    if let unseen { return .unknown(unseen) }
    var values = variables.mapValues(\.value)
    if isFromFiles, values["NODE_ENV"] == nil { values["NODE_ENV"] = Secret("production") }
    return unresolved.isEmpty && mayHoldMore == nil
      ? .known(values) : .partial(values, unknown: unresolved, others: mayHoldMore)
  }
}
