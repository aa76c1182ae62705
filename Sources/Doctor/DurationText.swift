/// Reads a duration as people write it: digits and a unit, `500ms`, `15s`, `5m`, `1h` or `7d`. Nil for everything else,
/// for a number without unit, and for more than a year.
public func parseDuration(_ text: String) -> Duration? {
  let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  guard let count = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
  let unit = String(text.dropFirst(digits.count))
  let millisecondsEach: Int64
  switch unit {
  case "ms": millisecondsEach = 1
  case "s": millisecondsEach = 1000
  case "m": millisecondsEach = 60_000
  case "h": millisecondsEach = 3_600_000
  case "d": millisecondsEach = 86_400_000
  default: return nil
  }
  let (milliseconds, overflows) = count.multipliedReportingOverflow(by: millisecondsEach)
  return overflows || milliseconds > 365 * 86_400_000 ? nil : .milliseconds(milliseconds)
}
