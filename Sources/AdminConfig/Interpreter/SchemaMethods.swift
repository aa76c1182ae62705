/// The properties and methods of schemas: those of zod, whose methods give new schemas.
extension Interpreter {
  /// Properties of a schema that are no methods.
  private static let values: Set<String> = [
    "_def", "def", "_zod", "_type", "_input", "_output", "~standard", "type", "description",
  ]

  mutating func schemaProperty(_ id: ObjectID, _ name: String, at place: Place) -> Tracked? {
    guard case .schema(let schema) = self[id].kind else { return nil }
    if name == "then" { return Tracked(.undefined, at: place) }
    switch (name, schema.kind) {
    case ("shape", .object(let shape)), ("entries", .object(let shape)):
      let object = newObject(.plain, at: place)
      guard let id = object.object else { return object }
      steps += shape.fields.count
      for (key, field) in shape.fields { heap[Int(id.index)].set(key, to: Property(value: field)) }
      if let rest = shape.rest { heap[Int(id.index)].absent = .unknown(rest) }
      return object
    case ("options", .options(let values)): return newArray(values, at: place)
    case ("value", .options(let values)) where values.count == 1: return values[0]
    case ("enum", .options(let values)), ("Enum", .options(let values)), ("Values", .options(let values)):
      let object = newObject(.plain, at: place)
      guard let id = object.object else { return object }
      for value in values {
        guard let name = value.string else { return unknown("`.\(name)` of a schema", at: place) }
        heap[Int(id.index)].set(key(name), to: Property(value: value))
      }
      return object
    case ("element", .array(let element)): return element
    default: break
    }
    if Self.values.contains(name) || name.hasPrefix("_") || schema.library != .zod {
      return unknown("`.\(name.prefix(80))` of a schema, which is not followed", at: place)
    }
    return builtin("schema.\(name.prefix(80))", at: place)
  }

  /// Calls a method of a schema. A method that is not known gives a schema of which nothing is known.
  mutating func callSchemaMethod(
    _ name: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    if name == "addIssue" { return try addIssue(this, arguments, at: place) }
    guard let schema = schema(this) else {
      return unknown("a method of a schema without its schema", at: place)
    }
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "parse", "decode": return try parse(this, first, at: place)
    case "safeParse", "safeDecode", "spa": return try safeParse(this, first, at: place)
    case "parseAsync", "decodeAsync":
      return try promise(at: place) { interpreter throws(Interruption) in
        try interpreter.parse(this, first, at: place)
      }
    case "safeParseAsync", "safeDecodeAsync":
      return try promise(at: place) { interpreter throws(Interruption) in
        try interpreter.safeParse(this, first, at: place)
      }
    case "isOptional": return Tracked(.boolean(acceptsMissing(this)), at: place)
    default: break
    }
    if Self.annotations.contains(name) { return this }
    if let shaped = try callShapeMethod(name, this, schema, first, at: place) { return shaped }
    if let kind = try wrapping(name, this, arguments, at: place) {
      return newSchema(Schema(kind: kind, library: schema.library, version: schema.version), at: place)
    }
    let steps = try steps(name, schema, arguments, at: place)
    return newSchema(
      Schema(kind: .wrapped(this), library: schema.library, version: schema.version, steps: steps), at: place)
  }

  private mutating func steps(
    _ name: String, _ schema: Schema, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> [SchemaStep] {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "pipe": return [SchemaStep(action: .schema(first), place: place)]
    case "check", "with":
      var steps: [SchemaStep] = []
      for argument in arguments {
        if let action = self.schema(argument) {
          steps += action.steps
        } else {
          steps.append(SchemaStep(action: .examined(argument, valueInContext: true), place: place))
        }
      }
      return steps
    default:
      if let step = try schemaStep(name, arguments, schema.library, at: place) { return [step] }
      try letGo(arguments, of: name, at: place)
      return [SchemaStep(action: .opaque(name), place: place)]
    }
  }

  /// Functions that something not followed gets may be called by it. Whatever else it gets, validators only read.
  mutating func letGo(_ arguments: [Tracked], of name: String, at place: Place) throws(Interruption) {
    let functions = arguments.filter { argument in argument.object.map { self[$0].isCallable } ?? false }
    guard !functions.isEmpty else { return }
    try escape(functions, reason("`\(name.prefix(80))` of a schema, which is not followed", at: place))
  }

  /// The methods that put a schema around another.
  private mutating func wrapping(
    _ name: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Schema.Kind? {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "optional", "exactOptional": return .absentable(this, undefined: true, null: false)
    case "nullable": return .absentable(this, undefined: false, null: true)
    case "nullish": return .absentable(this, undefined: true, null: true)
    case "nonoptional": return .required(this)
    case "default": return .defaulted(this, SchemaDefault(value: first, handling: .byVersion))
    case "prefault": return .defaulted(this, SchemaDefault(value: first, handling: .input))
    case "catch": return .caught(this, fallback: first)
    case "or": return .union([this, first])
    case "and": return .intersection(this, first)
    case "array": return .array(of: this)
    case "extract", "exclude":
      guard case .options(let values)? = schema(this)?.kind, let names = try iterate(first, at: place) else {
        return nil
      }
      return .options(
        values.filter { value in names.contains { strictlyEqual($0, value) == true } == (name == "extract") })
    case "unwrap", "removeDefault", "innerType", "sourceType":
      switch schema(this)?.kind {
      case .absentable(let inner, _, _)?, .defaulted(let inner, _)?, .wrapped(let inner)?: return .wrapped(inner)
      default: return nil
      }
    default: return nil
    }
  }

  // MARK: Objects

  /// The methods of an object's schema; nil for any other method, or schema.
  mutating func callShapeMethod(
    _ name: String, _ this: Tracked, _ schema: Schema, _ first: Tracked, at place: Place
  ) throws(Interruption) -> Tracked? {
    guard case .object(var shape) = schema.kind else { return nil }
    // A shape is copied as a whole.
    steps += shape.fields.count
    try step(at: place)
    switch name {
    case "extend", "safeExtend", "augment", "setKey": try extend(&shape, with: first)
    case "merge":
      guard case .object(let other)? = self.schema(first)?.kind else { return nil }
      for (key, field) in other.fields { shape.set(key, to: field) }
      shape.rest = shape.rest ?? other.rest
      shape.others = other.others
    case "pick", "omit":
      guard let keys = try names(first) else { return nil }
      shape.fields = shape.fields.filter { keys.contains($0.key) == (name == "pick") }
    case "partial", "deepPartial", "required":
      guard let keys = first.isUndefined ? Set(shape.fields.map(\.key)) : try names(first) else { return nil }
      for (key, field) in shape.fields where keys.contains(key) {
        let kind: Schema.Kind =
          name == "required" ? .required(field) : .absentable(field, undefined: true, null: false)
        let own = Schema(kind: kind, library: schema.library, version: schema.version)
        shape.set(key, to: newSchema(own, at: field.place))
      }
    case "strict": shape.others = .refused
    case "strip": shape.others = .dropped
    case "passthrough", "loose", "nonstrict": shape.others = .kept
    case "catchall": shape.rest = reason("the keys that `catchall` lets through", at: place)
    case "keyof":
      let names = shape.fields.map { Tracked(.string(text($0.key)), at: place) }
      return newSchema(Schema(kind: .options(names), library: schema.library, version: schema.version), at: place)
    default: return nil
    }
    return newSchema(
      Schema(kind: .object(shape), library: schema.library, version: schema.version, steps: schema.steps), at: place)
  }

  private mutating func extend(_ shape: inout SchemaShape, with value: Tracked) throws(Interruption) {
    var added: SchemaShape
    if case .object(let own)? = schema(value)?.kind { added = own } else { added = try self.shape(value) }
    for (key, field) in added.fields { shape.set(key, to: field) }
    guard let rest = added.rest else { return }
    shape.rest = shape.rest ?? rest
    // What is not seen may name any of these keys again.
    for (key, field) in shape.fields where !added.fields.contains(where: { $0.key == key }) {
      shape.set(key, to: newSchema(Schema(kind: .opaque(rest)), at: field.place))
    }
  }

  /// The keys of a mask: `{ X: true }`, or valibot's `["X"]`; nil where they are not known.
  private mutating func names(_ mask: Tracked) throws(Interruption) -> Set<Key>? {
    guard let id = mask.object, case .undefined = self[id].absent else { return nil }
    if self[id].isArray {
      var keys: Set<Key> = []
      for element in self[id].elements {
        guard let name = element.string else { return nil }
        keys.insert(key(name))
      }
      return keys
    }
    var keys: Set<Key> = []
    for key in ownKeys(of: id) where isTruthy(try property(mask, key, at: mask.place)) != false { keys.insert(key) }
    return keys
  }
}
