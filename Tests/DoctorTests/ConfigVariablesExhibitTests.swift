// The table of variables that the config reads.

import Diagnosis
import Facts
import Testing

@testable import Doctor

@Suite struct ConfigVariablesExhibitTests {
  private func config(_ variables: [ConfigVariable]) -> ConfigFacts {
    ConfigFacts(file: .seen("flowpanel.config.ts"), searched: [], instances: [], variables: variables)
  }

  @Test func `a row says need, instances and place`() throws {
    let place = Location(file: "flowpanel.config.ts", line: 3, column: 18)
    let exhibit = try #require(
      configVariablesExhibit(
        config([
          ConfigVariable(
            name: "REDIS_URL", need: .failsWithout, location: place, decidesRealtime: true,
            instances: [.init("web-1", .set), .init("web-2", .empty), .init("web-3", .unset), .init("web-4", .set)]),
          ConfigVariable(name: "STAGE", need: .hasFallback, instances: [.init("web-1", .set), .init("web-2", .set)]),
          ConfigVariable(name: "DEBUG", need: .noFallback),
        ])))
    #expect(
      exhibit.rows == [
        ["REDIS_URL", "required", "set on web-1, web-4; empty on web-2; unset on web-3", "flowpanel.config.ts:3"],
        ["STAGE", "fallback", "set on all", "-"], ["DEBUG", "no fallback", "-", "-"],
      ])
    #expect(exhibit.rows.allSatisfy { $0.count == exhibit.columns.count })
    guard case .array(let values) = exhibit.value else {
      Issue.record("not an array")
      return
    }
    #expect(values.count == 3)
    #expect(
      values.first == [
        "name": "REDIS_URL", "need": "failsWithout", "decidesRealtime": .bool(true), "location": .location(place),
        "loadedFrom": nil, "instances": ["web-1": "set", "web-2": "empty", "web-3": "unset", "web-4": "set"],
      ])
  }

  @Test func `a config that reads none has no table`() {
    #expect(configVariablesExhibit(config([])) == nil)
  }
}
