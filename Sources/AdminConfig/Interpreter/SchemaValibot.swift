/// The part of the interpreter that knows what valibot exports (valibot.dev/api).
extension Interpreter {
  /// Calls one of valibot's exports; nil for any other function.
  mutating func callValibot(
    _ name: String, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked? {
    guard name.hasPrefix("valibot.") else { return nil }
    let export = String(name.dropFirst(8))
    let first = arguments.first ?? Tracked(.undefined, at: place)
    let second = arguments.dropFirst().first ?? Tracked(.undefined, at: place)
    switch export {
    case "parse": return try parse(first, second, at: place)
    case "safeParse": return try safeParse(first, second, at: place)
    case "parseAsync":
      return try promise(at: place) { interpreter throws(Interruption) in
        try interpreter.parse(first, second, at: place)
      }
    case "safeParseAsync":
      return try promise(at: place) { interpreter throws(Interruption) in
        try interpreter.safeParse(first, second, at: place)
      }
    case "assert":
      _ = try parse(first, second, at: place)
      return Tracked(.undefined, at: place)
    case "is":
      return try property(try safeParse(first, second, at: place), key("success"), at: place)
    case "parser", "safeParser", "flatten", "summarize", "getDotPath", "getDefaults", "getDefault", "toStandardSchema":
      return unknown("`v.\(export)(…)`, which is not followed", at: place)
    case "setGlobalConfig", "setGlobalMessage", "setSpecificMessage", "setSchemaMessage":
      return Tracked(.undefined, at: place)
    case "config", "message", "unwrap", "concrete": return first
    case "pipe", "pipeAsync": return pipe(first, Array(arguments.dropFirst()), at: place)
    case "partial", "pick", "omit", "required", "keyof", "partialAsync", "requiredAsync":
      let method = export.hasSuffix("Async") ? String(export.dropLast(5)) : export
      // The second argument of `required` may be a message.
      let mask = second.object == nil ? Tracked(.undefined, at: place) : second
      if let own = schema(first), let shaped = try callShapeMethod(method, first, own, mask, at: place) {
        return shaped
      }
    default: break
    }
    if export == "custom" {
      let step = try schemaStep("check", arguments, .valibot, at: place)
      return newSchema(Schema(kind: .anything, library: .valibot, steps: [step].compactMap(\.self)), at: place)
    }
    if let kind = try valibotKind(export, first, second, at: place) {
      return newSchema(Schema(kind: kind, library: .valibot), at: place)
    }
    if Self.annotations.contains(export) {
      return newSchema(Schema(kind: .action, library: .valibot), at: place)
    }
    if let step = try schemaStep(export, arguments, .valibot, at: place) {
      return newSchema(Schema(kind: .action, library: .valibot, steps: [step]), at: place)
    }
    try letGo(arguments, of: export, at: place)
    return opaqueSchema("`v.\(export.prefix(80))(…)`, which is not followed", .valibot, at: place)
  }

  /// `pipe`: a schema, then actions and schemas one after the other.
  private mutating func pipe(_ first: Tracked, _ items: [Tracked], at place: Place) -> Tracked {
    var steps: [SchemaStep] = []
    for item in items {
      if let own = schema(item), case .action = own.kind {
        steps += own.steps
      } else {
        steps.append(SchemaStep(action: .schema(item), place: item.place))
      }
    }
    return newSchema(Schema(kind: .wrapped(first), library: .valibot, steps: steps), at: place)
  }

  private mutating func valibotKind(
    _ export: String, _ first: Tracked, _ second: Tracked, at place: Place
  ) throws(Interruption) -> Schema.Kind? {
    func value(_ value: Value) -> Schema.Kind { .options([Tracked(value, at: place)]) }
    switch export {
    case "string": return .text
    case "number": return .number
    case "boolean": return .boolean
    case "any", "unknown": return .anything
    case "undefined", "undefined_", "void", "void_": return value(.undefined)
    case "null", "null_": return value(.null)
    case "never": return .options([])
    case "picklist", "enum", "enum_": return try options(first)
    case "literal": return .options([first])
    case "object": return .object(try shape(first))
    case "strictObject": return .object(try shape(first, .refused))
    case "looseObject", "objectWithRest": return .object(try shape(first, .kept))
    case "array": return .array(of: first)
    case "record": return .record(of: second)
    case "union": return try union(of: first)
    case "variant": return try union(of: second)
    case "intersect":
      guard let parts = try iterate(first, at: place), parts.count == 2 else { return nil }
      return .intersection(parts[0], parts[1])
    case "lazy": return .lazy(first)
    case "optional", "exactOptional", "undefinedable": return absentable(first, second, undefined: true, null: false)
    case "nullable": return absentable(first, second, undefined: false, null: true)
    case "nullish": return absentable(first, second, undefined: true, null: true)
    case "nonOptional", "nonNullish": return .required(first)
    case "fallback": return .caught(first, fallback: second)
    default: return nil
    }
  }

  /// A default goes through the schema, as any other value (valibot.dev/guides/optionals).
  private func absentable(_ inner: Tracked, _ standIn: Tracked, undefined: Bool, null: Bool) -> Schema.Kind {
    if standIn.isUndefined || !undefined { return .absentable(inner, undefined: undefined, null: null) }
    return .defaulted(inner, SchemaDefault(value: standIn, handling: .input, replacesNull: null))
  }
}
