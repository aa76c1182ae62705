/// The environments of many instances as files hold them: each value once, with the instances that have it. What a
/// thousand instances have in common takes no more room than what one of them has.
///
/// Instances are numbered from 1 in their order, and written in runs: `1-96,98-1000`.
public struct EnvironmentTable: Codable, Sendable {
  /// How many variables all instances may have together: a small file could name far more than memory holds.
  static let maximumVariables = 8_000_000

  private struct Instance: Codable {
    var instance: String
    var source: String
    var unseen: Unseen?
    var unresolved: [String: Unseen]?
    var mayHoldMore: Unseen?
    var keyID: String?
    var samples: [String]?
    /// The files that set variables.
    var files: [String]?
  }

  /// Where some instances set a variable.
  private struct Place: Codable, Hashable {
    /// Which of the instance's files it is, from 0; nil for none.
    var file: Int?
    var line: Int?
    var column: Int?
  }

  /// A value of a variable, and who has it where.
  private struct Entry: Codable {
    private enum Key: CodingKey { case at }

    struct Group: Codable {
      var instances: String
      var place: Place?
    }

    var value: ValueFacts
    var groups: [Group]

    init(value: ValueFacts, groups: [Group]) {
      self.value = value
      self.groups = groups
    }

    init(from decoder: any Decoder) throws {
      value = try ValueFacts(from: decoder)
      groups = try decoder.container(keyedBy: Key.self).decode([Group].self, forKey: .at)
    }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(groups, forKey: .at)
    }
  }

  private var instances: [Instance]
  private var variables: [String: [Entry]]
}

extension EnvironmentTable {
  /// The table of some environments.
  init(_ environments: [EnvironmentFacts]) {
    var columns: [String: Column] = [:]
    instances = environments.enumerated().map { index, environment in
      let variables = environment.variables.value ?? [:]
      let files = Set(variables.values.lazy.compactMap(\.location?.file)).sorted()
      for (name, variable) in variables {
        let place = variable.location.map { location in
          Place(file: files.firstIndex(of: location.file), line: location.line, column: location.column)
        }
        columns[name, default: Column()].add(index + 1, variable, at: place)
      }
      return Instance(
        instance: environment.instance, source: environment.source, unseen: environment.variables.unseen,
        unresolved: environment.unresolved, mayHoldMore: environment.mayHoldMore, keyID: environment.keyID,
        samples: environment.samples,
        files: files.isEmpty ? nil : files)
    }
    variables = columns.mapValues { column in
      column.cells.map { value, places in
        Entry(value: value, groups: places.map { Entry.Group(instances: runs($0.instances), place: $0.place) })
      }
    }
  }

  /// One variable's values with who has them where, in the order in which they came.
  private struct Column {
    private struct Cell: Hashable {
      var value: Int
      var place: Place?
    }

    private(set) var cells: [(value: ValueFacts, places: [(place: Place?, instances: [Int])])] = []
    private var values: [ValueFacts: Int] = [:]
    private var places: [Cell: Int] = [:]

    mutating func add(_ instance: Int, _ variable: VariableFacts, at place: Place?) {
      let value = values[variable.value] ?? cells.count
      if value == cells.count {
        values[variable.value] = value
        cells.append((variable.value, []))
      }
      let cell = Cell(value: value, place: place)
      let group = places[cell] ?? cells[value].places.count
      if group == cells[value].places.count {
        places[cell] = group
        cells[value].places.append((place, []))
      }
      cells[value].places[group].instances.append(instance)
    }
  }

  /// The environments that the table holds.
  ///
  /// - Throws: `DecodingError` where instances are not what this form says.
  func environments() throws -> [EnvironmentFacts] {
    func refusal(_ name: String, _ why: String) -> DecodingError {
      .dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "the variable \(name) \(why)"))
    }
    var count = 0
    var groups: [(name: String, value: VariableFacts, place: Place?, runs: [ClosedRange<Int>])] = []
    for (name, entries) in variables {
      for entry in entries {
        let value = VariableFacts(entry.value)
        for group in entry.groups {
          guard let runs = numbers(inRuns: group.instances, upTo: instances.count) else {
            throw refusal(name, "is set on instances that there are not")
          }
          count += runs.reduce(0) { $0 + $1.count }
          guard count <= Self.maximumVariables else {
            throw refusal(name, "is beyond the \(Self.maximumVariables) that are read of all instances")
          }
          groups.append((name, value, group.place, runs))
        }
      }
    }
    var byInstance = [[String: VariableFacts]](
      repeating: Dictionary(minimumCapacity: count / max(1, instances.count)), count: instances.count)
    for (name, value, place, runs) in groups {
      var variable = value
      for number in runs.joined() {
        let files = instances[number - 1].files ?? []
        variable.location = place.flatMap { place in
          place.file.flatMap { files.indices.contains($0) ? files[$0] : nil }
            .map { Location(file: $0, line: place.line, column: place.column) }
        }
        guard byInstance[number - 1].updateValue(variable, forKey: name) == nil else {
          throw refusal(name, "is set twice on an instance")
        }
      }
    }
    return zip(instances, byInstance).map { instance, variables in
      var environment = EnvironmentFacts(
        instance: instance.instance, source: instance.source,
        variables: instance.unseen.map { .unseen($0) } ?? .seen(variables))
      environment.unresolved = instance.unresolved
      environment.mayHoldMore = instance.mayHoldMore
      environment.keyID = instance.keyID
      environment.samples = instance.samples
      return environment
    }
  }
}

/// Ascending numbers as text: `1-96,98`.
private func runs(_ numbers: [Int]) -> String {
  var runs: [ClosedRange<Int>] = []
  for number in numbers {
    if let last = runs.last, last.upperBound + 1 == number {
      runs[runs.count - 1] = last.lowerBound...number
    } else {
      runs.append(number...number)
    }
  }
  return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
}

/// The numbers in such a text; nil where they are not ascending, or not all from 1 to a last one.
private func numbers(inRuns text: String, upTo last: Int) -> [ClosedRange<Int>]? {
  var runs: [ClosedRange<Int>] = []
  for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
    let ends = part.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
      .map { Int(Substring($0)) }
    guard let first = ends.first ?? nil, let end = ends.last ?? nil, (runs.last?.upperBound ?? 0) < first, first <= end,
      end <= last
    else { return nil }
    runs.append(first...end)
  }
  return runs
}
