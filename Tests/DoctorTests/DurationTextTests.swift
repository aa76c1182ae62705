import Testing

@testable import Doctor

@Suite struct DurationTextTests {
  @Test(arguments: [
    ("500ms", Duration.milliseconds(500)), ("15s", .seconds(15)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
    ("5d", .seconds(432_000)),
    ("0s", .zero), ("0010s", .seconds(10)),
  ])
  func digitsAndAUnitAreADuration(_ text: String, _ expected: Duration) {
    #expect(parseDuration(text) == expected)
  }

  @Test(arguments: [
    "", "5", "s", "ms", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5S", "5min", "5w", "366d", "٥s", "1h30m",
    "99999999999999999999s", "9223372036854775807h",
  ])
  func everythingElseIsNone(_ text: String) {
    #expect(parseDuration(text) == nil)
  }
}
