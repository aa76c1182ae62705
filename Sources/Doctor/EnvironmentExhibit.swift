import Diagnosis
import Facts

/// The matrix of variables by instances: equal values share a letter, and what is missing or empty says so. Names alone
/// and letters: no value, no fingerprint.
///
/// People see what matters unless they ask for all: the names that something is said about and those that are not the
/// same everywhere. Programs get every name, with the instances of each group.
func variablesExhibit(_ facts: Facts, showsAll: Bool) -> Exhibit? {
  guard let environments = facts.environments.value else { return nil }
  let rules = EnvironmentRules(facts)
  var names: Set<String> = []
  for environment in environments {
    names.formUnion((environment.variables.value ?? [:]).keys)
    names.formUnion((environment.unresolved ?? [:]).keys)
  }
  let instances = environments.map(\.instance)
  let rows = names.union(rules.names.filter { rules.need(of: $0) != nil }).sorted().map { name in
    VariableRow(name: name, rule: rules.title(of: name), cells: cells(of: name, in: environments))
  }
  let shown = showsAll ? rows : rows.filter { $0.matters(rules) }
  return Exhibit(
    key: "variables", title: "Variables by instance (equal letters: equal values)",
    columns: ["Variable", "Rule"] + instances, rows: shown.map { [$0.name, $0.rule] + $0.cells.map(\.text) },
    narrow: Exhibit.Table(
      columns: ["Variable", "Rule", "Instances"],
      rows: shown.map { [$0.name, $0.rule, $0.groups(instances).map(\.text).joined(separator: "; ")] }),
    value: .array(
      rows.map { row in
        [
          "name": .string(row.name), "mustMatch": .bool(rules.agreement(of: row.name) == .mustMatch),
          "rule": .string(row.rule),
          "groups": .array(
            row.groups(instances).map { group in
              ["value": .string(group.cell.text), "instances": .array(group.instances.map { .string($0) })]
            }),
        ]
      }))
}

private struct VariableRow {
  /// Instances whose cells are the same.
  struct Group {
    var cell: Cell
    var instances: [String]

    var text: String {
      let names = drawnTogether(instances)
      let more = names.count > 8 ? " and \(names.count - 8) more" : ""
      return "\(names.prefix(8).joined(separator: ", "))\(more): \(cell.text)"
    }
  }

  var name: String
  var rule: String
  var cells: [Cell]

  func matters(_ rules: EnvironmentRules) -> Bool {
    let agrees = cells.allSatisfy { $0 == cells.first }
    let isAbsent = cells.allSatisfy { $0 == .missing }
    if agrees { return rules.need(of: name) != nil || rules.agreement(of: name) == .mustMatch && !isAbsent }
    return rules.agreement(of: name) != .mayDiffer
  }

  /// The groups, largest first, then in the order of the instances.
  func groups(_ instances: [String]) -> [Group] {
    var groups: [Group] = []
    var places: [Cell: Int] = [:]
    for (instance, cell) in zip(instances, cells) {
      let place = places[cell] ?? groups.count
      places[cell] = place
      if place == groups.count { groups.append(Group(cell: cell, instances: [])) }
      groups[place].instances.append(instance)
    }
    return groups.enumerated()
      .sorted { ($1.element.instances.count, $0.offset) < ($0.element.instances.count, $1.offset) }.map(\.element)
  }
}

private enum Cell: Hashable {
  case group(Int)
  case empty, missing, unknown

  var text: String {
    switch self {
    case .group(let index): letters(index)
    case .empty: "empty"
    case .missing: "missing"
    case .unknown: "unknown"
    }
  }

  /// a, b … z, aa, ab …
  private func letters(_ index: Int) -> String {
    let last = String(UnicodeScalar(UInt8(0x61 + index % 26)))
    return index < 26 ? last : letters(index / 26 - 1) + last
  }
}

/// Fingerprints under different keys are different letters: nothing is known of them.
private func cells(of name: String, in environments: [EnvironmentFacts]) -> [Cell] {
  struct Value: Hashable {
    var fingerprint: String
    var keyID: String?
  }
  var groups: [Value: Int] = [:]
  return environments.map { environment in
    if environment.whyUnknown(name) != nil { return .unknown }
    guard let variable = environment.variables.value?[name] else { return .missing }
    if variable.isEmpty { return .empty }
    let value = Value(fingerprint: variable.fingerprint, keyID: environment.keyID)
    let group = groups[value] ?? groups.count
    groups[value] = group
    return .group(group)
  }
}

extension EnvironmentRules {
  /// The rule on a name in two words, for a table.
  fileprivate func title(of name: String) -> String {
    if isForbidden(name) { return "forbidden" }
    if instances(for: name) != nil { return "only on some" }
    if deprecation(of: name) != nil { return "deprecated" }
    switch agreement(of: name) {
    case .mustMatch: return "must match"
    case .mustBeUnique: return "must be unique"
    case .mayDiffer: return need(of: name) == nil ? "may differ" : "required"
    case nil: return need(of: name) == nil ? "none" : "required"
    }
  }
}
