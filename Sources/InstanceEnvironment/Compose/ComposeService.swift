import Facts

/// What compose files say of one service, as far as its environment goes.
struct ComposeService {
  /// What another file, or the service that extends this one, can take away with `!reset` and `!override`.
  enum Attribute: Hashable {
    case environment, envFile, extends
    case variable(String)
  }

  /// A service whose settings a service takes over.
  struct Base {
    var service: String
    /// The file that it is in; nil for the same one.
    var file: String?
    var location: Location
  }

  var environment: ComposeEnvironment?
  var envFiles: [ComposeEnvFile] = []
  var extends: Base?
  /// What is taken away from the service that this one is laid over.
  var cleared: Set<Attribute> = []

  /// Both merged, where this one's settings win (compose-spec, 13-merge.md).
  func laid(over base: ComposeService) -> ComposeService {
    var result = base
    result.cleared = cleared
    if cleared.contains(.environment) { result.environment = nil }
    if cleared.contains(.envFile) { result.envFiles = [] }
    if cleared.contains(.extends) { result.extends = nil }
    if let settings = result.environment, !settings.isList {
      // In a list compose finds no variable to take away.
      result.environment?.settings = settings.settings.filter { !cleared.contains(.variable($0.key)) }
    }
    if let environment { result.environment = result.environment?.overridden(by: environment) ?? environment }
    result.envFiles = unique(result.envFiles + envFiles)
    if let extends { result.extends = extends }
    return result
  }
}

/// The variables that a service sets by itself.
struct ComposeEnvironment {
  struct Setting {
    /// The value; nil for one that is passed on from the environment that compose is run in.
    var value: Secret?
    /// Whether the value lacks that of a variable that it refers to.
    var isIncomplete = false
    /// As a variable's `isWrittenInManifest`.
    var isWritten = false
    var location: Location
  }

  var settings: [String: Setting] = [:]
  /// Whether it is `NAME=value` lines, as it also is for compose once two were merged.
  var isList: Bool

  func overridden(by other: ComposeEnvironment) -> ComposeEnvironment {
    ComposeEnvironment(settings: settings.merging(other.settings) { _, latest in latest }, isList: true)
  }
}

/// A file of variables that a service names.
struct ComposeEnvFile {
  var path: String
  var isRequired = true
  /// Whether its values are taken as they stand, quotes and dollars too (`format: raw`).
  var isRaw = false
  var location: Location
}

/// A file that is named twice is read in the first one's place, as the last one says (compose-go, override/uncity.go).
private func unique(_ files: [ComposeEnvFile]) -> [ComposeEnvFile] {
  var result: [ComposeEnvFile] = []
  var places: [String: Int] = [:]
  for file in files {
    if let place = places[file.path] {
      result[place] = file
    } else {
      places[file.path] = result.count
      result.append(file)
    }
  }
  return result
}
