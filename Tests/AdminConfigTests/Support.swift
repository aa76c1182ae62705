// What the tests of this module share: a short way from source text to settings, and a case of the tables.
import AdminConfig
import Facts
import Testing

func settings(
  _ text: String, _ variables: [String: String] = [:], path: String = "flowpanel.config.ts"
) throws -> RealtimeSettings {
  try module(text, path: path).realtime(under: .known(variables.mapValues { Secret($0) }))
}

/// A config of one file.
func module(_ text: String, path: String = "flowpanel.config.ts") throws -> ConfigModule {
  try module(Array(text.utf8), path: path)
}

/// A config of one file, by its bytes.
func module(_ bytes: [UInt8], path: String = "flowpanel.config.ts") throws -> ConfigModule {
  try ConfigModule(entry: path, files: ConfigFiles { $0 == path ? .file(bytes) : .missing })
}

extension RealtimeSettings {
  /// The driver, or `?` where it is unknown.
  var shownDriver: String { driver.value ?? "?" }
  /// The key prefix, `-` for none, `?` where it is unknown.
  var shownPrefix: String { keyPrefix.value.map { $0 ?? "-" } ?? "?" }
  /// The URL itself, `-` for none, `?` where it is unknown.
  var shownURL: String {
    switch url.outcome {
    case .known(let secret): secret?.reveal() ?? "-"
    case .unknown: "?"
    }
  }
  /// Why the driver is unknown.
  var driverReason: String { driver.outcome.unseen?.detail ?? "known" }
}

/// A `driver` expression, what stands before the export, and what must come out.
struct DriverCase: CustomTestStringConvertible {
  var expression: String
  var preamble = ""
  var environment: [String: String] = [:]
  var expected: String

  init(
    _ expression: String, after preamble: String = "", under environment: [String: String] = [:], is expected: String
  ) {
    self.expression = expression
    self.preamble = preamble
    self.environment = environment
    self.expected = expected
  }

  var testDescription: String { preamble.isEmpty ? expression : "\(preamble) … \(expression)" }

  var source: String { "\(preamble)\nexport default defineAdmin({ realtime: { driver: \(expression) } });\n" }
}

/// A whole module and what must come out.
struct ModuleCase: CustomTestStringConvertible {
  var source: String
  var environment: [String: String] = [:]
  var driver: String
  var url: String?
  var keyPrefix: String?
  var path = "flowpanel.config.ts"

  init(
    _ source: String, under environment: [String: String] = [:], driver: String, url: String? = nil,
    keyPrefix: String? = nil, path: String = "flowpanel.config.ts"
  ) {
    self.source = source
    self.environment = environment
    self.driver = driver
    self.url = url
    self.keyPrefix = keyPrefix
    self.path = path
  }

  var testDescription: String { source }
}
