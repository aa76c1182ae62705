import Facts
import Testing

@Suite("Environments by name")
struct EnvironmentIndexTests {
  @Test("the index says what the environments say", arguments: 0..<200 as Range<UInt64>)
  func agreement(seed: UInt64) throws {
    let environments = environments(seed: seed)
    let index = Facts(environments: .seen(environments)).$environments
    #expect(index.names == index.names.sorted())
    for name in index.names + ["NOBODY_SETS_IT"] {
      let column = index[name]
      var cells: [Int: EnvironmentIndex.Cell] = [:]
      for entry in column.entries { #expect(cells.updateValue(entry.cell, forKey: entry.instance) == nil) }
      #expect(column.entries.map(\.instance) == cells.keys.sorted())
      for (place, environment) in environments.enumerated() {
        let variable = environment.variables.value?[name]
        switch cells[place] {
        case nil: #expect(variable == nil && environment.unresolved?[name] == nil)
        case .unresolved: #expect(environment.unresolved?[name] != nil)
        case .empty: #expect(variable?.isEmpty == true && environment.unresolved?[name] == nil)
        case .value(let value):
          #expect(column.values[value].facts == variable?.value)
          #expect(column.values[value].keyID == environment.keyID)
        }
      }
      #expect(Set(column.values).count == column.values.count)
      #expect(column.holderCount == column.entries.count { $0.isSet })
      let variables = environments.compactMap { $0.variables.value?[name] }
      #expect(column.hasFlaws == variables.contains { $0.flaws != nil })
      #expect(column.isWrittenInManifest == variables.contains { $0.isWrittenInManifest == true })
    }
    let names = environments.reduce(into: Set<String>()) { names, environment in
      names.formUnion((environment.variables.value ?? [:]).keys)
      if environment.variables.value != nil { names.formUnion((environment.unresolved ?? [:]).keys) }
    }
    #expect(Set(index.names) == names)
  }

  @Test("other environments have another index, and copies keep their own")
  func changes() {
    let variable = VariableFacts(fingerprint: "a")
    var facts = Facts(
      environments: .seen([EnvironmentFacts(instance: "a", source: "", variables: .seen(["A": variable]))]))
    let copy = facts
    #expect(facts.$environments.names == ["A"])
    facts.environments = facts.environments.map { environments in
      environments.map { EnvironmentFacts(instance: $0.instance, source: "", variables: .seen(["B": variable])) }
    }
    #expect(facts.$environments.names == ["B"])
    #expect(copy.$environments.names == ["A"])
    #expect(facts.only([]).$environments.names.isEmpty)
  }

  @Test("what is known of a value is shared until it is changed")
  func copies() {
    let first = VariableFacts(fingerprint: "a")
    var second = first
    second.flaws = [.quotes]
    second.meaning = "m"
    #expect(first.flaws == nil && first.meaning == nil && first != second)
    #expect(second.fingerprint == "a" && second.flaws == [.quotes] && second.meaning == "m")
  }
}
