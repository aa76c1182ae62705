// The catalogue as a whole: ids, cards, and that every check in the folder is in it.

import Checks
import Diagnosis
import Facts
import Foundation
import Testing

@Suite struct CatalogueTests {
  @Test func `ids are unique and sorted`() {
    #expect(Catalogue.ids == Set(Catalogue.ids).sorted())
  }

  @Test func `a check is found by its id and by nothing else`() {
    for id in Catalogue.ids { #expect(Catalogue.check(id)?.card.id == id) }
    #expect(Catalogue.check("redis") == nil)
    #expect(Catalogue.check("") == nil)
  }

  @Test("an id is a topic, a dot and words joined by hyphens, all in lower case", arguments: Catalogue.ids)
  func shape(of id: String) {
    #expect(id.wholeMatch(of: /[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*/) != nil)
  }

  @Test("a card is complete", arguments: everyCheck)
  func card(_ sample: AnyCheck) {
    let card = sample.check.card
    #expect(!card.title.isEmpty && card.title.last != ".")
    #expect(!card.needs.isEmpty)
    #expect((2...4).contains(sentences(in: card.why)), "\(card.id): \(sentences(in: card.why)) sentences")
    #expect(!card.why.contains("\n") && !card.why.contains("  "))
    #expect(card.remedy.text.last == ".")
    #expect(!card.references.isEmpty)
    #expect(card.references.allSatisfy { !$0.isEmpty })
  }

  @Test("a card has a scenario of each kind, and each has a name of its own", arguments: everyCheck)
  func scenarios(_ sample: AnyCheck) {
    let card = sample.check.card
    let scenarios = card.scenarios
    for kind in [Verdict.Kind.pass, .finding, .undetermined] {
      #expect(scenarios.contains { $0.expected == kind }, "\(card.id) has no scenario for \(kind)")
    }
    #expect(Set(scenarios.map(\.name)).count == scenarios.count)
  }

  @Test func `every check in the folder is in the catalogue, each in a file that bears its name`() throws {
    var found: [String] = []
    for file in try swiftFiles(in: checksFolder) {
      let declared = try declaredChecks(in: file)
      #expect(declared.count <= 1, "\(file.lastPathComponent) holds \(declared.count) checks")
      if let name = declared.first { #expect(file.lastPathComponent == "\(name).swift") }
      found += declared
    }
    #expect(found.sorted() == Catalogue.all.map { "\(type(of: $0))" }.sorted())
  }

  @Test func `checks import nothing but facts, what is concluded from them, and verdicts`() throws {
    for file in try swiftFiles(in: checksFolder) {
      let imports = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        .filter { $0.hasPrefix("import ") || $0.hasPrefix("public import ") }
        .compactMap { $0.split(separator: " ").last }
      #expect(Set(imports).isSubset(of: ["Delivery", "Diagnosis", "FanOut", "Facts"]), "\(file.lastPathComponent)")
    }
  }

  @Test("the card stands before the judgement", arguments: Catalogue.all.map { "\(type(of: $0))" })
  func order(_ name: String) throws {
    let file = try #require(try swiftFiles(in: checksFolder).first { $0.lastPathComponent == "\(name).swift" })
    let text = try String(contentsOf: file, encoding: .utf8)
    let card = try #require(text.firstRange(of: "static let card"))
    let judge = try #require(text.firstRange(of: "func judge("))
    #expect(card.lowerBound < judge.lowerBound)
  }

  /// Sentences end in a full stop followed by a space or the end; `127.0.0.1` and `flowpanel.config.ts` end none.
  private func sentences(in text: String) -> Int {
    (text + " ").split(separator: ". ").count { !$0.allSatisfy(\.isWhitespace) }
  }
}

private let checksFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "Checks").resolvingSymlinksInPath()

private func swiftFiles(in folder: URL) throws -> [URL] {
  let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
  return names.filter { $0.hasSuffix(".swift") }.sorted().map { folder.appending(path: $0) }
}

private func declaredChecks(in file: URL) throws -> [String] {
  try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
    let words = line.split { " :{".contains($0) }
    guard let index = words.firstIndex(of: "struct"), line.contains(": Check "), words.count > index + 1 else {
      return nil
    }
    return String(words[index + 1])
  }
}
