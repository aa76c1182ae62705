import Facts

/// A config file, read once and evaluated under as many environments as there are instances. Nothing in it is executed.
public struct ConfigModule: Sendable {
  private let source: SourceText
  let program: Program

  /// Reads a TypeScript or JavaScript module; `path` is what locations show, and its extension says whether `<` may start
  /// a JSX element. Throws for a file that is too large, whose text has no structure, or that exports nothing by default.
  public init(source bytes: [UInt8], path: String) throws(ConfigError) {
    guard bytes.count <= Limit.sourceBytes else {
      throw ConfigError(
        "the file has \(bytes.count) bytes and only files up to \(Limit.sourceBytes) are read; name the config's own source rather than a bundle of it",
        at: Location(file: path))
    }
    source = SourceText(bytes, path: path)
    program = try Parser.program(of: source)
    guard program.defaultExport != nil else {
      throw ConfigError(
        "this module has no default export; `export default defineAdmin({ … })` was expected: add it, or name the file that has it",
        at: source.location(of: source.start))
    }
  }

  /// What the module gives for `realtime` under one instance's environment.
  public func realtime(under environment: ConfigEnvironment) -> RealtimeSettings {
    var reader = RealtimeReader(source: source, evaluator: Evaluator(program, under: environment))
    return reader.settings()
  }
}
