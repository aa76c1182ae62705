import Facts
import Foundation

/// What manifests may be at most; what one may hold, YAMLBounds say.
private enum ManifestBounds {
  /// Bytes of one file.
  static let fileSize = 32 << 20
  /// Bytes of all files together.
  static let totalSize = 128 << 20
  /// Files of one folder.
  static let files = 10_000
}

/// Reads the documents of manifest files. Of a folder all its `.yaml`, `.yml` and `.json` files are read, in the order
/// of their names, as `kubectl apply -f` does it; folders in it are not.
func readManifests(_ places: [String]) throws(EnvFileError) -> [YAMLNode] {
  var documents: [YAMLNode] = []
  var size = 0
  for path in try manifestPaths(places) {
    let bytes = try fileBytes(path, atMost: ManifestBounds.fileSize)
    size += bytes.count
    guard size <= ManifestBounds.totalSize else {
      throw EnvFileError(
        .tooLarge, "with this file it is more than \(ManifestBounds.totalSize) bytes, which is the most that is read",
        at: Location(file: path))
    }
    do {
      documents += try readYAMLDocuments(bytes, path: path)
    } catch {
      throw isTemplate(bytes, upTo: error.location.line) ? notRendered(error.location) : error
    }
  }
  return documents
}

/// The failure for a Helm template in a manifest's place.
func notRendered(_ location: Location) -> EnvFileError {
  EnvFileError(
    .malformed,
    "it is a Helm template that was not rendered: run `helm template RELEASE CHART > rendered.yaml` and give that file",
    at: location)
}

private func manifestPaths(_ places: [String]) throws(EnvFileError) -> [String] {
  var paths: [String] = []
  for place in places {
    if case .folder = try kind(of: place) {
      paths += try manifestPaths(inFolder: place)
    } else {
      try refuseSources([place.split(separator: "/").last.map(String.init) ?? place], at: place)
      paths.append(place)
    }
  }
  return paths
}

private func manifestPaths(inFolder folder: String) throws(EnvFileError) -> [String] {
  let names: [String]
  do {
    names = try FileManager.default.contentsOfDirectory(atPath: folder)
  } catch {
    throw EnvFileError(.unreadable, "the folder can't be read", at: Location(file: folder))
  }
  try refuseSources(names, at: folder)
  var paths: [String] = []
  for name in names.sorted() where [".yaml", ".yml", ".json"].contains(where: { name.hasSuffix($0) }) {
    let path = join(folder, name)
    if case .folder = try kind(of: path) { continue }
    paths.append(path)
  }
  if paths.isEmpty {
    throw EnvFileError(.missing, "no .yaml, .yml or .json file is in the folder", at: Location(file: folder))
  }
  if paths.count > ManifestBounds.files {
    throw EnvFileError(
      .tooLarge, "there are \(paths.count) files in the folder, and at most \(ManifestBounds.files) are read",
      at: Location(file: folder))
  }
  return paths
}

/// What Kustomize and Helm make manifests from is none.
private func refuseSources(_ names: [String], at place: String) throws(EnvFileError) {
  if names.contains(where: { ["kustomization.yaml", "kustomization.yml", "Kustomization"].contains($0) }) {
    throw EnvFileError(
      .malformed, "it is for Kustomize: run `kubectl kustomize FOLDER > all.yaml` and give that file",
      at: Location(file: place))
  }
  if names.contains("Chart.yaml") { throw notRendered(Location(file: place)) }
}

/// Whether a failure to read a file comes from a template's actions: one stands on the line of the failure, or a line
/// before it begins with one.
private func isTemplate(_ bytes: [UInt8], upTo lastLine: Int?) -> Bool {
  guard let lastLine else { return false }
  var line = 1
  var isIndentation = true
  var previous: UInt8 = 0
  var previousWasIndentation = true
  for byte in bytes {
    if byte == Byte.openBrace, previous == Byte.openBrace, previousWasIndentation || line == lastLine { return true }
    previousWasIndentation = isIndentation
    previous = byte
    if byte == Byte.lineFeed {
      line += 1
      if line > lastLine { return false }
      isIndentation = true
    } else if byte != UInt8(ascii: " "), byte != Byte.hyphen {
      isIndentation = false
    }
  }
  return false
}
