// How an evaluation is held against a case, and the trees of files that cases are evaluated in.
import AdminConfig
import Facts
import InstanceEnvironment

extension ConformanceCase {
  /// Where the evaluation differs from what must come out: a sentence for each difference.
  func differences(in files: ConfigFiles) -> [String] {
    let module = try? ConfigModule(entry: entry, files: files)
    var differences: [String] = []
    var variables: Set<String> = []
    for (instance, expected) in expected.sorted(by: { $0.key < $1.key }) {
      let environment = (environments[instance] ?? [:]).compactMapValues { $0.map { Secret($0) } }
      let settings = module?.realtime(under: .known(environment))
      differences += expected.differences(from: settings).map { "\(instance): \($0)" }
      variables.formUnion(settings?.variableNames ?? [])
    }
    if let reads, reads.sorted() != variables.sorted() {
      differences.append("reads: expected \(reads.sorted()), got \(variables.sorted())")
    }
    let lacking = Set(readsAtLeast ?? []).subtracting(variables)
    if !lacking.isEmpty { differences.append("reads: \(lacking.sorted()) missing from \(variables.sorted())") }
    return differences
  }
}

extension ExpectedRealtime {
  /// Without settings, for a file that can't be read at all, nothing is known.
  fileprivate func differences(from settings: RealtimeSettings?) -> [String] {
    if let failure { return failure.differences(from: settings?.failure) }
    if let found = settings?.failure {
      return ["expected no failure, got \(found.message) at \(place(found.location))"]
    }
    let settings: [(String, SettingOutcome?, SettingOutcome)] = [
      ("driver", driver, settings?.driverOutcome ?? .undetermined),
      ("url", url, settings?.urlOutcome ?? .undetermined),
      ("keyPrefix", keyPrefix, settings?.keyPrefixOutcome ?? .undetermined),
    ]
    return settings.compactMap { name, expected, found in
      expected == nil || expected == found ? nil : "\(name): expected \(shown(expected)), got \(shown(found))"
    }
  }
}

extension ExpectedFailure {
  fileprivate func differences(from found: StartFailure?) -> [String] {
    guard let found else { return ["expected a failure, \"\(message)\", got none"] }
    var differences: [String] = []
    if !message.isEmpty && !isMessage(found.message, message) {
      differences.append("failure: expected \"\(message)\", got \"\(found.message)\"")
    }
    let isPlace = file == nil || file.map(normalizedPath) == found.location.map { normalizedPath($0.file) }
    if !isPlace || line != nil && line != found.location?.line {
      differences.append("failure: expected at \(file ?? ""):\(line ?? 0), got \(place(found.location))")
    }
    return differences
  }
}

/// Whether a failure's message is this one; the error's name may stand before it, as node prints it.
func isMessage(_ found: String, _ message: String) -> Bool {
  guard found != message else { return true }
  guard found.hasSuffix(": \(message)") else { return false }
  return found.dropLast(message.count + 2).allSatisfy(\.isLetter)
}

extension RealtimeSettings {
  /// The names of all variables that the setting depends on.
  var variableNames: Set<String> {
    let uses = [isSet.variables, driver.variables, url.variables, keyPrefix.variables, failure?.variables ?? []]
    return Set(uses.joined().map(\.name))
  }

  var driverOutcome: SettingOutcome { driver.value.map { .text($0) } ?? .undetermined }

  var urlOutcome: SettingOutcome {
    switch url.outcome {
    case .known(let secret): secret.map { .text($0.reveal()) } ?? .undefined
    case .unknown: .undetermined
    }
  }

  var keyPrefixOutcome: SettingOutcome {
    switch keyPrefix.outcome {
    case .seen(let text): text.map { .text($0) } ?? .undefined
    case .unseen: .undetermined
    }
  }

  /// What `url` came out as: its text, `undefined`, `unknown`, or `throws` and the message.
  var urlText: String {
    if let failure { return "throws \(failure.message)" }
    return switch urlOutcome {
    case .text(let text): text
    case .undefined: "undefined"
    case .undetermined: "unknown"
    }
  }
}

private func shown(_ outcome: SettingOutcome?) -> String {
  switch outcome {
  case .text(let text): "\"\(text)\""
  case .undefined: "undefined"
  case .undetermined, nil: "undetermined"
  }
}

private func place(_ location: Location?) -> String { location?.description ?? "no place" }

/// A tree of files by their paths from the project's folder; whatever is a part of such a path is a folder.
func configFiles(_ files: [String: [UInt8]]) -> ConfigFiles {
  let files = Dictionary(files.map { (normalizedPath($0), $1) }, uniquingKeysWith: { first, _ in first })
  var folders: Set<String> = [""]
  for path in files.keys {
    let parts = path.split(separator: "/")
    for count in 0..<parts.count { folders.insert(parts.prefix(count).joined(separator: "/")) }
  }
  return ConfigFiles { [folders] (path: String) -> ConfigFileContent in
    let path = normalizedPath(path)
    if let bytes = files[path] { return .file(bytes) }
    return folders.contains(path) ? .folder : .missing
  } environment: { bytes, dialect, already in
    let parsed = try? parseEnvFile(
      bytes, path: "", dialect: dialect == .next ? .next : .nodeDotenv, inherited: already.mapValues { Secret($0) })
    return parsed?.variables.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value.reveal()) }
  }
}

/// A path without `.`, `..` and doubled slashes; one that leaves the project keeps its `..`, so that nothing is there.
func normalizedPath(_ path: String) -> String {
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
  }
  return parts.joined(separator: "/")
}
