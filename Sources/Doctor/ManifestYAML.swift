import Facts
import InstanceEnvironment

extension Manifest {
  /// The largest manifest that is read, in bytes.
  static let maximumSize = 1 << 20
}

/// Parses a manifest's text into YAML nodes, and tells every failure as a `ManifestError` with its place.
func parseManifestYAML(_ text: String, path: String) throws(ManifestError) -> YAMLNode {
  let start = Location(file: path, line: 1, column: 1)
  guard text.utf8.count <= Manifest.maximumSize else {
    throw ManifestError("the manifest is larger than \(Manifest.maximumSize) bytes", at: start)
  }
  let root: YAMLNode?
  do throws(YAMLError) {
    root = try readYAMLDocument(Array(text.utf8), path: path)
  } catch {
    if let (key, mapping) = error.repeated {
      throw ManifestError("\(quoted(key)) is given more than once in the same mapping", at: mapping)
    }
    throw ManifestError(error.message, at: error.location)
  }
  guard let root else { throw ManifestError("the manifest is empty; expected a mapping", at: start) }
  return root
}
