import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

/// Cases of real implementations' answers, in a folder outside the package: `dotenv.json` in the folder that
/// `DOCTOR_CONFORMANCE` names.
private let conformanceFolder = ProcessInfo.processInfo.environment["DOCTOR_CONFORMANCE"]

private struct ConformanceCase: Decodable {
  struct Answer: Decodable {
    /// Some implementations know variables without a value.
    var map: [String: String?]?
    var error: String?
  }

  var name: String
  var content: String
  var environment: [String: String]?
  var byDialect: [String: Answer]
}

@Test("real implementations give the same variables", .enabled(if: conformanceFolder != nil))
func realImplementationsGiveTheSameVariables() throws {
  let file = URL(filePath: try #require(conformanceFolder)).appending(path: "dotenv.json")
  for example in try JSONDecoder().decode([ConformanceCase].self, from: Data(contentsOf: file)) {
    for dialect in EnvFileDialect.allCases {
      guard let answer = example.byDialect[dialect.rawValue] else { continue }
      let ours = try? parseEnvFile(
        Array(example.content.utf8), path: ".env", dialect: dialect,
        inherited: (example.environment ?? [:]).mapValues { Secret($0) })
      #expect(ours?.mapValues { Optional($0.value.reveal()) } == answer.map, "\(example.name), \(dialect.rawValue)")
    }
  }
}
