import Facts
import Testing

@Suite("Rules on environment variables") struct EnvironmentRulesTests {
  @Test("come from the system, the operator and the config; what the operator says of a name wins")
  func sources() {
    var stated = VariableRules()
    stated.agreements = ["EXTRA": .mustMatch, "REDIS_URL": .mayDiffer, "DRIVER": .mustBeUnique]
    let rules = rules(stated, reading: ["DRIVER", "CACHE_URL", "PORT"])
    #expect(rules.agreement(of: "EXTRA") == .mustMatch)
    #expect(rules.agreement(of: "REDIS_URL") == .mayDiffer)
    #expect(rules.agreement(of: "DRIVER") == .mustBeUnique)
    #expect(rules.agreement(of: "CACHE_URL") == .mustMatch)
    #expect(rules.agreement(of: "PORT") == .mustMatch, "the config's realtime settings read it")
    #expect(rules.agreement(of: "DATABASE_URL") == .mustMatch)
    #expect(rules.agreement(of: "HOSTNAME") == .mayDiffer)
    #expect(rules.agreement(of: "POD_NAME") == .mustBeUnique)
    #expect(rules.agreement(of: "WEB_PORT_80_TCP_ADDR") == .mayDiffer)
    #expect(rules.agreement(of: "SENTRY_DSN") == nil)
  }

  @Test(
    "the most specific pattern counts, and a name more than any",
    arguments: [
      ("SSE_USER_CAP", VariableRules.Agreement.mustBeUnique), ("SSE_USER_X", .mustMatch), ("SSE_A", .mayDiffer),
      ("A_SSE", nil), ("X_CAP", .mustMatch), ("A_CAP", .mayDiffer),
    ])
  func patterns(_ name: String, _ expected: VariableRules.Agreement?) {
    var stated = VariableRules()
    stated.agreements = [
      "SSE_USER_CAP": .mustBeUnique, "SSE_USER_*": .mustMatch, "SSE_*": .mayDiffer, "*_CAP": .mustMatch,
      // As specific as the one before, and free to differ.
      "A_CA*": .mayDiffer,
    ]
    #expect(rules(stated).agreement(of: name) == expected)
  }

  @Test func whatMayDifferMayAlsoBeMissing() {
    var stated = VariableRules()
    stated.documented = ["SMTP_URL": Location(file: ".env.example", line: 1), "PORT": Location(file: ".env.example")]
    stated.required = ["API_*"]
    #expect(rules(stated).need(of: "SMTP_URL") == .example)
    #expect(rules(stated).need(of: "API_URL") == .manifest)
    #expect(rules(stated).need(of: "PORT") == nil, "it belongs to a machine")
    stated.agreements = ["SMTP_URL": .mayDiffer, "API_URL": .mayDiffer]
    #expect(rules(stated).need(of: "SMTP_URL") == nil)
    #expect(rules(stated).need(of: "API_URL") == .manifest, "it is required all the same")
  }

  @Test(
    "a pattern is about",
    arguments: [
      ("A", "A", true), ("A", "AB", false), ("A*", "A", true), ("A*", "AB", true), ("*B", "AB", true),
      ("*B", "BA", false),
      ("A*B", "AB", true), ("A*B", "A", false), ("AB*B", "AB", false), ("*A*", "BAB", true), ("A*B*C", "AxBxC", true),
      ("A*B*C", "AxCxB", false), ("*", "", true), ("**", "x", true),
    ])
  func matching(_ pattern: String, _ name: String, _ expected: Bool) { #expect(matches(pattern, name) == expected) }

  @Test(
    "a type reads as it is written",
    arguments: [
      "url", "url redis, rediss", "integer", "integer 1..65535", "integer 1..", "integer ..10", "integer -5..-1",
      "boolean",
      "enum debug, info", "duration", "list",
    ])
  func types(_ text: String) { #expect(ValueType(text)?.description == text) }

  @Test(
    "no type is",
    arguments: ["", "number", "integer 1", "integer 5..1", "integer ..", "integer a..b", "enum", "list x"])
  func noTypes(_ text: String) { #expect(ValueType(text) == nil) }

  @Test(
    "a secret is known by its name",
    arguments: [
      ("AUTH_SECRET", true), ("FLOCK_API_KEYS", true), ("DB_PASSWORD", true), ("SECRET_KEY_BASE", true),
      ("TOKEN", true),
      ("REDIS_URL", false), ("PRIMARY_KEY_COLUMN", false), ("SECRETARY", false), ("TOKENIZER", false),
    ])
  func secrets(_ name: String, _ expected: Bool) { #expect(namesASecret(name) == expected) }

  private func rules(_ stated: VariableRules, reading names: [String] = []) -> EnvironmentRules {
    let read = Evaluated<Bool>(.seen(true), variables: names.map { VariableUse($0, .set) })
    return EnvironmentRules(
      Facts(
        deployment: .seen(Deployment(variables: stated)),
        config: .seen(
          ConfigFacts(
            file: .seen("c"), searched: ["c"],
            instances: [
              InstanceRealtime(
                instance: "web-1", isSet: read, driver: Evaluated(.seen("memory")), redis: Evaluated(.seen(.none)),
                keyPrefix: Evaluated(.seen(nil)))
            ]))))
  }
}
