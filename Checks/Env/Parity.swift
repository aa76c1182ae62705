// What the checks on parity share: what holds for each name, who sets it, and which values can be compared. Values are
// never here, only their keyed fingerprints.

import Diagnosis
import Facts

/// The environments of a deployment, side by side.
struct Parity {
  let rules: EnvironmentRules
  /// Every environment that was given, read or not, in the order of the manifest.
  let environments: [EnvironmentFacts]
  /// The names that somebody sets, or that a rule names, sorted.
  let names: [String]
  private let index: EnvironmentIndex
  private let listings = Listings()
  private let keys: FingerprintKeys

  init(_ facts: Facts, _ environments: [EnvironmentFacts]) {
    rules = EnvironmentRules(facts)
    self.environments = environments
    let index = facts.$environments
    self.index = index
    names = rules.names.union(index.names).sorted()
    keys = FingerprintKeys(environments)
  }

  /// Which of some names each instance does not set.
  func absent(among names: [String]) -> AbsentNames { AbsentNames(among: names, in: index) }

  /// The environments that could be read.
  var readable: [EnvironmentFacts] { environments.filter { $0.variables.value != nil } }

  /// The environments that set a name to something, be it something that is not known.
  func holders(of name: String) -> [EnvironmentFacts] {
    index[name].entries.filter(\.isSet).map { environments[$0.instance] }
  }

  /// How many these are.
  func holderCount(of name: String) -> Int { index[name].holderCount }

  /// Their instances, as messages list them.
  func holderNames(of name: String) -> String {
    if let known = listings.byName[name] { return known }
    let listing = instanceNames(holders(of: name).map(\.instance))
    listings.byName[name] = listing
    return listing
  }

  /// What was listed once: hundreds of instances may lack what a thousand others set.
  private final class Listings {
    var byName: [String: String] = [:]
  }

  /// Where the first of them sets it.
  func firstPlace(of name: String) -> String? {
    index[name].entries.first(where: \.isSet).map { environments[$0.instance].place(of: name) }
  }

  /// The names whose values stand to each other like this.
  func names(that agreement: VariableRules.Agreement) -> [String] {
    names.filter { rules.agreement(of: $0) == agreement }
  }

  /// The environments that set a name to what is known, in groups of one value each: largest first, then in the order of
  /// the manifest. Those whose fingerprints were made under one key are compared; each key has groups of its own, and
  /// those under which no two environments are, or none differ, are left out where there are others.
  func groups(of name: String, by value: (ValueFacts) -> String) -> [[EnvironmentFacts]] {
    let byKey = keys.all.map { groups(of: name, under: $0, by: value) }
    return byKey.first { $0.count > 1 } ?? byKey.first { ($0.first?.count ?? 0) > 1 } ?? []
  }

  private func groups(
    of name: String, under keyID: String?, by value: (ValueFacts) -> String
  ) -> [[EnvironmentFacts]] {
    let column = index[name]
    var places: [String: Int] = [:]
    let groupOfValue: [Int?] = column.values.map { found in
      guard found.keyID == keyID else { return nil }
      let group = places[value(found.facts)] ?? places.count
      places[value(found.facts)] = group
      return group
    }
    var groups = [[Int]](repeating: [], count: places.count)
    for entry in column.entries {
      if case .value(let value) = entry.cell, let group = groupOfValue[value] { groups[group].append(entry.instance) }
    }
    return groups.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
      .map { $0.element.map { environments[$0] } }
  }

  /// Why nothing can be said of the values of instances whose fingerprints were made under other keys than most.
  var foreign: [(environment: EnvironmentFacts, why: String)] {
    let why =
      keys.all.contains(nil)
      ? "the others' fingerprints were made under a key that this run does not know: give it with --hmac-key-file"
      : "its fingerprints were made under another key than the others': take all snapshots with one key"
    return readable.filter { !keys.compares($0) }.map { environment in
      (environment, "its values can't be compared with those of every other instance: \(why)")
    }
  }
}

/// Names that an instance does not set, for one instance after the other: each column is gone through once.
struct AbsentNames {
  private var columns: [(name: String, entries: [EnvironmentIndex.Column.Entry], next: Int)]

  init(among names: [String], in index: EnvironmentIndex) {
    columns = names.map { ($0, index[$0].entries, 0) }
  }

  /// The names that an instance does not set, or sets to nothing. Instances are asked for in ascending order.
  mutating func next(on instance: Int) -> [String] {
    var names: [String] = []
    for place in columns.indices {
      while columns[place].next < columns[place].entries.count,
        columns[place].entries[columns[place].next].instance < instance
      { columns[place].next += 1 }
      let entry = columns[place].next < columns[place].entries.count ? columns[place].entries[columns[place].next] : nil
      if entry?.instance != instance || entry?.isSet != true { names.append(columns[place].name) }
    }
    return names
  }
}

/// Instances in a message: numbered runs drawn together, and at most eight named.
func instanceNames(_ names: some Collection<String>) -> String { listed(drawnTogether(names)) }

/// Places in evidence, each once, and at most eight.
func places(_ environments: some Collection<EnvironmentFacts>, _ place: (EnvironmentFacts) -> String) -> String {
  var seen: Set<String> = []
  let distinct = environments.lazy.map(place).filter { seen.insert($0).inserted }
  let shown = Array(distinct.prefix(9))
  return shown.count > 8 ? shown.prefix(8).joined(separator: ", ") + " and more" : listed(shown)
}

extension EnvironmentFacts {
  /// Whether anything that it may set is not known.
  var isOpen: Bool { unresolved != nil || mayHoldMore != nil }

  /// Whether the name is set, and to something.
  func sets(_ name: String) -> Bool {
    unresolved?[name] != nil || variables.value?[name].map { !$0.isEmpty } ?? false
  }

  /// Whether the name is set, or one that the pattern matches.
  func matchesAny(_ name: String) -> Bool {
    guard isPattern(name) else { return sets(name) }
    return (variables.value ?? [:]).contains { !$0.value.isEmpty && matches(name, $0.key) }
      || (unresolved ?? [:]).keys.contains { matches(name, $0) }
  }

  /// Whether the name is set to nothing.
  func holdsEmpty(_ name: String) -> Bool { !sets(name) && variables.value?[name] != nil }

  /// Where the name is set: its place, else the environment's source in words.
  func place(of name: String) -> String { variables.value?[name]?.location?.description ?? source }

  /// The file that would have to change for a name that is not there: the one that all of the variables come from.
  var onlyFile: Location? {
    guard let file = variables.value?.values.first?.location?.file,
      variables.value?.values.allSatisfy({ $0.location?.file == file }) == true
    else { return nil }
    return Location(file: file)
  }
}
