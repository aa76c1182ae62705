// A project of a test's own in a temporary folder, gone when the test is.

import Facts
import Foundation

@testable import Doctor

final class TemporaryProject {
  /// The absolute path of its folder.
  let folder: String

  /// Writes the files, by their path inside the folder. A folder `.git` ends the search upwards.
  init(_ files: [String: String]) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "project-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: "\(folder)/.git", withIntermediateDirectories: true)
    for (name, text) in files { try write(Array(text.utf8), to: name) }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = URL(filePath: "\(folder)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// What is read around a config in this project.
  func facts(around config: String = "flowpanel.config.ts") -> ProjectFacts? {
    readProject(around: path(config)).value
  }
}

/// A package.json with flowpanel, ioredis and a worker.
let plainPackage = """
  {
    "name": "shop",
    "scripts": {
      "dev": "next dev",
      "worker": "tsx watch ./src/worker.ts"
    },
    "dependencies": {
      "@flowpanel/kit": "^0.3.0",
      "ioredis": "^5.10.1"
    }
  }

  """
