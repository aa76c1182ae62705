import Facts

/// The part of the interpreter that knows the environment variables.
extension Interpreter {
  /// `process.env`, the same object each time.
  mutating func processEnvironment(at place: Place) -> Tracked {
    environment("process.env", isBundler: false, at: place)
  }

  /// `import.meta.env`, in which a bundler has names of its own.
  mutating func bundlerEnvironment(at place: Place) -> Tracked {
    environment("import.meta.env", isBundler: true, at: place)
  }

  private mutating func environment(_ name: String, isBundler: Bool, at place: Place) -> Tracked {
    if let id = builtins[name] { return Tracked(.object(id), at: place) }
    let id = allocate(HeapObject(.environment(isBundler: isBundler), at: place))
    builtins[name] = id
    return Tracked(.object(id), at: place)
  }

  /// Names that a bundler sets in `import.meta.env`, and those that Next.js sets in every process of its own.
  private static let bundlerNames: Set<String> = ["MODE", "PROD", "DEV", "SSR", "BASE_URL"]
  private static let frameworkNames: Set<String> = ["NEXT_RUNTIME", "NEXT_PHASE"]

  /// A variable of the environment, as far as the modules have not set it themselves.
  mutating func variable(_ name: String, isBundler: Bool, at place: Place) -> Tracked {
    if isBundler, Self.bundlerNames.contains(name) {
      return unknown("`import.meta.env.\(name)`, which the bundler sets", at: place)
    }
    let taint = taints.taint(of: name)
    var result = Tracked(.undefined, at: place, taint: taint, text: taint)
    result.alternatives = .nullish
    if reads[name] == nil {
      reads[name] = VariableRead(place: place)
      readOrder.append(name)
    }
    if isTracing {
      traces.append(TraceStep(place: place, previous: [], variable: name))
      result.trace = Int32(traces.count - 1)
    }
    if let id = builtins["process.env"], let own = self[id].property(key(name)) {
      return depending(own.value, on: taint)
    }
    if let id = builtins["process.env"], case .unknown(let reason) = self[id].absent {
      result.value = .unknown(reason)
      return result
    }
    switch environment.variable(name) {
    case .unknown(let unseen):
      reasons.append(.environment(unseen))
      result.value = .unknown(ReasonID(index: Int32(reasons.count - 1)))
    case .set(let secret): result.value = .string(secret.reveal())
    case .unset:
      if let file = filesValue(of: name) {
        result.value = file.value
      } else if Self.frameworkNames.contains(name) {
        result.value = .unknown(reason("`\(name)`, which Next.js sets itself", at: place))
      }
    }
    return result
  }

  /// `process.env.X = value` (Node's `process.env`: whatever is set becomes text).
  mutating func setVariable(_ key: Key, in id: ObjectID, to value: Tracked, at place: Place) throws(Interruption) {
    var converted = try text(of: value, at: place)
    converted.taint = union(converted.taint, control())
    let target = builtins["process.env"] ?? id
    let set = converted
    change(target) { $0.set(key, to: Property(value: set)) }
  }

  /// The names of the variables that are set.
  mutating func environmentKeys(of id: ObjectID, at place: Place) -> Keys {
    readsAll = true
    switch environment.names {
    case .unseen(let unseen):
      reasons.append(.environment(unseen))
      return .unknown(ReasonID(index: Int32(reasons.count - 1)))
    case .seen(let names):
      var all = names
      for key in ownKeys(of: id) { all.insert(text(key)) }
      return .known(all.sorted().map { Tracked(.string($0), at: place) })
    }
  }

  /// How a variable stands in the environment.
  func use(of name: String) -> VariableUse {
    VariableUse(name, environment.variable(name).state)
  }
}
