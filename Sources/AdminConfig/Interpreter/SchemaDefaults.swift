/// The part of the interpreter that knows what schemas do where a value is missing: optional ones, defaults, fallbacks.
extension Interpreter {
  mutating func validateMissing(
    _ schema: Schema, _ input: Tracked, notes: Bool
  ) throws(Interruption) -> SchemaVerdict {
    switch schema.kind {
    case .absentable(let inner, let undefined, let null):
      if let reason = input.reason { return try doubted(inner, input, reason, notes: notes) }
      if input.isUndefined, undefined {
        // zod 4 asks the schema inside where that has a default; zod 3 does not.
        guard let own = self.schema(inner), case .defaulted = own.kind else { return SchemaVerdict(input) }
        let other = try validate(inner, input, notes: false)
        return SchemaVerdict(
          join(input, other.value, reason("a default inside an optional schema", at: inner.place)))
      }
      if input.isNullish, !input.isUndefined, null { return SchemaVerdict(input) }
      return try validate(inner, input, notes: notes)
    case .required(let inner):
      if input.isUndefined { return failed(input, "a value") }
      return try validate(inner, input, notes: notes)
    case .caught(let inner, let fallback):
      let verdict = try validate(inner, input, notes: notes)
      if verdict.issues.isEmpty, let doubt = verdict.doubt {
        return SchemaVerdict(unknownFor(doubt, like: verdict.value))
      }
      guard !verdict.issues.isEmpty else { return verdict }
      var value = try standIn(fallback)
      for issue in verdict.issues { value = depending(value, on: issue.taint) }
      return SchemaVerdict(value)
    case .defaulted(let inner, let standIn): return try validateDefaulted(schema, inner, standIn, input, notes: notes)
    default: return SchemaVerdict(input)
    }
  }

  /// A schema's result for a value that may be missing: what passes is unknown too.
  private mutating func doubted(
    _ inner: Tracked, _ input: Tracked, _ reason: ReasonID, notes: Bool
  ) throws(Interruption) -> SchemaVerdict {
    var verdict = try validate(inner, input, notes: notes)
    verdict.value = unknownFor(reason, like: verdict.value)
    verdict.doubt = verdict.doubt ?? (verdict.issues.isEmpty ? nil : reason)
    verdict.issues = []
    return verdict
  }

  private mutating func validateDefaulted(
    _ schema: Schema, _ inner: Tracked, _ standIn: SchemaDefault, _ input: Tracked, notes: Bool
  ) throws(Interruption) -> SchemaVerdict {
    if let reason = input.reason { return try doubted(inner, input, reason, notes: notes) }
    guard input.isUndefined || standIn.replacesNull && input.isNullish else {
      return try validate(inner, input, notes: notes)
    }
    let value = depending(try self.standIn(standIn.value), on: input.taint)
    var handling = standIn.handling
    if handling == .byVersion, let version = schema.version { handling = version >= 4 ? .result : .input }
    if handling == .result { return SchemaVerdict(value) }
    // valibot lets a default of undefined through.
    if schema.library == .valibot, value.isNullish { return SchemaVerdict(value) }
    let verdict = try validate(inner, value, notes: false)
    // A default that does not pass is one of the version that does not ask.
    guard handling == .byVersion else { return verdict }
    if !verdict.issues.isEmpty { return SchemaVerdict(value) }
    if areSame(value, verdict.value) == true { return verdict }
    switch installedZod() {
    case 3?: return verdict
    case 4?: return SchemaVerdict(value)
    default:
      let reason = reason("a default, which zod 3 takes through the schema and zod 4 does not", at: value.place)
      return SchemaVerdict(join(value, verdict.value, reason))
    }
  }

  /// A default or fallback, which may be a function that gives it.
  private mutating func standIn(_ value: Tracked) throws(Interruption) -> Tracked {
    guard let id = value.object, self[id].isCallable else { return value }
    let context = external("what a default's function is called with", at: value.place)
    return try call(value, this: Tracked(.undefined, at: value.place), [context], at: value.place)
  }
}
