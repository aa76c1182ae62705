import Facts
import Foundation
import InstanceEnvironment

extension Manifest {
  /// The manifest in a folder or, failing that, in the nearest folder above it; nil where there is none up to the root.
  /// The path is relative where `folder` is: `../../flowpanel-doctor.yaml`.
  public static func find(from folder: String) -> String? {
    let files = FileManager.default
    let absolute = folder.hasPrefix("/") ? folder : files.currentDirectoryPath + "/" + folder
    let depth = URL(filePath: absolute).resolvingSymlinksInPath().pathComponents.count
    var prefix = folder == "." || folder.isEmpty ? "" : folder.hasSuffix("/") ? folder : folder + "/"
    for _ in 0..<depth {
      var isFolder: ObjCBool = false
      if files.fileExists(atPath: prefix + fileName, isDirectory: &isFolder), !isFolder.boolValue {
        return prefix + fileName
      }
      prefix += "../"
    }
    return nil
  }

  /// Reads a manifest.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - knownChecks: The ids that `checks` may name.
  /// - Throws: `missing` where the file cannot be read, `malformed` where it cannot be understood.
  public static func load(path: String, knownChecks: [String]) throws(ManifestError) -> Manifest {
    let bytes: [UInt8]
    do {
      bytes = try readRegularFile(path, atMost: maximumSize)
    } catch {
      throw ManifestError(
        "cannot read the manifest: \(error.message)", kind: error.kind == .tooLarge ? .malformed : .missing,
        at: Location(file: path))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ManifestError("the manifest is not text in UTF-8", at: Location(file: path))
    }
    return try Manifest(text: text, path: path, knownChecks: knownChecks)
  }
}
