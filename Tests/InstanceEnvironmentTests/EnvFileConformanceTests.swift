import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

/// Cases of real implementations' answers, in a folder outside the package: `dotenv.json` in the folder that
/// `DOCTOR_CONFORMANCE` names.
private let conformanceFolder = ProcessInfo.processInfo.environment["DOCTOR_CONFORMANCE"]

private struct ConformanceCase: Decodable {
  struct Answer: Decodable {
    /// Some implementations know variables without a value. They set nothing.
    var map: [String: String?]?
    var error: String?
  }

  var name: String
  var content: String
  var environment: [String: String]?
  var byDialect: [String: Answer]
}

@Test(
  "real implementations give the same variables, or refuse the same files", .enabled(if: conformanceFolder != nil),
  arguments: EnvFileDialect.allCases.filter { $0 != .shell })
func realImplementationsGiveTheSameVariables(_ dialect: EnvFileDialect) throws {
  let file = URL(filePath: try #require(conformanceFolder)).appending(path: "dotenv.json")
  let cases = try JSONDecoder().decode([ConformanceCase].self, from: Data(contentsOf: file))
  #expect(cases.contains { $0.byDialect[dialect.rawValue] != nil }, "no case is about \(dialect.rawValue)")
  for example in cases {
    guard let answer = example.byDialect[dialect.rawValue] else { continue }
    let ours = try? values(example.content, dialect, inherited: example.environment ?? [:])
    #expect(ours == answer.map?.compactMapValues { $0 }, "\(example.name), \(dialect.rawValue)")
  }
}
