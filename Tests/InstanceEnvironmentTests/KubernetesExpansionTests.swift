import Testing

@testable import InstanceEnvironment

/// The cases of kubernetes' `third_party/forked/golang/expansion/expand_test.go`: `doExpansionTest` and
/// `TestMapReference`.
@Suite struct KubernetesExpansionTests {
  private static let variables = [
    "VAR_A": "A", "VAR_B": "B", "VAR_C": "C", "VAR_REF": "$(VAR_A)", "VAR_EMPTY": "",
  ]

  private func expand(_ text: String, _ variables: [String: String] = variables) -> String {
    let (value, _, unknown) = expandKubernetesReferences(Array(text.utf8)) { name -> KubernetesReference in
      variables[name].map { .value(Array($0.utf8)) } ?? .undefined
    }
    #expect(unknown == nil)
    return String(decoding: value, as: UTF8.self)
  }

  @Test(
    "values become what Kubernetes' own tests expect",
    arguments: [
      ("$(VAR_A)", "A"), ("$(VAR_A)-$(VAR_A)", "A-A"), ("$(VAR_A)-1", "A-1"), ("___$(VAR_B)___", "___B___"),
      ("___$(VAR_C)", "___C"), ("$(VAR_A)_$(VAR_B)_$(VAR_C)", "A_B_C"),
      ("$$(VAR_B)_$(VAR_A)", "$(VAR_B)_A"), ("$$(VAR_A)_$$(VAR_B)", "$(VAR_A)_$(VAR_B)"),
      ("f000-$$VAR_A", "f000-$VAR_A"), ("foo\\$(VAR_C)bar", "foo\\Cbar"), ("foo\\\\$(VAR_C)bar", "foo\\\\Cbar"),
      ("foo\\\\\\\\$(VAR_A)bar", "foo\\\\\\\\Abar"), ("$(VAR_A$(VAR_B))", "$(VAR_A$(VAR_B))"),
      ("$(VAR_A$(VAR_B)", "$(VAR_A$(VAR_B)"), ("$(VAR_REF)", "$(VAR_A)"),
      ("%%$(VAR_REF)--$(VAR_REF)%%", "%%$(VAR_A)--$(VAR_A)%%"), ("foo$(VAR_EMPTY)bar", "foobar"),
      ("foo$(VAR_Awhoops!", "foo$(VAR_Awhoops!"), ("f00__(VAR_A)__", "f00__(VAR_A)__"),
      ("$?_boo_$!", "$?_boo_$!"), ("$VAR_A", "$VAR_A"), ("$(VAR_DNE)", "$(VAR_DNE)"),
      ("$$$$$$(BIG_MONEY)", "$$$(BIG_MONEY)"), ("$$$$$$(VAR_A)", "$$$(VAR_A)"),
      ("$$$$$$$(GOOD_ODDS)", "$$$$(GOOD_ODDS)"), ("$$$$$$$(VAR_A)", "$$$A"), ("$VAR_A)", "$VAR_A)"),
      ("${VAR_A}", "${VAR_A}"), ("$(VAR_B)_______$(A", "B_______$(A"), ("$(VAR_C)_______$(", "C_______$("),
      ("$(VAR_A)foobarzab$", "Afoobarzab$"), ("foo-\\$(VAR_A", "foo-\\$(VAR_A"),
      ("--$($($($($--", "--$($($($($--"), ("$($($($($--foo$(", "$($($($($--foo$("),
      ("foo0--$($($($(", "foo0--$($($($("), ("$(foo$$var)", "$(foo$$var)"), ("\n", "\n"),
    ])
  func values(_ text: String, _ expected: String) {
    #expect(expand(text) == expected)
  }

  @Test func textWithoutDollarsStaysAsItIs() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let scalars = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
        "()ab{}\\ ü\n".randomElement(using: &generator) ?? "a"
      }
      #expect(expand(String(scalars)) == String(scalars))
      // Each dollar doubled is the way to write text that means itself.
      let text = scalars.map { Bool.random(using: &generator) ? "$\($0)" : "\($0)" }.joined()
      #expect(expand(text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")) == text)
    }
  }

  @Test(.timeLimit(.minutes(5))) func aMillionOpenReferencesAreReadOnce() {
    let text = String(repeating: "$(", count: 1 << 20)
    #expect(expand(text) == text)
  }
}
