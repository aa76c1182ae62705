// Where a project begins, what its package.json says, and what is said where there is none.

import Facts
import Foundation
import Testing

@testable import Doctor

@Suite struct ProjectReadingTests {
  @Test func `the project is the folder of the nearest package.json above the config`() throws {
    let project = try TemporaryProject([
      "package.json": "{}", "apps/admin/package.json": plainPackage, "apps/admin/src/flowpanel.config.ts": "",
    ])
    let facts = try #require(project.facts(around: "apps/admin/src/flowpanel.config.ts"))
    #expect(facts.root == project.path("apps/admin"))
    #expect(facts.packageFile == project.path("apps/admin/package.json"))
  }

  @Test func `without a package.json nothing was given to look at`() throws {
    let project = try TemporaryProject(["app/flowpanel.config.ts": ""])
    let unseen = readProject(around: project.path("app/flowpanel.config.ts")).unseen
    #expect(unseen?.kind == .notGiven)
    #expect(unseen?.detail.contains("package.json") == true)
  }

  @Test func `declarations have their section, range and place`() throws {
    let project = try TemporaryProject(["package.json": plainPackage])
    let packages = try #require(project.facts()?.packages.value)
    #expect(
      packages.ioredis.declaration
        == PackagePresence.Declaration(
          section: "dependencies", range: "^5.10.1",
          location: Location(file: project.path("package.json"), line: 9, column: 5)))
    #expect(packages.flowpanel?.name == "@flowpanel/kit")
    #expect(packages.flowpanel?.declaration?.range == "^0.3.0")
    #expect(packages.lockFiles.isEmpty)
  }

  @Test func `what production installs counts before what development does`() throws {
    let text = #"{"devDependencies": {"ioredis": "5.1"}, "dependencies": {"ioredis": "5.2", "flowpanel": "0.1.0"}}"#
    let project = try TemporaryProject(["package.json": text])
    let packages = try #require(project.facts()?.packages.value)
    #expect(packages.ioredis.declaration?.section == "dependencies")
    #expect(packages.ioredis.declaration?.range == "5.2")
    #expect(packages.flowpanel?.name == "flowpanel")
  }

  @Test(
    "a range with a token in it is not shown",
    arguments: [
      "git+https://user:hunter2@example.com/ioredis.git", "https://example.com/x.tgz?token=hunter2",
      "git@example.com:hunter2/ioredis.git",
    ])
  func secretRange(_ range: String) throws {
    let project = try TemporaryProject(["package.json": #"{"dependencies": {"ioredis": "\#(range)"}}"#])
    let facts = try #require(project.facts())
    #expect(facts.packages.value?.ioredis.declaration?.range == "(a URL)")
    #expect(!"\(facts)".contains("hunter2"))
  }

  @Test func `a package.json that is no JSON says where`() throws {
    let project = try TemporaryProject(["package.json": "{\n  \"dependencies\": {\n    \"ioredis\" 5\n  }\n}\n"])
    let facts = try #require(project.facts())
    #expect(facts.packages.unseen?.kind == .notUnderstood)
    #expect(facts.packages.unseen?.location == Location(file: project.path("package.json"), line: 3, column: 15))
  }

  @Test(
    "folders go upwards and no further than the repository",
    arguments: [("a/b", ["a/b", "a", "."]), (".", ["."]), ("..", ["..", "../.."])])
  func upwards(_ folder: String, _ expected: [String]) {
    #expect(Array(foldersUpwards(from: folder).prefix(expected.count)) == expected)
  }

  @Test func `an absolute folder ends at the root or at its repository`() throws {
    #expect(foldersUpwards(from: "/nowhere/at/all") == ["/nowhere/at/all", "/nowhere/at", "/nowhere", "/"])
    let project = try TemporaryProject([:])
    #expect(foldersUpwards(from: project.path("a/b")) == [project.path("a/b"), project.path("a"), project.folder])
  }
}
