/// What stands at a path, as far as reading a config is concerned.
public enum ConfigFileContent: Sendable {
  /// A file and its bytes.
  case file([UInt8])
  /// A folder.
  case folder
  /// Nothing.
  case missing
  /// Something that can't be read; the phrase says why.
  case unreadable(String)
}

/// The programs whose reading of an environment file a config may ask for.
public enum EnvironmentFileDialect: Sendable {
  /// The npm package `dotenv`: `$` has no meaning.
  case dotenv
  /// `@next/env`: `dotenv`, then references expanded.
  case next
}

/// The files that a config may lead to. All that is read of them goes through here, so that a tree in memory serves as
/// well as a disk.
public struct ConfigFiles: Sendable {
  /// Reads an environment file: its bytes, the dialect, and the variables that are set already, which references in it
  /// see. Gives its variables, each name once; nil where the file can't be read.
  public typealias EnvironmentReader =
    @Sendable (
      _ bytes: [UInt8], _ dialect: EnvironmentFileDialect, _ already: [String: String]
    ) -> [(name: String, value: String)]?

  /// What stands at a path. Paths are '/'-separated and composed from the entry's path: relative ones begin where that one
  /// did, `.` is the folder in which they begin, and none holds `a/../` or a NUL.
  public var content: @Sendable (String) -> ConfigFileContent
  /// How environment files are read that the config itself loads.
  public var environment: EnvironmentReader

  /// Files behind a function; it may be asked for paths at which nothing stands, and for the same path more than once.
  /// Without a reader for environment files, what such a file sets is unknown.
  public init(
    content: @escaping @Sendable (String) -> ConfigFileContent,
    environment: @escaping EnvironmentReader = { _, _, _ in nil }
  ) {
    self.content = content
    self.environment = environment
  }
}
