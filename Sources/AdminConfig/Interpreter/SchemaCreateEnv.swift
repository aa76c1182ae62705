/// The part of the interpreter that knows `createEnv` of @t3-oss/env-core, -nextjs and -nuxt (env.t3.gg).
extension Interpreter {
  /// Calls one of the exports; nil for any other function.
  mutating func callCreateEnv(
    _ name: String, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked? {
    guard name.hasPrefix("t3.") else { return nil }
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "t3.core.createEnv", "t3.nextjs.createEnv", "t3.nuxt.createEnv":
      guard let id = first.object, case .plain = self[id].kind else {
        return unknown("the options of `createEnv`, which are not followed", at: place)
      }
      return try createEnv(first, framework: String(name.split(separator: ".")[1]), at: place)
    case "t3.preset.vercel": return try vercelPreset(at: place)
    default: return newObject(.external(reason("a preset of t3-env, which is not followed", at: place)), at: place)
    }
  }

  private mutating func createEnv(
    _ options: Tracked, framework: String, at place: Place
  ) throws(Interruption) -> Tracked {
    let values = try runtimeValues(options, framework: framework, at: place)
    if let empty = try option("emptyStringAsUndefined", of: options) {
      switch isTruthy(empty) {
      case true?: dropEmpty(values, at: place)
      case false?: break
      // Whether empty texts count is not known: they may or may not be there.
      case nil: doubtEmpty(values, unknownReason(empty))
      }
    }
    let skip = try option("skipValidation", of: options) ?? Tracked(.boolean(false), at: place)
    let skips = isTruthy(skip)
    if skips == true { return depending(values, on: skip.taint) }
    let fields = try fields(options, at: place)
    let verdict = try validated(options, fields, values, notes: skips == false, at: place)
    if !verdict.issues.isEmpty, skips == false {
      return try invalid(verdict.issues, options, at: place)
    }
    noteDoubt(SchemaVerdict(verdict.value, doubt: verdict.doubt ?? skip.reason))
    let result = try extended(options, verdict.value, at: place)
    if let reason = skip.reason, let id = result.object {
      // Either the values as they are or what the schemas make of them.
      for (key, _) in fields.fields {
        let raw = try property(values, key, at: place)
        guard let own = self[id].property(key)?.value else { continue }
        heap[Int(id.index)].set(key, to: Property(value: join(own, raw, reason)))
      }
      if verdict.value.object == nil { return verdict.value }
    }
    return depending(result, on: skip.taint)
  }

  /// What is validated: what the options name, or the process's environment.
  private mutating func runtimeValues(
    _ options: Tracked, framework: String, at place: Place
  ) throws(Interruption) -> Tracked {
    let environment = processEnvironment(at: place)
    if framework == "nuxt" { return environment }
    if framework == "core", let strict = try option("runtimeEnvStrict", of: options), !strict.isNullish {
      return strict
    }
    if let own = try option("runtimeEnv", of: options), !own.isNullish { return own }
    guard framework == "nextjs" else { return environment }
    let merged = newObject(.plain, at: place)
    guard let id = merged.object else { return merged }
    // What is not among the client's variables is looked up in the process's environment.
    heap[Int(id.index)].absent = .environment
    if let client = try option("experimental__runtimeEnv", of: options), client.object != environment.object {
      try spread(client, into: id)
    }
    return merged
  }

  /// `emptyStringAsUndefined` deletes the variables that are empty, also from `process.env`.
  private mutating func dropEmpty(_ values: Tracked, at place: Place) {
    guard let id = values.object else { return }
    for key in self[id].keys {
      guard let own = self[id].property(key), own.value.string?.isEmpty == true else { continue }
      var value = own.value
      value.value = .undefined
      if own.getter == nil {
        let gone = value
        change(id) { $0.set(key, to: Property(value: gone)) }
      } else if case .environment = self[id].kind {
        replace(text(key), in: id, with: value, isEnumerable: false, at: place)
      }
    }
    let reachesEnvironment: Bool
    switch (self[id].kind, self[id].absent) {
    case (.environment, _), (_, .environment): reachesEnvironment = true
    default: reachesEnvironment = false
    }
    guard reachesEnvironment else { return }
    let variables = environment.values
    for name in variables.keys.sorted() where variables[name]?.isEmpty == true {
      let key = key(name)
      guard self[id].position(of: key) == nil else { continue }
      let taint = taints.taint(of: name)
      // A variable that is gone is kept for what depended on it.
      let gone = Tracked(.undefined, at: place, taint: taint, text: taint)
      replace(name, in: id, with: gone, isEnumerable: false, at: place)
    }
  }

  private mutating func doubtEmpty(_ values: Tracked, _ reason: ReasonID) {
    guard let id = values.object else { return }
    for key in self[id].keys {
      guard let own = self[id].property(key), own.value.string?.isEmpty == true else { continue }
      let value = unknownFor(reason, like: own.value)
      change(id) { $0.set(key, to: Property(value: value)) }
    }
  }

  /// The schemas of the server, shared and client variables: on a server all are validated.
  private mutating func fields(_ options: Tracked, at place: Place) throws(Interruption) -> SchemaShape {
    var fields = SchemaShape()
    let isServer = try option("isServer", of: options)
    var groups = ["server", "shared", "client"]
    if let isServer, isTruthy(isServer) != true {
      groups = ["client", "shared"]
      fields.rest = reason("the server's variables, which are only there on a server", at: isServer.place)
    }
    for group in groups {
      guard let given = try option(group, of: options), given.object != nil || given.reason != nil else { continue }
      let own = try shape(given)
      for (key, schema) in own.fields { fields.set(key, to: schema) }
      fields.rest = fields.rest ?? own.rest
    }
    return fields
  }

  private mutating func validated(
    _ options: Tracked, _ fields: SchemaShape, _ values: Tracked, notes: Bool, at place: Place
  ) throws(Interruption) -> SchemaVerdict {
    guard let make = try option("createFinalSchema", of: options) else {
      return try validate(newSchema(Schema(kind: .object(fields)), at: place), values, notes: notes)
    }
    let shape = newObject(.plain, at: place)
    if let id = shape.object {
      for (key, schema) in fields.fields { heap[Int(id.index)].set(key, to: Property(value: schema)) }
      if let rest = fields.rest { heap[Int(id.index)].absent = .unknown(rest) }
    }
    let isServer = Tracked(.boolean(true), at: place)
    let final = try call(make, this: Tracked(.undefined, at: place), [shape, isServer], at: place)
    return try validate(final, values, notes: notes)
  }

  private mutating func invalid(
    _ issues: [SchemaIssue], _ options: Tracked, at place: Place
  ) throws(Interruption) -> Tracked {
    let taint = taint(of: issues)
    guard let handler = try option("onValidationError", of: options), !handler.isNullish else {
      explicitThrows += 1
      throw fail("Error", "Invalid environment variables", at: place, taint: taint)
    }
    // Older versions give an error of zod, newer ones a list of issues.
    let given = depending(external("what `onValidationError` is called with", at: place), on: taint)
    let result = try within(taint) { interpreter throws(Interruption) in
      try interpreter.call(handler, this: Tracked(.undefined, at: place), [given], at: place)
    }
    return depending(result, on: taint)
  }

  /// `extends`: other environments' values, where this one does not name the variable.
  private mutating func extended(
    _ options: Tracked, _ own: Tracked, at place: Place
  ) throws(Interruption) -> Tracked {
    guard let list = try option("extends", of: options), own.object != nil else { return own }
    let whole = newObject(.plain, at: place)
    guard let id = whole.object else { return own }
    guard let others = try iterate(list, at: list.place) else {
      overwrite(id, unknownReason(list), list.taint)
      try spread(own, into: id)
      return whole
    }
    for other in others { try spread(other, into: id) }
    try spread(own, into: id)
    return whole
  }

  /// What Vercel sets in a deployment, each of them optional.
  private mutating func vercelPreset(at place: Place) throws(Interruption) -> Tracked {
    let names = [
      "VERCEL", "CI", "VERCEL_ENV", "VERCEL_URL", "VERCEL_PROJECT_PRODUCTION_URL", "VERCEL_BRANCH_URL",
      "VERCEL_REGION", "VERCEL_DEPLOYMENT_ID", "VERCEL_SKEW_PROTECTION_ENABLED", "VERCEL_AUTOMATION_BYPASS_SECRET",
      "VERCEL_GIT_PROVIDER", "VERCEL_GIT_REPO_SLUG", "VERCEL_GIT_REPO_OWNER", "VERCEL_GIT_REPO_ID",
      "VERCEL_GIT_COMMIT_REF", "VERCEL_GIT_COMMIT_SHA", "VERCEL_GIT_COMMIT_MESSAGE", "VERCEL_GIT_COMMIT_AUTHOR_LOGIN",
      "VERCEL_GIT_COMMIT_AUTHOR_NAME", "VERCEL_GIT_PREVIOUS_SHA", "VERCEL_GIT_PULL_REQUEST_ID",
    ]
    let preset = newObject(.plain, at: place)
    guard let id = preset.object else { return preset }
    for name in names {
      let value = try property(processEnvironment(at: place), key(name), at: place)
      noteNeed(of: value, isRequired: false)
      heap[Int(id.index)].set(key(name), to: Property(value: value))
    }
    return preset
  }
}
