/// The keys under which environments were fingerprinted: only what was made under one key can be compared.
public struct FingerprintKeys: Sendable {
  /// The keys, that of most environments first; nil for the run's own.
  public let all: [String?]
  private let common: String?
  private let hasCommon: Bool

  /// The keys of the environments that are known.
  public init(_ environments: [EnvironmentFacts]) {
    var counts: [String?: Int] = [:]
    for environment in environments where environment.variables.value != nil {
      counts[environment.keyID, default: 0] += 1
    }
    let sorted = counts.sorted { ($1.value, $0.key ?? "") < ($0.value, $1.key ?? "") }
    all = sorted.map(\.key)
    hasCommon = sorted.count < 2 || sorted[0].value > sorted[1].value
    common = sorted.first?.key ?? nil
  }

  /// Whether an environment's values can be compared with those of most: no environment's can where no key has most.
  public func compares(_ environment: EnvironmentFacts) -> Bool { compares(environment.keyID) }

  /// The same for an environment's key.
  public func compares(_ keyID: String?) -> Bool { hasCommon && keyID == common }
}
