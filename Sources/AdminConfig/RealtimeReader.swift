import Facts

/// Reads the settings out of what a config exports.
struct RealtimeReader: ~Copyable {
  var interpreter: Interpreter

  init(_ interpreter: consuming Interpreter) { self.interpreter = interpreter }

  mutating func settings() -> RealtimeSettings {
    var settings: RealtimeSettings
    do {
      settings = try self.settings(of: try exported())
    } catch .thrown {
      settings = failed()
    } catch {
      let abandonment = interpreter.abandonment ?? ("an evaluation that was abandoned", interpreter.place(0))
      let unseen = Unseen(
        .notUnderstood, "`realtime` depends on \(abandonment.phrase)",
        at: interpreter.project.location(of: abandonment.place))
      settings = withheld(unseen, at: nil, [])
    }
    settings.reads = reads()
    if settings.failure == nil, let reason = interpreter.startDoubt {
      switch interpreter.reasons[Int(reason.index)] {
      case .environment(let unseen): settings.doubt = unseen
      case .cause(let phrase, let place):
        settings.doubt = Unseen(
          .notUnderstood, "the config depends on \(phrase)", at: interpreter.project.location(of: place))
      }
    }
    return settings
  }

  // MARK: The export

  /// The value of the default export, once the modules have run.
  mutating func exported() throws(Interruption) -> Tracked {
    let start = Place(module: 0, offset: 0)
    if case .json(let node) = interpreter.project.modules[0].content {
      return interpreter.value(of: node, at: start, .none, .none)
    }
    try interpreter.instantiate()
    try interpreter.run(module: 0)
    let value = try defaultExport(at: start)
    guard let id = value.object, case .function = interpreter[id].kind else { return try interpreter.settled(value) }
    let anything = interpreter.unknown("what the function is called with", at: value.place)
    let admin = try interpreter.call(value, this: anything, [anything, anything], at: value.place)
    return try interpreter.settled(admin)
  }

  private mutating func defaultExport(at start: Place) throws(Interruption) -> Tracked {
    let program = interpreter.project.entry.program
    if program.isModule, !program.exportsWhole { return try interpreter.exported("default", from: 0, at: start) }
    let exports = try interpreter.commonExports(of: 0, at: start)
    guard let id = exports.object, interpreter[id].position(of: Key(.default)) != nil else { return exports }
    return try interpreter.property(exports, Key(.default), at: start)
  }

  // MARK: Settings

  private mutating func settings(of admin: Tracked) throws(Interruption) -> RealtimeSettings {
    guard let id = admin.object, isReadable(id) else {
      let unseen = unseen("`realtime`", admin, expected: "an object given to `defineAdmin`")
      return withheld(unseen, at: admin.place, uses(admin))
    }
    let realtime = try member("realtime", of: admin)
    if realtime.isNullish {
      return RealtimeSettings(
        isSet: evaluated(.seen(false), realtime), driver: evaluated(.seen("memory"), realtime),
        url: secret(.known(nil), realtime), keyPrefix: evaluated(.seen(nil), realtime))
    }
    guard let id = realtime.object, isReadable(id) else {
      return withheld(unseen("`realtime`", realtime, expected: "an object"), at: realtime.place, uses(realtime))
    }
    let driver = try member("driver", of: realtime)
    let client = try member("client", of: realtime)
    let url = try member("url", of: realtime)
    let prefix = try member("keyPrefix", of: realtime)
    let tls = try member("tls", of: realtime)
    return RealtimeSettings(
      isSet: evaluated(.seen(true), realtime), driver: evaluated(outcome(ofDriver: driver), driver),
      url: self.url(driver: driver, client: client, url: url), keyPrefix: keyPrefix(prefix),
      tls: evaluated(
        tls.reason == nil ? .seen(!tls.isUndefined) : .unseen(unseen("`realtime.tls`", tls, expected: "")), tls))
  }

  /// Whether an object may hold settings.
  private func isReadable(_ id: ObjectID) -> Bool {
    switch interpreter[id].kind {
    case .plain, .namespace: true
    default: false
    }
  }

  mutating func member(_ name: String, of object: Tracked) throws(Interruption) -> Tracked {
    try interpreter.property(object, interpreter.key(name), at: object.place)
  }

  private mutating func outcome(ofDriver driver: Tracked) -> Observation<String> {
    switch driver.value {
    case .string(let text): return .seen(Disclosure.driver(text, from: names(driver.text)))
    case .undefined, .null:
      return .unseen(
        Unseen(
          .notUnderstood, "`realtime` has no `driver`; flowpanel names `memory` and `redis`",
          at: location(driver)))
    default: return .unseen(unseen("`realtime.driver`", driver, expected: "a string"))
    }
  }

  private mutating func url(driver: Tracked, client: Tracked, url: Tracked) -> EvaluatedSecret {
    if driver.string.map({ isSameText($0, "memory") }) == true { return secret(.known(nil), driver) }
    switch (client.value, url.value) {
    case (.undefined, .string(let text)): return secret(.known(Secret(text)), url)
    case (.undefined, .undefined), (.undefined, .null): return secret(.known(nil), url)
    case (.undefined, _): return secret(.unknown(unseen("`realtime.url`", url, expected: "a string")), url)
    // A client leads wherever it was made for, also beside a URL.
    case (.unknown, _):
      return secret(.unknown(unseen("`realtime.client`", client, expected: "a Redis client")), client)
    default:
      let own = Unseen(
        .notUnderstood,
        "`realtime.client` is a Redis client of the application's own; where it connects is not followed",
        at: location(client))
      return secret(.unknown(own), client)
    }
  }

  private mutating func keyPrefix(_ prefix: Tracked) -> Evaluated<String?> {
    switch prefix.value {
    case .string(let text): return evaluated(.seen(Disclosure.name(text, from: names(prefix.text))), prefix)
    case .undefined, .null: return evaluated(.seen(nil), prefix)
    default: return evaluated(.unseen(unseen("`realtime.keyPrefix`", prefix, expected: "a string")), prefix)
    }
  }

  // MARK: Failures

  /// The settings of a config that throws.
  private mutating func failed() -> RealtimeSettings {
    let error = interpreter.thrown
    // What is set and not accepted is no variable that is missing.
    for name in interpreter.taints.variables(error.taint) where interpreter.use(of: name).state != .set {
      interpreter.reads[name]?.failsWithout = true
    }
    let place = interpreter.thrownPlace
    let failure = StartFailure(
      message: message(of: error), location: interpreter.project.location(of: place), variables: uses(error))
    let unseen = Unseen(
      .notUnderstood, "the config fails at start: \(failure.message)", at: failure.location)
    var settings = withheld(unseen, at: place, failure.variables)
    settings.failure = failure
    return settings
  }

  /// What was thrown, in words, without text that came from a variable.
  private mutating func message(of error: Tracked) -> String {
    var text = error
    if let id = error.object, let message = interpreter[id].property(Key(.message))?.value { text = message }
    let sources = names(text.text)
    guard sources.isEmpty else {
      return "(a message with the text of \(sources.sorted().joined(separator: ", ")), which is not shown)"
    }
    if case .string(let message) = text.value { return message }
    return "(a message that is not known)"
  }

  private func withheld(_ unseen: Unseen, at place: Place?, _ variables: [VariableUse]) -> RealtimeSettings {
    let location = place.map { interpreter.project.location(of: $0) }
    return RealtimeSettings(
      isSet: Evaluated(.unseen(unseen), at: location, variables: variables),
      driver: Evaluated(.unseen(unseen), at: location, variables: variables),
      url: EvaluatedSecret(outcome: .unknown(unseen), location: location, variables: variables),
      keyPrefix: Evaluated(.unseen(unseen), at: location, variables: variables))
  }

  /// Why a value can't be used, in a sentence, with its place.
  private mutating func unseen(_ subject: String, _ value: Tracked, expected: String) -> Unseen {
    var reason = value.reason
    if reason == nil, let id = value.object, case .external(let own) = interpreter[id].kind { reason = own }
    guard let reason else {
      return Unseen(
        .notUnderstood, "\(subject) comes from \(interpreter.describe(value)) where \(expected) was expected",
        at: location(value))
    }
    switch interpreter.reasons[Int(reason.index)] {
    case .environment(let unseen): return unseen
    case .cause(let phrase, let place):
      return Unseen(.notUnderstood, "\(subject) depends on \(phrase)", at: interpreter.project.location(of: place))
    }
  }

  // MARK: Facts

  private func location(_ value: Tracked) -> Location { interpreter.project.location(of: value.place) }

  private func names(_ taint: Taint) -> Set<String> { Set(interpreter.taints.variables(taint)) }

  private mutating func uses(_ value: Tracked) -> [VariableUse] {
    interpreter.taints.variables(interpreter.union(value.taint, interpreter.unfollowed)).map { interpreter.use(of: $0) }
      .sorted()
  }

  private mutating func evaluated<Value>(_ outcome: Observation<Value>, _ value: Tracked) -> Evaluated<Value> {
    Evaluated(outcome, at: location(value), variables: uses(value))
  }

  private mutating func secret(_ outcome: EvaluatedSecret.Outcome, _ value: Tracked) -> EvaluatedSecret {
    EvaluatedSecret(
      outcome: outcome, location: location(value), variables: uses(value), textVariables: names(value.text).sorted())
  }

  private func reads() -> [VariableReading] {
    interpreter.readOrder.compactMap { name in
      guard let read = interpreter.reads[name] else { return nil }
      let need: ConfigVariable.Need =
        read.failsWithout ? .failsWithout : read.hasFallback ? .hasFallback : .noFallback
      return VariableReading(
        name: name, need: need, location: interpreter.project.location(of: read.place),
        loadedFrom: interpreter.loadedFrom[name])
    }
  }
}
