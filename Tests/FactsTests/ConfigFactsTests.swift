// Facts that were saved by an older version still load, and those of this one come back as they were.

import Facts
import Foundation
import Testing

@Suite struct ConfigFactsTests {
  private let old = """
    {"file": {"value": "flowpanel.config.ts"}, "searched": ["flowpanel.config.ts"], "instances": [{
      "instance": "web-1", "isSet": {"outcome": {"value": true}, "variables": []},
      "driver": {"outcome": {"value": "redis"}, "variables": []},
      "redis": {"outcome": {"value": {"none": {}}}, "variables": []},
      "keyPrefix": {"outcome": {"value": "fp"}, "variables": []}}]}
    """

  @Test func `what an older version did not know is absent`() throws {
    let facts = try JSONDecoder().decode(ConfigFacts.self, from: Data(old.utf8))
    #expect(facts.variables.isEmpty)
    #expect(facts.project == nil)
    let realtime = try #require(facts.instances.first)
    #expect(realtime.failure == nil && realtime.url == nil && realtime.tls == nil)
    #expect(realtime.driver.value == "redis")
  }

  @Test func `everything comes back as it was`() throws {
    let place = Location(file: "flowpanel.config.ts", line: 3, column: 1)
    var facts = try JSONDecoder().decode(ConfigFacts.self, from: Data(old.utf8))
    facts.instances[0].failure = StartFailure(message: "x", location: place, variables: [VariableUse("A", .unset)])
    facts.instances[0].url = URLOrigin(isWrittenInFile: true, holdsPassword: true, variables: ["A"])
    facts.instances[0].tls = Evaluated(.seen(true), at: place)
    facts.variables = ConfigVariable.Need.allCases.map {
      ConfigVariable(name: "A", need: $0, location: place, instances: [.init("web-1", .unset)])
    }
    let packages = ProjectPackages(
      ioredis: PackagePresence(name: "ioredis", locked: .init(version: "5.11.1", location: place)), flowpanel: nil,
      lockFiles: [LockFile(path: "bun.lockb", problem: "binary")])
    facts.project = .seen(
      ProjectFacts(
        root: ".", packageFile: "package.json", packages: .seen(packages),
        streamRoute: .seen(
          StreamRoute(
            path: "route.ts", runtime: .text(value: "nodejs", location: place), dynamic: .notFollowed(location: place))),
        publishImports: [PublishImport(location: place, module: "flowpanel/server", name: "publish")],
        binders: ["a.ts"],
        search: SourceSearch(files: 3, shortfall: "too many")))
    let again = try JSONDecoder().decode(ConfigFacts.self, from: JSONEncoder().encode(facts))
    #expect(again == facts)
  }
}
