/// The names of checks and changes: zod's methods, and the functions of the same names in valibot and zod/mini.
extension Interpreter {
  /// Checks that are known to leave a value as it is, and whose outcome is not computed.
  private static let undecided: Set<String> = [
    "email", "rfcEmail", "uuid", "uuidv4", "uuidv6", "uuidv7", "guid", "cuid", "cuid2", "ulid", "nanoid", "xid",
    "ksuid", "ip",
    "ipv4", "ipv6", "cidr", "cidrv4", "cidrv6", "mac", "base64", "base64url", "base32", "datetime", "date", "time",
    "duration",
    "isoDate", "isoDateTime", "isoTime", "isoTimeSecond", "isoTimestamp", "isoWeek", "emoji", "jwt", "e164", "hostname",
    "hex", "hexadecimal", "hexColor", "hash", "slug", "octal", "imei", "creditCard", "bic", "bytes", "minBytes",
    "maxBytes",
    "graphemes", "minGraphemes", "maxGraphemes", "words", "minWords", "maxWords", "empty", "excludes", "value",
    "notValue",
    "values", "notValues", "size", "minSize", "maxSize", "mimeType", "uppercase", "lowercase", "everyItem", "someItem",
    "partialCheck", "rawCheck", "safe",
  ]
  /// What changes nothing about values.
  static let annotations: Set<String> = [
    "describe", "description", "meta", "metadata", "register", "brand", "flavor", "readonly", "title", "examples",
    "openapi", "clone", "unbrand",
  ]

  /// The step that a name stands for; nil for names that are not steps. Annotations are steps that do nothing.
  mutating func schemaStep(
    _ name: String, _ arguments: [Tracked], _ library: Schema.Library, at place: Place
  ) throws(Interruption) -> SchemaStep? {
    guard let action = schemaAction(name, arguments, library, at: place) else { return nil }
    var step = SchemaStep(action: action, place: place)
    let takesRequirement =
      switch action {
      case .atLeast, .atMost, .above, .below, .exactly, .multiple, .holds, .matches, .refined: true
      default: false
      }
    let isBare = Self.bareBounds.contains(name) || Self.formats[name] != nil
    let position = takesRequirement && !isBare ? 1 : 0
    guard position < arguments.count else { return step }
    try setMessage(of: &step, to: arguments[position])
    return step
  }

  /// The config's own message of a check: a text, or an object that holds it.
  private mutating func setMessage(of step: inout SchemaStep, to argument: Tracked) throws(Interruption) {
    var message: Tracked? = argument
    if argument.object != nil {
      message = try option("message", of: argument)
      if message == nil { message = try option("error", of: argument) }
      if let path = try option("path", of: argument) { step.path = keys(of: path) }
    }
    if let message, case .string(let text) = message.value, message.text.isEmpty { step.message = text }
  }

  private static let bareBounds: Set<String> = [
    "nonempty", "nonEmpty", "positive", "nonnegative", "negative", "nonpositive",
  ]
  /// The expressions of the formats of valibot that are as simple as they look.
  private static let formats = ["digits": "^\\d+$", "decimal": "^[+-]?(?:\\d*\\.)?\\d+$"]

  private mutating func schemaAction(
    _ name: String, _ arguments: [Tracked], _ library: Schema.Library, at place: Place
  ) -> SchemaStep.Action? {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    func number(_ value: Double) -> Tracked { Tracked(.number(value), at: place) }
    switch name {
    case "min", "minLength", "minValue", "gte", "minimum": return .atLeast(first)
    case "max", "maxLength", "maxValue", "lte", "maximum": return .atMost(first)
    case "gt", "gtValue": return .above(first)
    case "lt", "ltValue": return .below(first)
    case "nonempty", "nonEmpty": return .atLeast(number(1))
    case "positive": return .above(number(0))
    case "nonnegative": return .atLeast(number(0))
    case "negative": return .below(number(0))
    case "nonpositive": return .atMost(number(0))
    case "length": return .exactly(first)
    case "int", "integer", "safeInteger": return .integer
    case "finite": return .finite
    case "multipleOf", "step": return .multiple(of: first)
    case "url": return .url(options: first)
    case "startsWith", "endsWith", "includes": return .holds(name, first)
    case "regex": return .matches(first)
    case "digits", "decimal": return .matches(makeRegularExpression(Self.formats[name] ?? "", "u", at: place))
    case "trim", "trimStart", "trimEnd", "toLowerCase", "toUpperCase": return .changed(name)
    case "toNumber" where library == .valibot: return .numeric
    case "refine": return .refined(first)
    case "check" where library == .valibot: return .refined(first)
    case "superRefine", "_refinement", "refinement": return .examined(first, valueInContext: false)
    case "transform", "overwrite": return .transformed(first)
    case "normalize", "slugify", "rawTransform", "mapItems", "filterItems", "sortItems", "reduceItems", "findItem",
      "parseJson", "stringifyJson", "toBoolean", "toString", "toDate", "toBigint", "toMinValue", "toMaxValue":
      return .opaque("\(name)()")
    default: return Self.undecided.contains(name) ? .undecided("\(name)()") : nil
    }
  }
}
