/// The part of the interpreter that knows the global names: what they stand for and what they have.
extension Interpreter {
  /// The functions on values without identity that throw for some of them.
  static let throwing: Set<String> = [
    "BigInt", "RegExp", "atob", "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "normalize",
    "repeat", "toFixed", "toPrecision", "toString",
  ]
  /// The methods that values have by their type.
  static let methods: [String: Set<String>] = [
    "String": [
      "at", "charAt", "charCodeAt", "codePointAt", "concat", "endsWith", "includes", "indexOf", "lastIndexOf",
      "localeCompare", "match", "matchAll", "normalize", "padEnd", "padStart", "repeat", "replace", "replaceAll",
      "search", "slice", "split", "startsWith", "substr", "substring", "toLocaleLowerCase", "toLocaleUpperCase",
      "toLowerCase", "toString", "toUpperCase", "trim", "trimEnd", "trimLeft", "trimRight", "trimStart", "valueOf",
    ],
    "Number": ["toExponential", "toFixed", "toLocaleString", "toPrecision", "toString", "valueOf"],
    "Boolean": ["toString", "valueOf"],
    "Array": [
      "at", "concat", "entries", "every", "fill", "filter", "find", "findIndex", "findLast", "findLastIndex", "flat",
      "flatMap", "forEach", "includes", "indexOf", "join", "keys", "lastIndexOf", "map", "pop", "push", "reduce",
      "reduceRight", "reverse", "shift", "slice", "some", "sort", "splice", "toReversed", "toSorted", "toSpliced",
      "toString", "unshift", "values", "with",
    ],
    "Map": ["clear", "delete", "entries", "forEach", "get", "has", "keys", "set", "values"],
    "Set": ["add", "clear", "delete", "entries", "forEach", "has", "keys", "values"],
    "URLSearchParams": ["entries", "forEach", "get", "getAll", "has", "keys", "toString", "values"],
  ]

  /// The globals that are functions, and those that hold functions of these names.
  private static let functions: Set<String> = [
    "parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent", "encodeURI", "decodeURI",
    "btoa", "atob", "structuredClone", "Boolean", "Number", "String", "Object", "Array", "Map", "Set", "WeakMap",
    "WeakSet", "URL", "URLSearchParams", "RegExp", "Promise", "Function", "Error", "TypeError", "RangeError",
    "SyntaxError", "ReferenceError", "EvalError", "URIError", "BigInt",
  ]
  static let namespaces: Set<String> = [
    "Math", "JSON", "console", "process", "Bun", "Deno", "globalThis", "global", "Reflect", "import.meta", "Deno.env",
  ]
  private static let members: [String: Set<String>] = [
    "Object": [
      "assign", "create", "defineProperty", "entries", "freeze", "fromEntries", "getOwnPropertyNames", "getPrototypeOf",
      "groupBy", "hasOwn", "is", "isFrozen", "keys", "preventExtensions", "seal", "values",
    ],
    "Array": ["from", "isArray", "of"],
    "String": ["raw"],
    "JSON": ["parse", "stringify"],
    "Number": ["isFinite", "isInteger", "isNaN", "isSafeInteger", "parseFloat", "parseInt"],
    "Math": [
      "abs", "ceil", "floor", "max", "min", "pow", "random", "round", "sign", "sqrt", "trunc", "cbrt", "exp", "log",
      "log10", "log2", "hypot",
    ],
    "Promise": ["all", "allSettled", "race", "reject", "resolve"],
    "URL": ["canParse", "parse"],
    "Reflect": ["get", "has", "ownKeys", "set"],
    "Deno.env": ["get", "has", "toObject"],
  ]

  /// Names that a server does not have: `typeof` of them is "undefined".
  private static let browserNames: Set<String> = [
    "window", "document", "localStorage", "sessionStorage", "HTMLElement", "XMLHttpRequest", "importScripts",
  ]

  func isUndeclared(_ key: Key) -> Bool { Self.browserNames.contains(text(key)) }

  func isNamespaceBuiltin(_ name: String) -> Bool { Self.namespaces.contains(name) }

  /// A known function or namespace; the same object each time.
  mutating func builtin(_ name: String, at place: Place) -> Tracked {
    if let id = builtins[name] { return Tracked(.object(id), at: place) }
    var object = HeapObject(.builtin(name), at: place)
    if name == "globalThis" { object.absent = .global }
    let id = allocate(object)
    builtins[name] = id
    return Tracked(.object(id), at: place)
  }

  /// What a name stands for that no module declares.
  mutating func global(_ key: Key, at place: Place) throws(Interruption) -> Tracked {
    let name = text(key)
    switch name {
    case "undefined": return Tracked(.undefined, at: place)
    case "NaN": return Tracked(.number(.nan), at: place)
    case "Infinity": return Tracked(.number(.infinity), at: place)
    case "require": return builtin("require", at: place)
    case "module", "exports": return commonModule(name, at: place)
    case "defineAdmin": return builtin("defineAdmin", at: place)
    case "global": return builtin("globalThis", at: place)
    default: break
    }
    if let id = builtins["globalThis"], let property = self[id].property(key) { return property.value }
    if Self.functions.contains(name) || Self.namespaces.contains(name) { return builtin(name, at: place) }
    if isUndeclared(key) { throw fail("ReferenceError", "\(name) is not defined", at: place) }
    let isKnown = Self.notFollowed.contains(name)
    if !isKnown { doubtStart("`\(name.prefix(80))`, which is not defined", at: place) }
    return unknown(
      "`\(name.prefix(80))`, which \(isKnown ? "is not followed" : "this file does not define")", at: place)
  }

  /// Globals of Node.js that are there and not followed.
  private static let notFollowed: Set<String> = [
    "Buffer", "Date", "Intl", "Symbol", "Proxy", "WeakRef", "fetch", "crypto", "performance", "setTimeout",
    "setInterval", "setImmediate", "queueMicrotask", "clearTimeout", "clearInterval", "AbortController", "TextEncoder",
    "TextDecoder", "Headers", "Request", "Response", "Uint8Array", "ArrayBuffer", "DataView", "eval", "__dirname",
    "__filename", "navigator",
  ]

  /// What a known function or namespace has under a key; nil where it is looked for as any other property.
  mutating func builtinProperty(
    _ name: String, _ key: Key, at place: Place
  ) throws(Interruption) -> Tracked? {
    let member = text(key)
    if Self.members[name]?.contains(member) == true { return builtin("\(name).\(member)", at: place) }
    switch (name, member) {
    case ("process", "env"), ("Bun", "env"): return processEnvironment(at: place)
    case ("import.meta", "env"): return bundlerEnvironment(at: place)
    case ("Deno", "env"): return builtin("Deno.env", at: place)
    case ("process", "exit"): return builtin("process.exit", at: place)
    case ("process", "on"), ("process", "once"), ("process", "cwd"), ("process", "emitWarning"):
      return builtin("process.\(member)", at: place)
    case ("process", "browser"): return Tracked(.undefined, at: place)
    case ("console", _): return builtin("console.\(member)", at: place)
    case ("Math", "PI"): return Tracked(.number(.pi), at: place)
    case ("Number", "MAX_SAFE_INTEGER"): return Tracked(.number(9_007_199_254_740_991), at: place)
    case ("Number", "NaN"): return Tracked(.number(.nan), at: place)
    case ("globalThis", _): return nil
    case ("URL", "prototype"), ("Object", "prototype"), ("Array", "prototype"), ("String", "prototype"):
      return unknown("`\(name).prototype`, which is not followed", at: place)
    case (_, "call"), (_, "apply"), (_, "bind"):
      return isNamespaceBuiltin(name) ? nil : builtin("Function#\(member)", at: place)
    case ("defineAdmin", _), ("require", _): break
    default: if let known = try packageProperty(name, member, at: place) { return known }
    }
    return unknown("`\(name).\(member.prefix(80))`, which is not followed", at: place)
  }
}
