/// The part of the interpreter that knows what reads environment files into `process.env`: dotenv, its kin, @next/env.
extension Interpreter {
  /// A package that reads environment files, and the name that a person knows it by.
  enum EnvironmentLoader: String {
    case dotenv
    case dotenvFlow = "dotenv-flow"
    case dotenvx = "@dotenvx/dotenvx"
    case next = "@next/env"
  }

  private static let fileBytes = 1 << 20
  private static let loadersKey = "[[EnvironmentFiles]]"

  // MARK: What has been loaded

  /// An object that belongs to the whole evaluation: made inside a run that is taken back, it is as it was then.
  private mutating func shared(_ name: String, _ make: (inout Interpreter) -> Tracked) -> ObjectID? {
    if let id = builtins[name] { return id }
    guard let id = make(&self).object else { return nil }
    builtins[name] = id
    for index in journals.indices where journals[index].seen.insert(id).inserted {
      journals[index].objects.append((id, heap[Int(id.index)]))
    }
    return id
  }

  /// Keeps that files may set variables that are not set yet.
  mutating func noteEnvironmentFiles(_ loader: EnvironmentLoader, at place: Place) {
    guard let id = shared(Self.loadersKey, { $0.newArray([], at: place) }) else { return }
    let name = Tracked(.string(loader.rawValue), at: place, taint: control())
    change(id) { $0.elements.append(name) }
  }

  /// The value that environment files may give a variable that is not set otherwise.
  mutating func filesValue(of name: String) -> Tracked? {
    guard let id = builtins[Self.loadersKey] else { return nil }
    if case .unknown(let reason) = self[id].absent { return Tracked(.unknown(reason), at: self[id].place) }
    guard let loader = self[id].elements.first, let package = loader.string else { return nil }
    return unknown(
      "`\(name.prefix(80))`, which is not set and which \"\(package)\" may read from a file", at: loader.place)
  }

  // MARK: Calls

  /// What loading a package does: `import "dotenv/config"`.
  mutating func runEnvironmentPackage(_ name: String, at place: Place) throws(Interruption) {
    switch name {
    case "dotenv/config", "dotenv/config.js":
      var paths = [".env"]
      if case .string(let path) = peek("DOTENV_CONFIG_PATH") { paths = [path] }
      _ = loadFiles(paths, .dotenv, isOverriding: false, at: place)
    case "dotenvx/config", "@dotenvx/dotenvx/config": _ = loadFiles([".env"], .dotenvx, isOverriding: false, at: place)
    case "dotenv-flow/config": _ = try loadFlow(Tracked(.undefined, at: place), at: place)
    default: break
    }
  }

  /// Calls a function that reads environment files; nil for any other.
  mutating func callEnvironmentFiles(
    _ name: String, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked? {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "environment.variable": return readReplaced(arguments, at: place)
    case "dotenv.config", "dotenv.configDotenv": return try configure(first, .dotenv, at: place)
    case "@dotenvx/dotenvx.config": return try configure(first, .dotenvx, at: place)
    case "dotenv-flow.config": return try loadFlow(first, at: place)
    case "@next/env.loadEnvConfig": return loadNext(arguments, at: place)
    case "dotenv-expand.expand":
      expandAgain(at: place)
      return external("what was expanded in environment files", at: place)
    case "dotenv.parse", "dotenv-flow.parse", "@dotenvx/dotenvx.parse", "dotenv.populate", "@next/env.updateInitialEnv",
      "@next/env.resetEnv", "@next/env.processEnv":
      return external("`\(name.split(separator: ".").last ?? "")(…)`, which is not followed", at: place)
    case "@dotenvx/dotenvx.get":
      guard let variable = first.string else { return keeping(first) }
      return try property(processEnvironment(at: place), key(variable), at: place)
    default: return nil
    }
  }

  /// `config({ path, override, processEnv })`.
  private mutating func configure(
    _ options: Tracked, _ loader: EnvironmentLoader, at place: Place
  ) throws(Interruption) -> Tracked {
    if options.reason != nil { return loadUnknown(loader, at: place) }
    if try option("processEnv", of: options) != nil {
      return external("what dotenv read into an object", at: place)
    }
    var override = try option("override", of: options)
    if override == nil { override = try option("overload", of: options) }
    let isOverriding = override.map { isTruthy($0) } ?? false
    guard let isOverriding else { return loadUnknown(loader, at: place) }
    guard let path = try option("path", of: options) else {
      return loadFiles([".env"], loader, isOverriding: isOverriding, at: place)
    }
    var paths: [String] = []
    var taint = path.taint
    let list = path.object.map { self[$0].isArray } == true ? try iterate(path, at: place) : [path]
    for item in list ?? [] {
      taint = union(taint, item.taint)
      guard let text = item.string, !text.hasPrefix("~") else { return loadUnknown(loader, at: place) }
      paths.append(text)
    }
    guard !paths.isEmpty else { return loadUnknown(loader, at: place) }
    return loadFiles(paths, loader, isOverriding: isOverriding, taint: taint, at: place)
  }

  /// dotenv-flow: the files of the stage that NODE_ENV names, then those of all stages.
  private mutating func loadFlow(_ options: Tracked, at place: Place) throws(Interruption) -> Tracked {
    guard options.isUndefined else { return loadUnknown(.dotenvFlow, at: place) }
    let taint = taints.taint(of: "NODE_ENV")
    switch peek("NODE_ENV") {
    case .undefined, .string(""):
      return loadFiles([".env.local", ".env"], .dotenvFlow, isOverriding: false, taint: taint, at: place)
    case .string("test"):
      return loadFiles(
        [".env.test.local", ".env.test", ".env"], .dotenvFlow, isOverriding: false, taint: taint, at: place)
    case .string(let mode):
      // Which of the two in the middle wins depends on the version.
      if readFile(at: ".env.local") != nil, readFile(at: ".env.\(mode)") != nil {
        return loadUnknown(.dotenvFlow, at: place)
      }
      return loadFiles(
        [".env.\(mode).local", ".env.local", ".env.\(mode)", ".env"], .dotenvFlow, isOverriding: false, taint: taint,
        at: place)
    default: return loadUnknown(.dotenvFlow, at: place)
    }
  }

  /// `loadEnvConfig(dir, dev)`: the files as Next.js loads them, and what it gives.
  private mutating func loadNext(_ arguments: [Tracked], at place: Place) -> Tracked {
    let folder = arguments.first ?? Tracked(.undefined, at: place)
    let development = arguments.dropFirst().first ?? Tracked(.undefined, at: place)
    guard let isDevelopment = isTruthy(development), let prefix = self.folder(folder) else {
      return loadUnknown(.next, at: place)
    }
    let stage = peek("NODE_ENV")
    if case .unknown = stage { return loadUnknown(.next, at: place) }
    var isTest = false
    if case .string("test") = stage { isTest = true }
    let mode = isTest ? "test" : isDevelopment ? "development" : "production"
    let names = [".env.\(mode).local"] + (isTest ? [] : [".env.local"]) + [".env.\(mode)", ".env"]
    let taint = union(development.taint, union(folder.taint, taints.taint(of: "NODE_ENV")))
    return loadFiles(names.map { prefix + $0 }, .next, isOverriding: false, taint: taint, at: place)
  }

  /// The folder that a value names, as the start of a path; nil where it is not known.
  private func folder(_ value: Tracked) -> String? {
    if let text = value.string { return text.isEmpty ? "" : text + "/" }
    // The tools use the folder of the project as their working folder.
    if let reason = value.reason, case .cause("the working folder", _) = reasons[Int(reason.index)] { return "" }
    return nil
  }

  /// A load of files that can't be told: what is not set may be set by them.
  private mutating func loadUnknown(_ loader: EnvironmentLoader, at place: Place) -> Tracked {
    noteEnvironmentFiles(loader, at: place)
    return external("what was read from environment files", at: place)
  }

  // MARK: Files

  /// Reads environment files, of which the first one that sets a variable wins, or the last one where they override
  /// what is set. Gives what the loaders give: an object with what was read.
  private mutating func loadFiles(
    _ paths: [String], _ loader: EnvironmentLoader, isOverriding: Bool, taint: Taint = .none, at place: Place
  ) -> Tracked {
    _ = shared("process.env") { $0.processEnvironment(at: place) }
    // Without the environment nothing tells which variables are set already.
    if !isOverriding {
      guard case .known = environment else { return loadUnknown(loader, at: place) }
    }
    // A key for a vault takes the place of the files.
    if case .string(let key) = peek("DOTENV_KEY"), !key.isEmpty { return loadUnknown(loader, at: place) }
    var already = loader == .next ? knownVariables() : [:]
    var found: [String: String] = [:]
    var origins: [String: String] = [:]
    var order: [String] = []
    var isComplete = true
    var isFound = false
    for path in paths {
      guard let bytes = readFile(at: path),
        let variables = project.files.environment(bytes, loader == .next ? .next : .dotenv, already)
      else {
        isComplete = false
        continue
      }
      isFound = true
      for (name, value) in variables {
        if found[name] == nil { order.append(name) }
        if found[name] == nil || isOverriding { (found[name], origins[name]) = (value, path) }
        if loader == .next, already[name] == nil { already[name] = value }
      }
    }
    // A project without any of the files may be one whose files are only where it runs.
    if !isFound { noteEnvironmentFiles(loader, at: place) }
    for name in order {
      guard let value = found[name] else { continue }
      if set(name, to: value, loader, isOverriding: isOverriding, taint, at: place), shadows == 0 {
        loadedFrom[name] = origins[name]
      }
    }
    return result(of: order, found, isComplete: isComplete, loader, at: place)
  }

  /// Gives a variable a value from a file; false where it keeps the one that it has.
  private mutating func set(
    _ name: String, to value: String, _ loader: EnvironmentLoader, isOverriding: Bool, _ taint: Taint, at place: Place
  ) -> Bool {
    guard let id = builtins["process.env"] else { return false }
    let own = taints.taint(of: name)
    var result = Tracked(.string(value), at: place, taint: union(taint, control()), text: own)
    result.taint = union(result.taint, own)
    // dotenvx decrypts and expands values, which needs more than the file.
    if loader == .dotenvx, value.contains("$") || value.hasPrefix("encrypted:") {
      result.value = .unknown(reason("`\(name.prefix(80))`, which dotenvx decrypts or expands", at: place))
    }
    if !isOverriding {
      switch peek(name) {
      case .undefined: break
      case .unknown(let reason):
        // Set already or not: one of two values.
        result.value = .unknown(reason)
      default: return false
      }
    }
    replace(name, in: id, with: result, at: place)
    return true
  }

  /// Gives a variable another value than the process began with. The config still reads the variable, as it does not
  /// when it has set it itself: a getter keeps that.
  mutating func replace(
    _ name: String, in id: ObjectID, with value: Tracked, isEnumerable: Bool = true, at place: Place
  ) {
    guard let function = builtin("environment.variable", at: place).object else { return }
    let label = Tracked(.string(name), at: place)
    let getter = newObject(.bound(function, this: label, arguments: [label, value]), at: place)
    let key = key(name)
    change(id) { $0.set(key, to: Property(value: value, getter: getter.object, isEnumerable: isEnumerable)) }
  }

  private mutating func readReplaced(_ arguments: [Tracked], at place: Place) -> Tracked? {
    guard arguments.count == 2, let name = arguments[0].string else { return nil }
    if reads[name] == nil {
      reads[name] = VariableRead(place: place)
      readOrder.append(name)
    }
    return arguments[1]
  }

  /// `{ parsed, error }` of dotenv, `{ combinedEnv, parsedEnv }` of @next/env.
  private mutating func result(
    of order: [String], _ found: [String: String], isComplete: Bool, _ loader: EnvironmentLoader, at place: Place
  ) -> Tracked {
    let result = newObject(.plain, at: place)
    let parsed = newObject(.plain, at: place)
    guard let id = result.object, let values = parsed.object else { return result }
    let doubt = reason("what was read from environment files", at: place)
    heap[Int(id.index)].absent = .unknown(doubt)
    // Where a file is missing here, one may be there on the instance.
    if !isComplete || loader != .dotenv { heap[Int(values.index)].absent = .unknown(doubt) }
    for name in order where loader == .dotenv {
      guard let value = found[name] else { continue }
      let own = taints.taint(of: name)
      let text = Tracked(.string(value), at: place, taint: own, text: own)
      heap[Int(values.index)].set(key(name), to: Property(value: text))
    }
    heap[Int(id.index)].set(key("parsed"), to: Property(value: parsed))
    if isComplete { heap[Int(id.index)].set(key("error"), to: Property(value: Tracked(.undefined, at: place))) }
    return result
  }

  /// dotenv-expand rewrites the variables that hold references.
  private mutating func expandAgain(at place: Place) {
    guard let id = builtins["process.env"] else { return }
    let phrase = reason("a variable that dotenv-expand rewrites", at: place)
    for key in self[id].keys {
      guard let own = self[id].property(key), own.value.string?.contains("$") == true else { continue }
      replace(text(key), in: id, with: unknownFor(phrase, like: own.value), at: place)
    }
  }

  /// A file of the project, looked for from the folder in which the project's tools run.
  private func readFile(at path: String) -> [UInt8]? {
    let entry = project.modules[0].path
    let manifest = nearestFile(named: ["package.json"], from: entry, files: project.files) ?? normalisedPath(entry)
    guard path.utf8.count <= ResolutionLimit.pathBytes, !path.utf8.contains(0), let folder = parentFolder(of: manifest),
      case .file(let bytes) = project.files.content(joinedPath(folder, path)), bytes.count <= Self.fileBytes
    else { return nil }
    return bytes
  }

  // MARK: Variables

  /// A variable's value as a loader sees it: the config itself did not ask for it.
  private mutating func peek(_ name: String) -> Value {
    let key = key(name)
    if let id = builtins["process.env"] {
      if let own = self[id].property(key) { return own.value.value }
      if case .unknown(let reason) = self[id].absent { return .unknown(reason) }
    }
    switch environment.variable(name) {
    case .unknown(let unseen):
      reasons.append(.environment(unseen))
      return .unknown(ReasonID(index: Int32(reasons.count - 1)))
    case .set(let value): return .string(value.reveal())
    case .unset: return .undefined
    }
  }

  /// The variables that are set, those that the modules have set too.
  private func knownVariables() -> [String: String] {
    var all = environment.values.mapValues { $0.reveal() }
    guard let id = builtins["process.env"] else { return all }
    for (position, key) in self[id].keys.enumerated() {
      all[text(key)] = self[id].properties[position].value.string
    }
    return all
  }
}
