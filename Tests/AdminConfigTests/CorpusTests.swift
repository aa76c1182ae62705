// The corpus: small configs as people write them, a folder a case, and a table of expressions; what must come out was
// written by reasoning about the language. And cases of the same form in a folder outside the package: `config.json` in
// the folder that `DOCTOR_CONFORMANCE` names.
import AdminConfig
import Facts
import Foundation
import Testing

private let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")
private let conformanceFile = ProcessInfo.processInfo.environment["DOCTOR_CONFORMANCE"].map {
  URL(filePath: $0).appending(path: "config.json")
}
private let isConformanceGiven = conformanceFile.map { FileManager.default.fileExists(atPath: $0.path) } ?? false

@Suite struct Corpus {
  @Test("A config gives the settings, failures and variables that it gives in JavaScript", arguments: caseNames())
  func config(_ name: String) throws {
    let folder = corpus.appending(path: name)
    let example = try JSONDecoder().decode(
      ConformanceCase.self, from: Data(contentsOf: folder.appending(path: "case.json")))
    let differences = example.differences(in: configFiles(try files(in: folder.appending(path: "files"))))
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  @Test("An expression gives the value that it gives in JavaScript", arguments: expressionCases())
  func expression(_ example: ExpressionCase) throws {
    let text = """
      import { opaque } from "some-package";
      export default { realtime: { driver: "redis", url: JSON.stringify(
      \(example.source)
      ) } };
      """
    let files = configFiles(["flowpanel.config.ts": Array(text.utf8)])
    let module = try ConfigModule(entry: "flowpanel.config.ts", files: files)
    let found = module.realtime(under: .known(expressionEnvironment)).urlText
    #expect(example.allows(found), "line \(example.line): expected \(example.expected), got \(found)")
  }

  @Test("The corpus is there, and each of its lines and folders is a case")
  func isComplete() throws {
    #expect(caseNames().count >= 140)
    #expect(expressionCases().count >= 800)
    for example in expressionCases() {
      #expect(
        !example.source.isEmpty && !example.expected.isEmpty, "line \(example.line) has no ⇒ or one side is empty")
    }
  }

  @Test("The conformance folder's configs give what they must", .enabled(if: isConformanceGiven))
  func conformance() throws {
    let cases = try JSONDecoder().decode(
      [ConformanceCase].self, from: Data(contentsOf: try #require(conformanceFile)))
    #expect(!cases.isEmpty)
    for example in cases {
      let differences = example.differences(in: configFiles((example.files ?? [:]).mapValues { Array($0.utf8) }))
      #expect(differences.isEmpty, "\(example.name ?? example.entry): \(differences.joined(separator: "\n"))")
    }
  }
}

private func caseNames() -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []
  return names.filter { FileManager.default.fileExists(atPath: "\(corpus.path)/\($0)/case.json") }.sorted()
}

/// All files below a folder, also those whose names begin with a dot, by their paths from it.
private func files(in folder: URL) throws -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
    let file = folder.appending(path: path)
    guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
    files[path] = Array(try Data(contentsOf: file))
  }
  return files
}

/// The variables that the table of expressions names in its first lines.
private let expressionEnvironment = [
  "NODE_ENV": "production", "REDIS_URL": "redis://user:pa%20ss@cache:6380/2", "PORT": "6379", "FLAG": "true",
  "EMPTY": "", "LIST": "a,b,,c",
].mapValues { Secret($0) }

/// A line of the table: an expression, and what JSON.stringify gives for it.
struct ExpressionCase: CustomTestStringConvertible, Sendable {
  var line: Int
  var source: String
  var expected: String

  var testDescription: String { "\(line): \(source)" }

  /// Whether this is what must come out. For `throws` with an error's name alone, any message will do; with a message,
  /// the name may be left out.
  func allows(_ found: String) -> Bool {
    guard expected.hasPrefix("throws ") else { return found == expected }
    guard found.hasPrefix("throws "), let colon = expected.firstRange(of: ": ") else {
      return found.hasPrefix("throws ") && expected.allSatisfy { $0.isLetter || $0 == " " }
    }
    return isMessage(String(found.dropFirst("throws ".count)), String(expected[colon.upperBound...]))
  }
}

private func expressionCases() -> [ExpressionCase] {
  let text = (try? String(contentsOf: corpus.appending(path: "expressions.txt"), encoding: .utf8)) ?? ""
  return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
    guard !line.isEmpty && !line.hasPrefix("#") else { return nil }
    let sides = line.components(separatedBy: " ⇒ ")
    return ExpressionCase(line: index + 1, source: sides[0], expected: sides.count == 2 ? sides[1] : "")
  }
}
