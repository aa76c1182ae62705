/// The part of the interpreter that knows packages: those that read the environment, and what all others are.
extension Interpreter {
  /// What a package does when it is loaded.
  mutating func runPackage(_ name: String, at place: Place) throws(Interruption) {
    try runEnvironmentPackage(name, at: place)
  }

  /// What a package exports by a name.
  mutating func packageExport(
    _ name: String, of package: String, local: String, at place: Place
  ) throws(Interruption) -> Tracked {
    let isNode = package.hasPrefix("node:")
    if !isNode, name == "defineAdmin" || name == "default" && local == "defineAdmin" {
      return builtin("defineAdmin", at: place)
    }
    if let known = try knownExport(name, of: package, at: place) { return known }
    return unknown(
      "`\((local == "default" || name != "default" ? name : local).prefix(80))`, imported from \"\(package.prefix(200))\", which is not followed",
      at: place)
  }

  /// The namespace that a package's functions are known under; nil for a package that is not known.
  private static func owner(of package: String) -> String? {
    switch package {
    case "zod": "zod"
    case "zod/v3": "zod3"
    case "zod/v4", "zod/mini", "zod/v4-mini", "zod/v4/mini", "@zod/mini": "zod4"
    case "valibot": "valibot"
    case "envalid": "envalid"
    case "@t3-oss/env-core": "t3.core"
    case "@t3-oss/env-nextjs": "t3.nextjs"
    case "@t3-oss/env-nuxt": "t3.nuxt"
    case _ where package.hasPrefix("@t3-oss/env-") && package.contains("/presets"): "t3.preset"
    case "dotenv", "dotenv-flow", "@dotenvx/dotenvx", "@next/env", "dotenv-expand": package
    default: nil
    }
  }

  private mutating func knownExport(_ name: String, of package: String, at place: Place) throws(Interruption)
    -> Tracked?
  {
    switch package {
    case "node:process":
      if name == "default" { return builtin("process", at: place) }
      return try property(builtin("process", at: place), key(name), at: place)
    case "node:url": return name == "URL" || name == "URLSearchParams" ? builtin(name, at: place) : nil
    case "node:assert", "node:assert/strict":
      return ["default", "ok", "strict"].contains(name) ? builtin("assert", at: place) : nil
    case "tiny-invariant": return name == "default" ? builtin("invariant", at: place) : nil
    default:
      guard let owner = Self.owner(of: package) else { return nil }
      return name == "default" ? builtin(owner, at: place) : ownerProperty(owner, name, at: place)
    }
  }

  /// What a known package's namespace has under a name.
  private mutating func ownerProperty(_ owner: String, _ name: String, at place: Place) -> Tracked? {
    if let known = zodProperty(owner, name, at: place) { return known }
    switch (owner, name) {
    case (_, "then"), (_, "__esModule"): return Tracked(.undefined, at: place)
    case ("valibot", "ValiError"): return builtin("ValiError", at: place)
    case ("envalid", "EnvError"), ("envalid", "EnvMissingError"): return builtin(name, at: place)
    case ("valibot", _), ("envalid", _), ("t3.preset", _), ("t3.core", "createEnv"), ("t3.nextjs", "createEnv"),
      ("t3.nuxt", "createEnv"), ("dotenv-expand", "expand"), ("@next/env", "loadEnvConfig"),
      ("@next/env", "updateInitialEnv"), ("@next/env", "resetEnv"), ("@next/env", "processEnv"),
      ("dotenv", "config"), ("dotenv", "configDotenv"), ("dotenv", "parse"), ("dotenv", "populate"),
      ("dotenv-flow", "config"), ("dotenv-flow", "parse"), ("@dotenvx/dotenvx", "config"),
      ("@dotenvx/dotenvx", "parse"), ("@dotenvx/dotenvx", "get"), ("assert", "ok"), ("assert", "strict"):
      return builtin("\(owner).\(name.prefix(80))", at: place)
    default: return nil
    }
  }

  /// A package as a whole.
  mutating func packageNamespace(_ package: String, at place: Place) throws(Interruption) -> Tracked {
    switch package {
    case "node:process": return builtin("process", at: place)
    case "node:assert", "node:assert/strict": return builtin("assert", at: place)
    case "tiny-invariant": return builtin("package:\(package)", at: place)
    default:
      guard let owner = Self.owner(of: package), package != "dotenv-expand" else {
        return builtin("package:\(package)", at: place)
      }
      return builtin(owner, at: place)
    }
  }

  /// What a known package has under a name; nil for what is no package.
  mutating func packageProperty(_ owner: String, _ name: String, at place: Place) throws(Interruption) -> Tracked? {
    if owner.hasPrefix("package:") {
      let package = String(owner.dropFirst("package:".count))
      if name == "then" || name == "__esModule" { return Tracked(.undefined, at: place) }
      if name == "defineAdmin" { return builtin("defineAdmin", at: place) }
      if let known = try knownExport(name, of: package, at: place) { return known }
      return unknown("the module \"\(package.prefix(200))\", which is not followed", at: place)
    }
    if name == "default", Self.owners.contains(owner) { return builtin(owner, at: place) }
    return ownerProperty(owner, name, at: place)
  }

  private static let owners: Set<String> = [
    "valibot", "envalid", "t3.core", "t3.nextjs", "t3.nuxt", "t3.preset", "dotenv", "dotenv-flow", "@dotenvx/dotenvx",
    "@next/env", "dotenv-expand", "assert",
  ]

  /// Calls a known function of a package; nil for any other.
  mutating func callPackage(
    _ name: String, this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked? {
    if name.hasPrefix("schema.") {
      return try callSchemaMethod(String(name.dropFirst("schema.".count)), this, arguments, at: place)
    }
    if let result = try callZod(name, arguments, at: place) { return result }
    if let result = try callValibot(name, arguments, at: place) { return result }
    if let result = try callEnvalid(name, this: this, arguments, at: place) { return result }
    if let result = try callCreateEnv(name, arguments, at: place) { return result }
    if let result = try callEnvironmentFiles(name, arguments, at: place) { return result }
    switch name {
    // The package itself is the function.
    case "dotenv-expand": return try callEnvironmentFiles("dotenv-expand.expand", arguments, at: place)
    case "assert", "assert.ok", "assert.strict", "invariant": return try assertTrue(name, arguments, at: place)
    default:
      guard name.hasPrefix("package:") else { return nil }
      let reason = reason("the module \"\(name.dropFirst(8).prefix(200))\", which is not followed", at: place)
      return try callOpaque(reason, Tracked(.unknown(reason), at: place), this, arguments, at: place)
    }
  }

  /// `assert(value, message)`: throws unless the value counts as true.
  private mutating func assertTrue(_ name: String, _ arguments: [Tracked], at place: Place) throws(Interruption)
    -> Tracked
  {
    let value = arguments.first ?? Tracked(.undefined, at: place)
    guard let holds = isTruthy(value) else {
      if tries > 0 { throwDoubt = throwDoubt ?? unknownReason(value) }
      return Tracked(.undefined, at: place)
    }
    perhapsRequired.formUnion(taints.variables(value.taint))
    if holds { return Tracked(.undefined, at: place) }
    if arguments.count > 1, arguments[1].object != nil {
      thrown = depending(arguments[1], on: union(value.taint, control()))
      thrownPlace = place
      throw .thrown
    }
    let text = arguments.count > 1 ? arguments[1].string : nil
    let message = name == "invariant" ? "Invariant failed\(text.map { ": \($0)" } ?? "")" : text ?? "assertion failed"
    throw fail("AssertionError", message, at: place, taint: value.taint)
  }
}
