// Trees of files in memory, and what resolving one specifier in them must give.
import Synchronization
import Testing

@testable import AdminConfig

/// Files by path; the folders are those that the paths lead through.
func tree(_ files: [String: String]) -> ConfigFiles {
  let contents = files.mapValues { ConfigFileContent.file(Array($0.utf8)) }
  var folders: Set = ["."]
  for path in files.keys {
    var folder = path
    while let slash = folder.lastIndex(of: "/") {
      folder = String(folder[..<slash])
      folders.insert(folder)
    }
  }
  return ConfigFiles { [folders] path in contents[path] ?? (folders.contains(path) ? .folder : .missing) }
}

/// Files that count how often each path is asked for.
final class CountedFiles: Sendable {
  private let asked = Mutex<[String: Int]>([:])
  private let files: ConfigFiles

  init(_ files: [String: String]) { self.files = tree(files) }

  var counts: [String: Int] { asked.withLock { $0 } }

  var content: ConfigFiles {
    ConfigFiles { [self] path in
      asked.withLock { $0[path, default: 0] += 1 }
      return files.content(path)
    }
  }
}

/// A specifier in a tree, and what it leads to: `file a.ts`, `package a`, `builtin a`, `missing`, `failed a.json:1:2`.
struct ResolutionCase: CustomTestStringConvertible {
  var specifier: String
  var importer: String
  var files: [String: String]
  var expected: String

  init(_ specifier: String, from importer: String = "app/a.ts", in files: [String: String], is expected: String) {
    self.specifier = specifier
    self.importer = importer
    self.files = files
    self.expected = expected
  }

  /// The same with files that hold nothing.
  init(_ specifier: String, from importer: String = "app/a.ts", among paths: [String], is expected: String) {
    let files = Dictionary(uniqueKeysWithValues: paths.map { ($0, "") })
    self.init(specifier, from: importer, in: files, is: expected)
  }

  var testDescription: String { "\(specifier) from \(importer) is \(expected)" }

  var resolved: String { resolution.shown }

  var resolution: Resolution {
    var resolver = ModuleResolver(files: tree(files))
    return resolver.resolve(specifier, from: importer)
  }
}

extension Resolution {
  var shown: String {
    switch self {
    case .file(let path): "file \(path)"
    case .package(let name): "package \(name)"
    case .builtin(let name): "builtin \(name)"
    case .missing: "missing"
    case .failed(_, let location): "failed \(location)"
    }
  }
}
