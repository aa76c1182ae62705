import Facts
import InstanceEnvironment

/// Where an instance's environment is read, as the command line and the manifest write it: `web-1.env`, `apps/admin`,
/// `docker-env:web.env`, `kubernetes:deploy.yaml#deployment/web`, `process:4711`, `command:ssh web-2 env -0`,
/// `snapshot:web-2.json`, `-`.
public enum EnvironmentPlace: Sendable, Equatable {
  /// `.env` files, later ones overriding earlier ones; without a dialect in the system's own.
  case files([String], EnvFileDialect?)
  /// Compose files, later ones overriding, and the service; without one that of the instance's name.
  case compose([String], service: String?)
  /// What `docker inspect` printed, and the container; without one the only one.
  case inspect(String, container: String?)
  /// Files or folders of Kubernetes manifests, and the container in them.
  case kubernetes([String], workload: String?, container: String?)
  /// The environment that a process of this machine was started with.
  case process(Int)
  /// What a command of the shell prints: `env -0`, or a line for each variable.
  case command(String)
  /// A file that `env snapshot` wrote, and the instance in it; without one that of the same name, or the only one.
  case snapshot(String, instance: String?)
  /// What comes on standard input: `env -0`, or a line for each variable.
  case standardInput

  /// The kinds that may stand before a colon, with what follows it.
  public static let kinds = [
    "dotenv:FILE", "next:FILE", "node:FILE", "compose-env:FILE", "docker-env:FILE", "python:FILE", "shell:FILE",
    "compose:FILE#SERVICE", "inspect:FILE#CONTAINER", "kubernetes:FILE#WORKLOAD", "process:PID", "command:COMMAND",
    "snapshot:FILE#INSTANCE", "-",
  ]

  /// Whether it is what a program prints, and so stands in no file.
  var isPrinted: Bool {
    switch self {
    case .command, .standardInput: true
    default: false
    }
  }

  /// Reads a place. Text without a known kind names files, several of them separated by commas.
  ///
  /// - Throws: what is wrong with the place after a known kind, in a sentence.
  public init(_ text: String) throws(PlaceProblem) {
    if text == "-" {
      self = .standardInput
      return
    }
    let kind = text.prefix { $0 != ":" }
    let place = text.dropFirst(kind.count + 1)
    guard kind.count < text.count, let dialect = Self.dialects[String(kind)] else {
      switch kind.count < text.count ? kind : "" {
      case "compose":
        let (files, service) = Self.selection(place)
        self = .compose(try Self.paths(files), service: service)
      case "inspect":
        let (file, container) = try Self.oneFile(place, of: "inspect")
        self = .inspect(file, container: container)
      case "snapshot":
        let (file, instance) = try Self.oneFile(place, of: "snapshot")
        self = .snapshot(file, instance: instance)
      case "command":
        guard place.contains(where: { $0 != " " }) else {
          throw PlaceProblem(
            sentence: "command: takes a command that prints an environment, as in command:ssh web-2 env -0")
        }
        self = .command(String(place))
      case "kubernetes", "k8s": self = try Self.kubernetes(place)
      case "process":
        guard let id = Int32(place), id > 0 else {
          throw PlaceProblem(sentence: "process: takes the number of a process, as in process:4711")
        }
        self = .process(Int(id))
      case let unknown
      where text.contains(":") && unknown.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x2D }):
        throw PlaceProblem(
          sentence:
            "there is no kind \(unknown):; known are \(Self.kinds.joined(separator: ", ")). A file of that name is "
            + "./\(text)")
      default: self = .files(try Self.paths(text[...]), nil)
      }
      return
    }
    self = .files(try Self.paths(place), dialect)
  }

  private static let dialects: [String: EnvFileDialect] = [
    "dotenv": .nodeDotenv, "next": .next, "node": .nodeEnvFile, "compose-env": .compose, "docker-env": .dockerEnvFile,
    "python": .pythonDotenv, "shell": .shell,
  ]

  private static func paths(_ text: Substring) throws(PlaceProblem) -> [String] {
    let paths = text.split(separator: ",").map(String.init)
    if paths.isEmpty { throw PlaceProblem(sentence: "a file is missing; known are \(kinds.joined(separator: ", "))") }
    return paths
  }

  /// `deploy.yaml,config/#prod/deployment/web:app`.
  private static func kubernetes(_ place: Substring) throws(PlaceProblem) -> EnvironmentPlace {
    let (files, selection) = selection(place)
    let workload = (selection ?? "").prefix { $0 != ":" }
    let container = (selection ?? "").dropFirst(workload.count + 1)
    return .kubernetes(
      try paths(files), workload: workload.isEmpty ? nil : String(workload),
      container: container.isEmpty ? nil : String(container))
  }

  private static func oneFile(
    _ place: Substring, of kind: String
  ) throws(PlaceProblem) -> (file: String, name: String?) {
    let (files, name) = selection(place)
    let paths = try paths(files)
    guard let file = paths.first, paths.count == 1 else { throw PlaceProblem(sentence: "\(kind): takes one file") }
    return (file, name)
  }

  /// What stands before and behind a `#`.
  private static func selection(_ place: Substring) -> (files: Substring, name: String?) {
    let files = place.prefix { $0 != "#" }
    let name = place.dropFirst(files.count + 1)
    return (files, name.isEmpty ? nil : String(name))
  }

  /// The same with paths that are relative to a folder.
  func beside(_ path: (String) -> String) -> EnvironmentPlace {
    switch self {
    case .files(let files, let dialect): .files(files.map(path), dialect)
    case .compose(let files, let service): .compose(files.map(path), service: service)
    case .inspect(let file, let container): .inspect(path(file), container: container)
    case .kubernetes(let files, let workload, let container):
      .kubernetes(files.map(path), workload: workload, container: container)
    case .snapshot(let file, let instance): .snapshot(path(file), instance: instance)
    case .process, .command, .standardInput: self
    }
  }
}

/// What is wrong with a place.
public struct PlaceProblem: Error, Sendable, Equatable {
  /// The problem in a sentence, with what was expected.
  public var sentence: String
}
