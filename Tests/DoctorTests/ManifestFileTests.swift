import Foundation
import Testing

@testable import Doctor

@Suite final class ManifestFileTests {
  private let folder: String

  init() throws {
    let files = FileManager.default
    folder = files.temporaryDirectory.appending(path: "manifest-\(UUID().uuidString)").path
    try files.createDirectory(atPath: "\(folder)/app/src", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
    return "\(folder)/\(name)"
  }

  @Test func theNearestManifestUpwardsIsFound() throws {
    #expect(Manifest.find(from: "\(folder)/app/src") == nil)
    let upper = try write(Manifest.fileName, [])
    #expect(Manifest.find(from: folder) == upper)
    #expect(Manifest.find(from: "\(folder)/app/src") == "\(folder)/app/src/../../\(Manifest.fileName)")
    let nearer = try write("app/\(Manifest.fileName)", [])
    #expect(Manifest.find(from: "\(folder)/app") == nearer)
    #expect(Manifest.find(from: "\(folder)/app/src/") == "\(folder)/app/src/../\(Manifest.fileName)")
  }

  @Test func aFolderOfThatNameIsNoManifest() throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder)/app/\(Manifest.fileName)", withIntermediateDirectories: true)
    let file = try write(Manifest.fileName, [])
    #expect(Manifest.find(from: "\(folder)/app") == "\(folder)/app/../\(Manifest.fileName)")
    #expect(Manifest.find(from: folder) == file)
  }

  @Test func aManifestIsReadFromItsFile() throws {
    let path = try write("m.yaml", Array("config: a.ts".utf8))
    #expect(try Manifest.load(path: path, knownChecks: []).config?.value == "\(folder)/a.ts")
  }

  @Test func aManifestThatIsNotThereIsMissing() throws {
    let error = #expect(throws: ManifestError.self) { try Manifest.load(path: "\(folder)/no.yaml", knownChecks: []) }
    #expect(error?.kind == .missing)
    #expect(error?.location.file == "\(folder)/no.yaml")
    let unreadable = #expect(throws: ManifestError.self) { try Manifest.load(path: folder, knownChecks: []) }
    #expect(unreadable?.kind == .missing)
    #expect(unreadable?.message.contains("folder") == true)
  }

  @Test func aManifestThatIsNoTextOrTooLargeIsMalformed() throws {
    let binary = try write("binary.yaml", [0x61, 0x3A, 0x20, 0xFF])
    let large = try write("large.yaml", [UInt8](repeating: UInt8(ascii: "#"), count: (1 << 20) + 1))
    for path in [binary, large] {
      let error = #expect(throws: ManifestError.self) { try Manifest.load(path: path, knownChecks: []) }
      #expect(error?.kind == .malformed)
    }
  }
}
