/// A validator of values, as zod, valibot and envalid make them: a type, and the steps that a value of it goes through.
///
/// Schemas inside a schema are values on the heap, so that a schema is never nested itself.
struct Schema {
  enum Library { case zod, valibot, envalid }

  enum Kind {
    case anything
    case text
    case number
    case boolean
    /// `coerce`: converted before it is looked at.
    case converted(Conversion)
    /// `stringbool`: texts that stand for true and false.
    case flag(truthy: [String], falsy: [String], isExact: Bool)
    /// One of these values.
    case options([Tracked])
    case object(SchemaShape)
    case array(of: Tracked)
    case record(of: Tracked)
    case union([Tracked])
    case intersection(Tracked, Tracked)
    /// Lets undefined, null or both through.
    case absentable(Tracked, undefined: Bool, null: Bool)
    /// Undoes `absentable`.
    case required(Tracked)
    case defaulted(Tracked, SchemaDefault)
    case caught(Tracked, fallback: Tracked)
    /// A function before the schema.
    case preprocessed(Tracked, Tracked)
    /// A function that gives the schema.
    case lazy(Tracked)
    /// Another schema, with the steps of this one after it.
    case wrapped(Tracked)
    /// One of envalid's validators, by its name, and its options.
    case variable(String, options: Tracked)
    /// Steps alone: an action of valibot, or a check of zod/mini.
    case action
    /// What is not followed.
    case opaque(ReasonID)
  }

  enum Conversion { case text, number, boolean }

  var kind: Kind
  var library = Library.zod
  /// The major version of the library, where it is known.
  var version: Int?
  var steps: [SchemaStep] = []
}

/// What stands in for a value that is missing.
struct SchemaDefault {
  enum Handling {
    /// It is the result as it is: zod 4's `default`.
    case result
    /// It goes through the schema: zod 4's `prefault`, valibot's defaults.
    case input
    /// One or the other: zod's `default`, by the version.
    case byVersion
  }

  var value: Tracked
  var handling: Handling
  /// Whether null counts as missing too.
  var replacesNull = false
}

/// The keys of an object's schema.
struct SchemaShape {
  enum Others { case dropped, kept, refused }

  var fields: [(key: Key, schema: Tracked)] = []
  /// What happens to keys that the schema does not name.
  var others = Others.dropped
  /// Set where the schema may name more keys.
  var rest: ReasonID?

  mutating func set(_ key: Key, to schema: Tracked) {
    if let position = fields.firstIndex(where: { $0.key == key }) {
      fields[position].schema = schema
    } else {
      fields.append((key, schema))
    }
  }
}

/// One thing that is asked of a value, or done to it.
struct SchemaStep {
  enum Action {
    case atLeast(Tracked)
    case atMost(Tracked)
    case above(Tracked)
    case below(Tracked)
    /// A length.
    case exactly(Tracked)
    case integer
    case finite
    case multiple(of: Tracked)
    case url(options: Tracked)
    /// A method of strings that tells whether the value passes: `startsWith`.
    case holds(String, Tracked)
    case matches(Tracked)
    /// A method of strings that changes the value: `trim`.
    case changed(String)
    /// Converts the value to a number.
    case numeric
    case refined(Tracked)
    /// A function that reports what is wrong: with the value and a context, or with a context that holds the value.
    case examined(Tracked, valueInContext: Bool)
    case transformed(Tracked)
    case schema(Tracked)
    /// A check that is not computed.
    case undecided(String)
    /// What may change the value and is not followed.
    case opaque(String)
  }

  var action: Action
  var place: Place
  /// The config's own message.
  var message: String?
  /// The key that it names as the failing one.
  var path: [String] = []
}

/// What a schema says of a value.
struct SchemaVerdict {
  /// What comes out, if it passes.
  var value: Tracked
  var issues: [SchemaIssue] = []
  /// Set where it may not pass.
  var doubt: ReasonID?
  /// The variables of an object that it does not pass without; nil for any other value.
  var deciders: Taint?

  init(_ value: Tracked, issues: [SchemaIssue] = [], doubt: ReasonID? = nil) {
    self.value = value
    self.issues = issues
    self.doubt = doubt
  }
}

/// What is wrong with a value; never with its text.
struct SchemaIssue {
  var path: [String] = []
  var message: String
  /// Whether the message is the config's own.
  var isOwn = false
  /// The variables that made it fail.
  var taint: Taint
}

extension Interpreter {
  mutating func newSchema(_ schema: Schema, at place: Place) -> Tracked { newObject(.schema(schema), at: place) }

  /// The schema that a value is; nil for any other value.
  func schema(_ value: Tracked) -> Schema? {
    if let id = value.object, case .schema(let schema) = self[id].kind { schema } else { nil }
  }

  /// A schema of which nothing is known.
  mutating func opaqueSchema(_ phrase: String, _ library: Schema.Library, at place: Place) -> Tracked {
    newSchema(Schema(kind: .opaque(reason(phrase, at: place)), library: library), at: place)
  }

  /// The keys of an object that is given as a shape.
  mutating func shape(
    _ value: Tracked, _ others: SchemaShape.Others = .dropped
  ) throws(Interruption) -> SchemaShape {
    var shape = SchemaShape(others: others)
    guard let id = value.object, case .plain = self[id].kind else {
      shape.rest = unknownReason(value)
      return shape
    }
    if case .undefined = self[id].absent {} else { shape.rest = unknownReason(value) }
    for key in ownKeys(of: id) { shape.fields.append((key, try property(value, key, at: value.place))) }
    return shape
  }

  /// A property of an options object; nil where there is none.
  mutating func option(_ name: String, of options: Tracked?) throws(Interruption) -> Tracked? {
    guard let options, let id = options.object, !self[id].isCallable else { return nil }
    let value = try property(options, key(name), at: options.place)
    return value.isUndefined ? nil : value
  }

  /// Whether a value that is missing is known to have a stand-in or to be let through.
  func acceptsMissing(_ schema: Tracked) -> Bool {
    var known: [ObjectID: Bool] = [:]
    return acceptsMissing(schema, &known, depth: 0)
  }

  /// Schemas may hold each other in many ways: each is looked at once.
  private func acceptsMissing(_ value: Tracked, _ known: inout [ObjectID: Bool], depth: Int) -> Bool {
    guard let id = value.object, let schema = schema(value), depth < Limit.jsonDepth else { return false }
    if let answer = known[id] { return answer }
    known[id] = false
    let answer: Bool
    switch schema.kind {
    case .anything, .absentable(_, undefined: true, null: _), .defaulted, .caught: answer = true
    case .absentable(let inner, _, _), .wrapped(let inner), .preprocessed(_, let inner):
      answer = acceptsMissing(inner, &known, depth: depth + 1)
    case .union(let options):
      answer = options.contains { acceptsMissing($0, &known, depth: depth + 1) }
    case .intersection(let first, let second):
      answer = acceptsMissing(first, &known, depth: depth + 1) && acceptsMissing(second, &known, depth: depth + 1)
    case .converted(let conversion): answer = conversion != .number
    case .options(let values): answer = values.contains { $0.isUndefined }
    case .variable, .text, .number, .boolean, .flag, .object, .array, .record, .required, .lazy, .action, .opaque:
      answer = false
    }
    known[id] = answer
    return answer
  }

  /// Keeps that a variable is required, or that there is something else where it is missing.
  mutating func noteNeed(of value: Tracked, isRequired: Bool) {
    guard isRequired else { return noteFallback(value) }
    // Where a fallback stood before the value, what lacks both is the last variable.
    for name in taints.variables(value.text) where reads[name]?.hasFallback != true {
      reads[name]?.failsWithout = true
    }
  }
}
