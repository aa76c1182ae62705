import ArgumentParser
import Diagnosis
import Doctor
import Facts
import Foundation
import InstanceEnvironment

/// The options that say what is looked at; the same for every command that collects.
struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The manifest; without it, flowpanel-doctor.yaml is looked for from the current folder upwards.",
      valueName: "file"))
  var manifest: String?

  @Option(
    help: ArgumentHelp(
      "The system that runs here, instead of the manifest's; flowpanel unless given.", valueName: "system"))
  var system: System?

  @Option(help: ArgumentHelp("The admin config, or the folder that it is in.", valueName: "path"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      """
      An instance and where its environment is read, instead of the manifest's: a .env file, the folder that Next.js \
      loads it in, or KIND:PLACE; repeatable.
      """,
      valueName: "name=place"), transform: InstanceArgument.init(argument:))
  var instance: [InstanceArgument] = []

  @Option(
    help: ArgumentHelp(
      "The realtime driver where the config leaves it undetermined: memory or redis.", valueName: "driver"))
  var driver: RealtimeDriver?

  @Option(
    name: [.customLong("ca-file"), .customLong("cacert")],
    help: ArgumentHelp("A PEM file with the certificate authorities to trust.", valueName: "file"))
  var caFile: String?

  @Option(
    help: ArgumentHelp("How long the whole run may take: 500ms, 30s, 5m.", valueName: "duration"),
    transform: durationArgument)
  var timeout: Duration?

  @Option(
    help: ArgumentHelp("Save what was observed, for 'flowpanel-doctor judge'. No secret is in it.", valueName: "file"))
  var saveFacts: String?

  /// The inputs of a run on these topics.
  ///
  /// - Parameter more: instances that the command takes as arguments.
  func inputs(on topics: Set<FactTopic>, instances more: [InstanceArgument] = []) throws -> RunInputs {
    let instances = instance + more
    if let twice = Dictionary(grouping: instances, by: \.name).filter({ $0.value.count > 1 }).keys.min() {
      throw ValidationError("the instance \(twice) is named twice; give its files together: \(twice)=FILE,FILE")
    }
    var inputs = RunInputs(topics: topics, environment: processEnvironment().mapValues(\.value))
    inputs.manifestPath = manifest
    inputs.system = system
    inputs.configPath = config
    inputs.driver = driver
    inputs.instances = instances.map { ($0.name, $0.place) }
    switch instances.count(where: { $0.place == .standardInput }) {
    case 0: break
    case 1:
      if isatty(STDIN_FILENO) == 1 { Console.talk("reading an environment from standard input; Ctrl-D ends it") }
      inputs.standardInput = try readStandardInput()
    default: throw ValidationError("only one instance can be read from standard input")
    }
    inputs.caFile = caFile
    inputs.timeout = timeout
    return inputs
  }

  /// Refuses a place for the facts that can't be written before the run rather than after it.
  func validate() throws {
    if let saveFacts { try refuseUnwritable(saveFacts, what: "the facts") }
  }

  /// Collects, judges, saves the facts if asked to, and leaves with the report. An input that stops the run is reported
  /// too, so that a report from an earlier run can't be taken for this one's.
  func run(
    reporting options: ReportOptions, showsAllVariables: Bool = false, on inputs: () throws -> RunInputs
  ) async throws -> Never {
    let run: SavedRun
    do {
      var inputs = try inputs()
      inputs.rules = options.rules
      let waiting = Waiting()
      defer { waiting.end() }
      run = try await collect(inputs, interruption: interruption())
    } catch let error as RunError {
      try options.finish(error)
    }
    try finish(run, reporting: options, showsAllVariables: showsAllVariables)
  }

  /// Judges, saves the facts if asked to, and leaves with the report.
  ///
  /// - Parameter isSaved: whether what else was to be saved is.
  func finish(
    _ run: SavedRun, reporting options: ReportOptions, showsAllVariables: Bool = false, isQuietWhenWell: Bool = false,
    toStandardError: Bool = false, isSaved: Bool = true
  ) throws -> Never {
    let areFactsSaved = saveFacts.map { run.save(to: $0, what: "the facts") } ?? true
    try options.finish(
      run.report(under: options.rules, showsAllVariables: showsAllVariables),
      leavingWith: isSaved && areFactsSaved ? nil : .bug, isQuietWhenWell: isQuietWhenWell,
      toStandardError: toStandardError)
  }
}

extension SavedRun {
  /// Writes the run to a file, or says why it can't be written; the report must not be lost for that.
  func save(to path: String, what: String) -> Bool {
    do {
      try encoded().write(toFile: path, atomically: false, encoding: .utf8)
      return true
    } catch {
      Console.talk("error: \(what) can't be saved to \(path): \(error.localizedDescription)")
      return false
    }
  }
}

/// An instance on the command line: `web-1=web-1.env`, `web-1=.env,.env.local`, `web-1=apps/admin`,
/// `web-1=kubernetes:deploy.yaml#deployment/web`, `web-1=-`.
struct InstanceArgument {
  var name: String
  var place: EnvironmentPlace

  init(argument: String) throws {
    let name = argument.prefix { $0 != "=" }
    let text = String(argument.dropFirst(name.count + 1))
    guard isInstanceName(String(name)), !text.isEmpty else {
      throw ValidationError(
        "expected NAME=FILE or NAME=KIND:PLACE, as in web-1=web-1.env; a name has letters, digits, '_', '.' and '-'")
    }
    self.name = String(name)
    do {
      place = try EnvironmentPlace(text)
    } catch {
      throw ValidationError("\(argument): \(error.sentence)")
    }
  }
}

/// All of standard input, up to one byte more than an environment may have.
func readStandardInput() throws -> Secret {
  var bytes: [UInt8] = []
  while bytes.count <= maximumEnvironmentSize,
    let data = try FileHandle.standardInput.read(upToCount: maximumEnvironmentSize + 1 - bytes.count), !data.isEmpty
  {
    bytes += data
  }
  return Secret(String(decoding: bytes, as: UTF8.self))
}

/// A duration on the command line.
func durationArgument(_ text: String) throws -> Duration {
  guard let duration = parseDuration(text), duration > .zero else {
    throw ValidationError("expected a duration above zero and up to 365d with its unit, as in 500ms, 30s or 5m")
  }
  return duration
}

/// Ends when the operator presses Ctrl-C the first time, or another program asks this one to end (SIGTERM); the second
/// time ends the process.
func interruption(by signals: [Int32] = [SIGINT, SIGTERM]) -> AsyncStream<Void> {
  let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
  let isRegistered = DispatchSemaphore(value: 0)
  // Kept alive by the stream, touched by nobody after they are resumed.
  nonisolated(unsafe) let sources = signals.map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      continuation.yield()
      continuation.finish()
      for number in signals { signal(number, SIG_DFL) }
    }
    // Registered elsewhere and later: a signal before that would be lost.
    source.setRegistrationHandler { isRegistered.signal() }
    source.resume()
    return source
  }
  for _ in sources { isRegistered.wait() }
  continuation.onTermination = { _ in _ = sources }
  return stream
}

extension RealtimeDriver: ExpressibleByArgument {}
extension System: ExpressibleByArgument {}
