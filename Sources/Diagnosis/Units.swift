/// Milliseconds for people: `0.4 ms`, `1500 ms`; one decimal below 10 ms.
public func millisecondsText(_ value: Double) -> String {
  if value < 10, let tenths = Int(exactly: (value * 10).rounded()), tenths % 10 != 0 {
    return "\(Double(tenths) / 10) ms"
  }
  // Saved facts may hold any number; one that no clock could have measured is printed as it stands.
  return Int(exactly: value.rounded()).map { "\($0) ms" } ?? "\(value) ms"
}

/// `1 instance`, `2 instances`, `2 entries`.
public func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? "\(noun)s")"
}

/// `42 s`, `12 min`, `5 h`, `3 days`: the largest unit that is passed, rounded down.
public func ageText(_ seconds: Int) -> String {
  switch seconds {
  case ..<120: "\(seconds) s"
  case ..<7200: "\(seconds / 60) min"
  case ..<172_800: "\(seconds / 3600) h"
  default: counted(seconds / 86_400, "day")
  }
}

/// `254 MiB`, `1.3 GiB`: a size that was measured, with one decimal below ten.
public func roundedSize(_ bytes: Int) -> String {
  for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= size {
    let tenths = Int((Double(bytes) / Double(size) * 10).rounded())
    return tenths < 100 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\((tenths + 5) / 10) \(unit)"
  }
  return counted(bytes, "byte")
}

/// The first few of a list, and how many more there are: `a, b and 3 more`.
public func firstFew(_ items: [String], _ count: Int, separator: String = ", ") -> String {
  items.prefix(count).joined(separator: separator) + (items.count > count ? " and \(items.count - count) more" : "")
}
