// A config that uses a package that is known, and what must come out.
import AdminConfig
import Facts
import Testing

/// A config whose `realtime` is `{ driver, url, keyPrefix }` of an object `env` that the source makes.
struct PackageCase: CustomTestStringConvertible, Sendable {
  var source: String
  var environment: [String: String]
  var files: [String: String]
  var expected: String

  init(
    _ source: String, under environment: [String: String] = [:], with files: [String: String] = [:],
    gives expected: String
  ) {
    self.source = source
    self.environment = environment
    self.files = files
    self.expected = expected
  }

  var testDescription: String { "\(source) under \(environment.sorted { $0.key < $1.key })" }

  /// `driver url keyPrefix`, with `-` for undefined and `?` for unknown, or `fails` with the message and the variables
  /// that it depends on.
  func outcome() throws -> String {
    let settings = try settings()
    if let failure = settings.failure {
      return "fails: \(failure.message) [\(failure.variables.map(\.name).joined(separator: " "))]"
    }
    return "\(settings.shownDriver) \(settings.shownURL) \(settings.shownPrefix)"
  }

  func settings() throws -> RealtimeSettings {
    let module = try ConfigModule(entry: "flowpanel.config.ts", files: tree)
    return module.realtime(under: .known(environment.mapValues { Secret($0) }))
  }

  var tree: ConfigFiles {
    var files = files
    files["flowpanel.config.ts"] = source
    return ConfigFiles(
      content: { [files] path in files[path].map { .file(Array($0.utf8)) } ?? .missing },
      environment: { bytes, dialect, already in variables(bytes, dialect, already) })
  }
}

/// The variables of a file of plain `NAME=value` lines; in the dialect of Next.js a value `$NAME` is one that is set.
private func variables(
  _ bytes: [UInt8], _ dialect: EnvironmentFileDialect, _ already: [String: String]
) -> [(name: String, value: String)]? {
  String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
    let parts = line.split(separator: "=", maxSplits: 1)
    guard let name = parts.first else { return nil }
    let value = parts.count > 1 ? String(parts[1]) : ""
    let isReference = dialect == .next && value.hasPrefix("$")
    return (String(name), isReference ? already[String(value.dropFirst())] ?? "" : value)
  }
}

/// A config with `env` and the settings of it.
func config(_ preamble: String, driver: String = "env.DRIVER", url: String = "env.URL", prefix: String = "env.PREFIX")
  -> String
{
  "\(preamble)\nexport default { realtime: { driver: \(driver), url: \(url), keyPrefix: \(prefix) } };\n"
}

/// The zod schema of one variable, `PREFIX`, beside a driver.
func zod(_ schema: String, from package: String = "zod") -> String {
  config(
    #"""
    import { z } from "\#(package)";
    const env = z.object({ PREFIX: \#(schema) }).parse(process.env);
    """#, driver: #""redis""#, url: "env.PREFIX", prefix: "undefined")
}

/// The valibot schema of one variable, `PREFIX`.
func valibot(_ schema: String) -> String {
  config(
    #"""
    import * as v from "valibot";
    const env = v.parse(v.object({ PREFIX: \#(schema) }), process.env);
    """#, driver: #""redis""#, url: "env.PREFIX", prefix: "undefined")
}

/// The envalid validator of one variable, `PREFIX`.
func envalid(_ validator: String) -> String {
  config(
    #"""
    import { bool, cleanEnv, email, host, json, makeValidator, num, port, str, url } from "envalid";
    const env = cleanEnv(process.env, { PREFIX: \#(validator) });
    """#, driver: #""redis""#, url: "env.PREFIX", prefix: "undefined")
}
