import Diagnosis
import Facts

/// The matrix of variables by instances: equal values share a letter, and what is missing or empty says so. Names alone
/// and letters: no value, no fingerprint.
///
/// People see the names that must agree and those that are not the same everywhere; programs get all of them.
func variablesExhibit(_ facts: Facts) -> Exhibit? {
  guard let environments = facts.environments.value else { return nil }
  let names = Set(environments.flatMap { Array(($0.variables.value ?? [:]).keys) + Array(($0.unresolved ?? [:]).keys) })
    .union(facts.namesThatMustAgree)
  let rows = names.sorted().map { name in
    VariableRow(
      name: name, mustMatch: facts.namesThatMustAgree.contains(name), cells: cells(of: name, in: environments))
  }
  return Exhibit(
    key: "variables", title: "Variables by instance (equal letters: equal values)",
    columns: ["Variable", "Must agree"] + environments.map(\.instance),
    rows: rows.filter { $0.mustMatch && !$0.isAbsent || !$0.agrees }.map {
      [$0.name, $0.mustMatch ? "yes" : "no"] + $0.cells.map(\.text)
    },
    value: .array(
      rows.map { row in
        [
          "name": .string(row.name), "mustMatch": .bool(row.mustMatch),
          "instances": .object(
            zip(environments, row.cells).map { JSONValue.Member($0.instance, .string($1.text)) }),
        ]
      }))
}

private struct VariableRow {
  var name: String
  var mustMatch: Bool
  var cells: [Cell]

  var agrees: Bool { Set(cells).count <= 1 }
  var isAbsent: Bool { cells.allSatisfy { $0 == .missing } }
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

private func cells(of name: String, in environments: [EnvironmentFacts]) -> [Cell] {
  var groups: [String: Int] = [:]
  return environments.map { environment in
    if environment.whyUnknown(name) != nil { return .unknown }
    guard let variable = environment.variables.value?[name] else { return .missing }
    if variable.isEmpty { return .empty }
    let group = groups[variable.fingerprint] ?? groups.count
    groups[variable.fingerprint] = group
    return .group(group)
  }
}
