// Each format of the same report beside the file that holds what it must be. UPDATE_GOLDEN=1 writes the files anew.

import Foundation
import Reporting
import Testing

@Suite("A report reads as its golden file says")
struct GoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var file: String
    var format: ReportFormat
    var report = sample
    var options = RenderOptions(checkTitles: titles)
    var testDescription: String { file }
  }

  static let cases = [
    Case(file: "human-80.txt", format: .human),
    Case(file: "human-40.txt", format: .human, options: RenderOptions(width: 40)),
    Case(file: "human-200.txt", format: .human, options: RenderOptions(width: 200)),
    Case(file: "human-all.txt", format: .human, options: RenderOptions(show: .all, width: 100)),
    Case(file: "human-error.txt", format: .human, options: RenderOptions(show: .error, width: 100)),
    Case(file: "human-color.txt", format: .human, options: RenderOptions(usesColor: true)),
    Case(file: "human-healthy.txt", format: .human, report: healthy),
    Case(file: "report.json", format: .json),
    Case(file: "junit.xml", format: .junit, options: RenderOptions(failOn: .warning, checkTitles: titles)),
    Case(file: "github.txt", format: .github),
  ]

  @Test("A report reads as its golden file says", arguments: cases)
  func golden(_ example: Case) throws {
    let text = render(example.report, as: example.format, options: example.options)
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(example.file)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: file)
    }
    let expected = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    #expect(text == expected, "UPDATE_GOLDEN=1 rewrites \(example.file)")
  }
}
