import AdminConfig
import Facts
import InstanceEnvironment

extension EnvFileError {
  /// Why there is nothing of a command.
  fileprivate static func notRun(_ command: String) -> EnvFileError {
    EnvFileError(.failed, "the command was not run", at: Location(file: commandTitle(command)))
  }
}

/// What came on standard input. Nothing is what a command leaves there that failed.
private func parseStandardInput(_ input: Secret) throws(EnvFileError) -> InstanceVariables {
  let source = "standard input"
  let read = try parseEnvironment(Array(input.reveal().utf8), source: source, path: source)
  if read.variables.isEmpty {
    throw EnvFileError(
      .malformed, "nothing came: what prints an environment, such as ssh web-2 env -0, may have failed",
      at: Location(file: source))
  }
  return read
}

/// One instance's environment as it was read, values and all; it never leaves the run.
struct EnvironmentReading: Sendable {
  /// What there is to know it by.
  private enum Content: Sendable {
    case variables(InstanceVariables)
    /// Fingerprints that were made elsewhere.
    case facts(EnvironmentFacts)
    case unseen(Unseen)
  }

  var instance: String
  private var content: Content
  private var source: String
  private var isFromFiles = false

  /// Reads the environment of a planned instance.
  ///
  /// - Parameters:
  ///   - process: the environment of this process.
  ///   - standardInput: what came on standard input.
  ///   - output: what the instance's command printed, where it is read by one.
  ///   - dialect: how `.env` files are read.
  ///   - snapshots: the snapshots that instances are read from, by path.
  init(
    of instance: Plan.Instance, process: [String: Secret], standardInput: Secret, output: CommandOutput?,
    dialect: EnvFileDialect, snapshots: [String: Result<EnvironmentSnapshot, RunError>]
  ) {
    self.instance = instance.name
    source = "not read"
    switch instance.environment {
    case .thisProcess:
      let variables = process.map { ($0.key, EnvironmentVariable(name: $0.key, value: $0.value)) }
      source = "the environment of this process"
      content = .variables(InstanceVariables(source: source, variables: Dictionary(uniqueKeysWithValues: variables)))
    case .place(.snapshot(let path, let name), let location):
      do throws(RunError) {
        let snapshot =
          snapshots[path] ?? Result { () throws(RunError) in try EnvironmentSnapshot(path: path, namedAt: location) }
        content = .facts(try snapshot.get().environment(of: instance.name, named: name, source: path))
      } catch {
        let kind = error.problem.kind == .missing ? Unseen.Kind.missing : .notUnderstood
        content = .unseen(Unseen(kind, error.problem.message, at: error.problem.location))
      }
    case .place(let place, let location):
      if case .files = place { isFromFiles = true }
      content = Self.content(of: instance.name, namedAt: location, isPrinted: place.isPrinted) {
        () throws(EnvFileError) in
        switch place {
        case .files(let paths, let own): try readEnvFiles(paths, dialect: own ?? dialect)
        case .compose(let files, let service):
          try readCompose(files, service: service ?? instance.name, environment: process)
        case .inspect(let file, let container): try readDockerInspect(file, container: container)
        case .kubernetes(let places, let workload, let container):
          try readKubernetes(places, workload: workload, container: container)
        case .process(let id): try readProcessEnvironment(id)
        case .command(let command): try (output ?? .failure(.notRun(command))).get()
        case .snapshot(let path, _): throw EnvFileError(.unreadable, "it was not read", at: Location(file: path))
        case .standardInput: try parseStandardInput(standardInput)
        }
      }
    case .next(let folder, let mode, let location):
      source = folder
      content = Self.content(of: instance.name, namedAt: location) { () throws(EnvFileError) in
        try readNextEnvironment(in: folder, mode: mode)
      }
    case .notGiven:
      source = "not given"
      // The manifest names the instance, so its environment was asked for: not knowing it must show.
      content = .unseen(
        Unseen(
          .notAttempted, "no environment was given for \(instance.name): add env: with its .env file to the manifest",
          at: instance.location))
    }
    if case .variables(let variables) = content { source = variables.source }
  }

  /// What was read, or the reason why nothing was.
  private static func content(
    of instance: String, namedAt location: Location?, isPrinted: Bool = false,
    _ read: () throws(EnvFileError) -> InstanceVariables
  ) -> Content {
    do {
      return .variables(try read())
    } catch {
      var reason = error.unseen
      // What a program prints stands in no file that could be opened there.
      if isPrinted { reason.location = location }
      let place = location.map { ", named at \($0)" } ?? ""
      reason.detail = "the environment of \(instance) can't be read: \(error.location.file)\(place): \(error.message)"
      return .unseen(reason)
    }
  }

  /// An environment whose fingerprints were made elsewhere.
  init(_ facts: EnvironmentFacts) {
    instance = facts.instance
    source = facts.source
    content = .facts(facts)
  }

  /// What the facts keep of it.
  func facts(by fingerprinter: inout Fingerprinter) -> EnvironmentFacts {
    switch content {
    case .unseen(let reason): EnvironmentFacts(instance: instance, source: source, variables: .unseen(reason))
    case .facts(let facts): facts
    case .variables(let variables): fingerprinter.facts(instance: instance, variables: variables)
    }
  }

  /// The variables with their values; none where these are not known.
  var variables: [String: EnvironmentVariable] {
    if case .variables(let read) = content { read.variables } else { [:] }
  }

  /// Why there are no variables; nil where they were read.
  var unseen: Unseen? {
    switch content {
    case .unseen(let reason): reason
    case .facts(let facts): facts.variables.unseen
    case .variables: nil
    }
  }

  /// Why the value of a variable is not known that may be set; nil where it is known, or known not to be set.
  func whyUnknown(_ name: String) -> Unseen? {
    switch content {
    case .unseen(let reason): reason
    case .facts(let facts):
      facts.variables.value?[name]?.isEmpty == false ? Self.onlyFingerprint(facts) : facts.whyUnknown(name)
    case .variables(let read): read.unresolved[name] ?? (read.variables[name] == nil ? read.mayHoldMore : nil)
    }
  }

  private static func onlyFingerprint(_ facts: EnvironmentFacts) -> Unseen {
    Unseen(.notGiven, "of its value only a fingerprint is known (\(facts.source))")
  }

  /// What the config is evaluated under. `.env` files don't hold NODE_ENV: `next start` sets it to production. Where a
  /// folder was named, it is among the variables already.
  var configEnvironment: ConfigEnvironment {
    switch content {
    case .unseen(let reason): return .unknown(reason)
    case .facts(let facts):
      guard let variables = facts.variables.value else {
        return facts.variables.unseen.map { .unknown($0) } ?? .known([:])
      }
      let reason = Self.onlyFingerprint(facts)
      let unknown = variables.filter { !$0.value.isEmpty }.mapValues { _ in reason }
      return .partial(
        variables.filter(\.value.isEmpty).mapValues { _ in Secret("") },
        unknown: unknown.merging(facts.unresolved ?? [:]) { $1 }, others: facts.mayHoldMore)
    case .variables(let read):
      var values = read.variables.mapValues(\.value)
      if isFromFiles, values["NODE_ENV"] == nil { values["NODE_ENV"] = Secret("production") }
      return read.unresolved.isEmpty && read.mayHoldMore == nil
        ? .known(values) : .partial(values, unknown: read.unresolved, others: read.mayHoldMore)
    }
  }
}
