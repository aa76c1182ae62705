import Facts
import Foundation

/// The largest output of `docker inspect` that is read, in bytes.
private let maximumInspectSize = 1 << 24

/// Reads the environment of a container from what `docker inspect` or `podman inspect` printed of it: `Config.Env`
/// (Docker Engine API, ContainerInspect and ImageInspect). What was printed of an image is what it sets for every
/// container.
///
/// - Parameters:
///   - path: The file, JSON.
///   - container: The name or the beginning of the ID, as `docker` takes it; nil where the file holds one only.
/// - Throws: `missing` where there is no such file, or none or several such containers in it; `malformed` where it is not
///   such output; `unreadable`, `tooLarge`.
public func readDockerInspect(
  _ path: String, container: String? = nil
) throws(EnvFileError) -> InstanceVariables {
  let location = Location(file: path)
  let chosen = try choose(
    container, of: inspected(fileBytes(path, atMost: maximumInspectSize), at: location), at: location)
  guard let config = chosen.config else {
    throw EnvFileError(
      .malformed, "\(chosen.title) has no `Config`: it is not what `docker inspect` prints of a container or an image",
      at: location)
  }
  var variables: [String: EnvironmentVariable] = [:]
  for entry in config.environment ?? [] {
    let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    // A name alone takes the image's variable away.
    guard let name = parts.first.map({ String($0) }), parts.count > 1 else { continue }
    guard !name.isEmpty, !entry.utf8.contains(0) else {
      throw EnvFileError(.malformed, "`Config.Env` of \(chosen.title) holds what is no variable", at: location)
    }
    variables[name] = EnvironmentVariable(name: name, value: Secret(String(parts[1])), location: location)
  }
  return InstanceVariables(source: "\(chosen.title) of \(path)", variables: variables)
}

private struct Inspected: Decodable {
  struct Config: Decodable {
    var environment: [String]?

    enum CodingKeys: String, CodingKey { case environment = "Env" }
  }

  var id: String?
  /// Docker puts a slash before it, Podman does not.
  var name: String?
  var imageNames: [String]?
  var config: Config?

  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case name = "Name"
    case imageNames = "RepoTags"
    case config = "Config"
  }

  var names: [String] {
    let own = name.map { String($0.hasPrefix("/") ? $0.dropFirst() : $0[...]) }
    return [own].compactMap { $0 }.filter { !$0.isEmpty } + (imageNames ?? [])
  }

  var title: String { names.first.map { "`\($0)`" } ?? id.map { "`\($0.prefix(12))`" } ?? "what was inspected" }
}

private func inspected(_ bytes: [UInt8], at location: Location) throws(EnvFileError) -> [Inspected] {
  let data = Data(bytes)
  let decoder = JSONDecoder()
  // With `--format '{{json .}}'` it is one object, without a list around it.
  if let list = try? decoder.decode([Inspected].self, from: data) { return list }
  if let one = try? decoder.decode(Inspected.self, from: data) { return [one] }
  throw EnvFileError(
    .malformed, "the file is not the JSON that `docker inspect` prints; write it with `docker inspect NAME > FILE`",
    at: location)
}

private func choose(
  _ name: String?, of all: [Inspected], at location: Location
) throws(EnvFileError) -> Inspected {
  let named = all.filter { each in name.map { each.names.contains($0) } ?? true }
  let matching =
    named.isEmpty ? all.filter { each in name.map { !$0.isEmpty && each.id?.hasPrefix($0) == true } ?? false } : named
  if matching.count == 1 { return matching[0] }
  let known = list(all.map(\.title))
  let message =
    if all.isEmpty {
      "it holds no container: was the name that `docker inspect` was given right?"
    } else if let name, matching.isEmpty {
      "there is no `\(name)` in it; there are \(known)"
    } else if let name {
      "there are \(matching.count) of `\(name)` in it; give the whole name or ID"
    } else {
      "it holds \(all.count) containers, and which one is meant was not given: \(known)"
    }
  throw EnvFileError(.missing, message, at: location)
}
