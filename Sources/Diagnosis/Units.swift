/// Milliseconds for people: `0.4 ms`, `1500 ms`; one decimal below 10 ms.
public func millisecondsText(_ value: Double) -> String {
  if value < 10, let tenths = Int(exactly: (value * 10).rounded()), tenths % 10 != 0 {
    return "\(Double(tenths) / 10) ms"
  }
  // Saved facts may hold any number; one that no clock could have measured is printed as it stands.
  return Int(exactly: value.rounded()).map { "\($0) ms" } ?? "\(value) ms"
}
