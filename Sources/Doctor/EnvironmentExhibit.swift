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
  let index = facts.$environments
  let unnamed = environments.map { environment -> Cell in
    environment.variables.value == nil || environment.mayHoldMore != nil ? .unknown : .missing
  }
  let instances = environments.map(\.instance)
  let keys = FingerprintKeys(environments)
  // Shared, not made anew for each variable.
  let instanceValues = instances.map { JSONValue.string($0) }
  let rows = Set(index.names).union(rules.names.filter { rules.need(of: $0) != nil }).sorted().map { name in
    VariableRow(name: name, rule: rules.title(of: name), cells: cells(of: index[name], elsewhere: unnamed, keys))
  }
  let mattering = showsAll ? rows : rows.filter { $0.matters(rules) }
  // Nobody reads a longer table; --all and programs get every name.
  let shown = showsAll ? mattering[...] : mattering.prefix(200)
  let more = mattering.count > shown.count ? ["… and \(mattering.count - shown.count) more names (--all)", ""] : nil
  return Exhibit(
    key: "variables", title: "Variables by instance (equal letters: equal values)",
    columns: ["Variable", "Rule"] + instances,
    rows: shown.map { [$0.name, $0.rule] + $0.cells.map(\.text) }
      + (more.map { [$0 + instances.map { _ in "" }] } ?? []),
    narrow: Exhibit.Table(
      columns: ["Variable", "Rule", "Instances"],
      rows: shown.map { [$0.name, $0.rule, $0.groupsText(instances)] } + (more.map { [$0 + [""]] } ?? [])),
    value: .array(
      rows.map { row in
        [
          "name": .string(row.name), "mustMatch": .bool(rules.agreement(of: row.name) == .mustMatch),
          "rule": .string(row.rule),
          "groups": .array(
            row.groups.map { group in
              [
                "value": .string(group.cell.text), "instances": .array(group.members.map { instanceValues[$0] }),
              ]
            }),
        ]
      }))
}

private struct VariableRow {
  /// Instances whose cells are the same.
  struct Group {
    var cell: Cell
    /// Their places among the instances.
    var members: [Int]

    func text(_ instances: [String]) -> String {
      "\(firstFew(drawnTogether(members.lazy.map { instances[$0] }), 8)): \(cell.text)"
    }
  }

  var name: String
  var rule: String
  var cells: [Cell]

  /// The groups of a row that has few; of many values what there is to know is that they are many.
  func groupsText(_ instances: [String]) -> String {
    let groups = groups
    let values = groups.count { if case .group = $0.cell { true } else { false } }
    guard values > 8 else { return groups.map { $0.text(instances) }.joined(separator: "; ") }
    let others = groups.filter { if case .group = $0.cell { false } else { true } }
    return (["\(values) values"] + others.map { $0.text(instances) }).joined(separator: "; ")
  }

  func matters(_ rules: EnvironmentRules) -> Bool {
    let agrees = cells.allSatisfy { $0 == cells.first }
    let isAbsent = cells.allSatisfy { $0 == .missing }
    if agrees { return rules.need(of: name) != nil || rules.agreement(of: name) == .mustMatch && !isAbsent }
    return rules.agreement(of: name) != .mayDiffer
  }

  /// The groups, largest first, then in the order of the instances.
  var groups: [Group] {
    var groups: [Group] = []
    var places: [Cell: Int] = [:]
    for (index, cell) in cells.enumerated() {
      let place = places[cell] ?? groups.count
      places[cell] = place
      if place == groups.count { groups.append(Group(cell: cell, members: [])) }
      groups[place].members.append(index)
    }
    return groups.enumerated()
      .sorted { ($1.element.members.count, $0.offset) < ($0.element.members.count, $1.offset) }.map(\.element)
  }
}

private enum Cell: Hashable {
  case group(Int)
  case empty, missing, unknown

  var text: String {
    switch self {
    case .group(let index): valueLetter(index)
    case .empty: "empty"
    case .missing: "missing"
    case .unknown: "unknown"
    }
  }
}

/// Values in the letters that findings use: the one of most instances first. Of fingerprints under another key than most
/// nothing is known.
private func cells(of column: EnvironmentIndex.Column, elsewhere: [Cell], _ keys: FingerprintKeys) -> [Cell] {
  var counts: [String: Int] = [:]
  var order: [String] = []
  for entry in column.entries {
    guard case .value(let value) = entry.cell, keys.compares(column.values[value].keyID) else { continue }
    let fingerprint = column.values[value].facts.fingerprint
    if counts[fingerprint] == nil { order.append(fingerprint) }
    counts[fingerprint, default: 0] += 1
  }
  let ranked = order.enumerated()
    .sorted { (counts[$1.element] ?? 0, $0.offset) < (counts[$0.element] ?? 0, $1.offset) }.map(\.element)
  let letters = Dictionary(uniqueKeysWithValues: zip(ranked, ranked.indices))
  let cellOfValue = column.values.map { value in
    keys.compares(value.keyID) ? letters[value.facts.fingerprint].map { Cell.group($0) } ?? .unknown : .unknown
  }
  var cells = elsewhere
  for entry in column.entries {
    cells[entry.instance] =
      switch entry.cell {
      case .unresolved: .unknown
      case .empty: .empty
      case .value(let value): cellOfValue[value]
      }
  }
  return cells
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
