/// The part of the interpreter that knows zod: what the package exports (zod.dev/api), and the methods of its schemas.
extension Interpreter {
  /// What zod's namespaces hold that is a namespace itself, or no function.
  mutating func zodProperty(_ owner: String, _ name: String, at place: Place) -> Tracked? {
    let parts = owner.split(separator: ".")
    guard let package = parts.first, ["zod", "zod3", "zod4"].contains(package),
      parts.count == 1 || parts.count == 2 && ["coerce", "iso"].contains(parts[1])
    else { return nil }
    switch name {
    case "then", "__esModule": return Tracked(.undefined, at: place)
    case "z", "default": return builtin(String(package), at: place)
    case "ZodError", "ZodRealError": return builtin("ZodError", at: place)
    case "NEVER", "locales", "core", "util", "globalRegistry", "regexes":
      return unknown("`z.\(name)`, which is not followed", at: place)
    // Classes of schemas and tables of names.
    case _ where name.hasPrefix("Zod") || name.hasPrefix("$"):
      return unknown("`z.\(name.prefix(80))`, which is not followed", at: place)
    default: return builtin("\(owner).\(name.prefix(80))", at: place)
    }
  }

  /// The functions of zod/mini that are methods elsewhere.
  private static let functionsOfSchemas: Set<String> = [
    "optional", "nullable", "nullish", "readonly", "_default", "prefault", "catch", "_catch", "nonoptional", "extend",
    "safeExtend", "merge", "pick", "omit", "partial", "required", "pipe", "catchall", "keyof",
  ]

  /// Calls one of zod's exports; nil for any other function.
  mutating func callZod(_ name: String, _ arguments: [Tracked], at place: Place) throws(Interruption) -> Tracked? {
    guard let dot = name.firstIndex(of: ".") else { return nil }
    let version: Int?
    switch name[..<dot] {
    case "zod": version = nil
    case "zod3": version = 3
    case "zod4": version = 4
    default: return nil
    }
    let export = String(name[name.index(after: dot)...])
    let first = arguments.first ?? Tracked(.undefined, at: place)
    if let kind = try zodKind(export, arguments, at: place) {
      var schema = Schema(kind: kind, version: version)
      if export == "custom", first.object != nil {
        schema.steps = [try schemaStep("refine", arguments, .zod, at: place)].compactMap(\.self)
      } else if export == "transform" {
        schema.steps = [SchemaStep(action: .transformed(first), place: place)]
      } else if let format = zodFormat(export) {
        schema.steps = [try schemaStep(format, arguments, .zod, at: place)].compactMap(\.self)
      }
      return newSchema(schema, at: place)
    }
    if Self.functionsOfSchemas.contains(export), schema(first) != nil {
      let method = export.first == "_" ? String(export.dropFirst()) : export
      return try callSchemaMethod(method, first, Array(arguments.dropFirst()), at: place)
    }
    switch export {
    case "parse", "safeParse", "parseAsync", "safeParseAsync", "decode", "safeDecode":
      return try callSchemaMethod(export, first, Array(arguments.dropFirst()), at: place)
    case "config", "setErrorMap": return Tracked(.undefined, at: place)
    case "prettifyError", "treeifyError", "flattenError", "formatError", "toJSONSchema", "getErrorMap":
      return unknown("`z.\(export)(…)`, which is not followed", at: place)
    case "check", "superRefine":
      let step = SchemaStep(action: .examined(first, valueInContext: export == "check"), place: place)
      return newSchema(Schema(kind: .action, version: version, steps: [step]), at: place)
    case "date", "bigint", "symbol", "map", "set", "file", "hash", "json", "tuple", "promise", "function":
      return opaqueSchema("`z.\(export)(…)`, which is not followed", .zod, at: place)
    default:
      if let step = try schemaStep(export, arguments, .zod, at: place) {
        return newSchema(Schema(kind: .action, version: version, steps: [step]), at: place)
      }
      try letGo(arguments, of: export, at: place)
      return opaqueSchema("`z.\(export.prefix(80))(…)`, which is not followed", .zod, at: place)
    }
  }

  /// The check that a schema of a format begins with: `z.url()`.
  private func zodFormat(_ export: String) -> String? {
    switch export {
    case "url", "email", "uuid", "guid", "ipv4", "ipv6", "cidrv4", "cidrv6", "base64", "base64url", "nanoid", "cuid",
      "cuid2", "ulid", "jwt", "e164", "hostname", "hex", "emoji", "xid", "ksuid", "int", "mac":
      export
    case "iso.datetime": "datetime"
    case "iso.date": "date"
    case "iso.time": "time"
    case "iso.duration": "duration"
    default: nil
    }
  }

  private mutating func zodKind(
    _ export: String, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Schema.Kind? {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    func value(_ value: Value) -> Schema.Kind { .options([Tracked(value, at: place)]) }
    switch export {
    case "string": return .text
    case "number": return .number
    case "boolean": return .boolean
    case "any", "unknown", "transform", "custom": return .anything
    case "undefined", "void": return value(.undefined)
    case "null": return value(.null)
    case "never": return .options([])
    case "coerce.string": return .converted(.text)
    case "coerce.number": return .converted(.number)
    case "coerce.boolean": return .converted(.boolean)
    case "enum", "nativeEnum": return try options(first)
    case "literal": return try literals(first)
    case "object": return .object(first.isUndefined ? SchemaShape() : try shape(first))
    case "strictObject": return .object(try shape(first, .refused))
    case "looseObject": return .object(try shape(first, .kept))
    case "array": return schema(first) == nil ? nil : .array(of: first)
    case "record", "partialRecord", "looseRecord": return .record(of: arguments.last ?? first)
    case "union": return try union(of: first)
    case "discriminatedUnion": return try union(of: arguments.dropFirst().first ?? first)
    case "intersection": return .intersection(first, arguments.dropFirst().first ?? first)
    case "preprocess": return .preprocessed(first, arguments.dropFirst().first ?? first)
    case "lazy": return .lazy(first)
    case "stringbool": return try flag(first)
    case "int": return .number
    default: return zodFormat(export) == nil ? nil : .text
    }
  }

  /// The values of `enum`: a list, or an object as TypeScript makes it of an enum.
  mutating func options(_ value: Tracked) throws(Interruption) -> Schema.Kind {
    guard let id = value.object else { return .opaque(unknownReason(value)) }
    if self[id].isArray {
      guard let values = try iterate(value, at: value.place) else { return .opaque(unknownReason(value)) }
      return .options(values)
    }
    guard case .plain = self[id].kind, case .undefined = self[id].absent else { return .opaque(unknownReason(value)) }
    var values: [Tracked] = []
    for key in ownKeys(of: id) {
      let item = try property(value, key, at: value.place)
      // An enum of numbers leads back from its numbers to its names.
      if arrayIndex(key) != nil, let name = item.string, let back = self[id].property(self.key(name))?.value,
        case .number = back.value
      {
        continue
      }
      values.append(item)
    }
    return .options(values)
  }

  private mutating func literals(_ value: Tracked) throws(Interruption) -> Schema.Kind {
    guard let id = value.object, self[id].isArray else { return .options([value]) }
    return try options(value)
  }

  mutating func union(of list: Tracked) throws(Interruption) -> Schema.Kind {
    guard let id = list.object, self[id].isArray, let options = try iterate(list, at: list.place) else {
      return .opaque(unknownReason(list))
    }
    return .union(options)
  }

  private mutating func flag(_ options: Tracked) throws(Interruption) -> Schema.Kind {
    func words(_ value: Tracked?, _ standard: [String], _ interpreter: inout Interpreter) throws(Interruption)
      -> [String]?
    {
      guard let value else { return standard }
      return try interpreter.iterate(value, at: value.place)?.compactMap(\.string)
    }
    let truthy = try words(try option("truthy", of: options), ["true", "1", "yes", "on", "y", "enabled"], &self)
    let falsy = try words(try option("falsy", of: options), ["false", "0", "no", "off", "n", "disabled"], &self)
    guard let truthy, let falsy else { return .opaque(unknownReason(options)) }
    let isExact = try option("case", of: options)?.string == "sensitive"
    return .flag(
      truthy: isExact ? truthy : truthy.map { $0.lowercased() }, falsy: isExact ? falsy : falsy.map { $0.lowercased() },
      isExact: isExact)
  }

  /// The major version of zod that the project asks for in its package.json; nil where that is not told.
  func installedZod() -> Int? {
    guard let path = nearestFile(named: ["package.json"], from: project.modules[0].path, files: project.files),
      case .file(let bytes) = project.files.content(path), bytes.count <= ResolutionLimit.fileBytes,
      let manifest = try? parseJSON(bytes, .strict)
    else { return nil }
    for section in ["dependencies", "devDependencies", "peerDependencies"] {
      guard let range = manifest[section]?["zod"]?.string else { continue }
      let digits = range.drop { "^~=v".contains($0) }.prefix { $0.isASCII && $0.isNumber }
      return Int(digits)
    }
    return nil
  }
}
