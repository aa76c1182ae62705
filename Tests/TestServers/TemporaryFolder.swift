import Foundation

/// A folder of a test's own, readable by its owner alone, that is gone when the test is.
public struct TemporaryFolder: Sendable {
  /// The absolute path.
  public let path: String

  /// Makes a new, empty folder. Whoever does not use `with` removes it.
  public init() throws {
    let parent = FileManager.default.temporaryDirectory.path
    var template = Array("\(parent)/flowpanel-doctor-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallFailure("mkdtemp in \(parent)") }
    path = template.withUnsafeBufferPointer { buffer in
      String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// Runs the body with a new folder and removes it afterwards, also when the body throws.
  public static func with<R>(_ body: (TemporaryFolder) async throws -> R) async throws -> R {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    return try await body(folder)
  }

  /// The path of a name inside the folder.
  public func path(of name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, making the folders above it, and gives its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    let url = URL(fileURLWithPath: path(of: name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  /// Makes an empty folder inside the folder and gives its path.
  public func makeFolder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: path(of: name), withIntermediateDirectories: true)
    return path(of: name)
  }

  /// What a file inside the folder holds; nil where there is none.
  public func read(_ name: String) -> String? {
    FileManager.default.contents(atPath: path(of: name)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Removes the folder and all that is in it.
  public func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}
