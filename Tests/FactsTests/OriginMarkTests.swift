import Facts
import Testing

@Suite("The reference origin's mark")
struct OriginMarkTests {
  @Test("comes back as it was written, with and without a text", arguments: [0, 1, 500] as [UInt64])
  func roundTrip(seed: UInt64) {
    for step in 0..<200 as Range<UInt64> {
      let value = Int(((seed + step) &* 0x9E37_79B9_7F4A_7C15) % 1_000_000_000_000_000_000)
      let mark = OriginMark(
        number: value / 3 + 1, sentAtMicroseconds: value, elapsedMicroseconds: value / 7, isLast: step % 2 == 0)
      #expect(OriginMark(data: mark.data) == mark)
      let (before, after) = mark.aroundText
      #expect(OriginMark(data: before + after) == mark)
      #expect(OriginMark(data: "\(before)two words: {}\(after)") == mark)
    }
  }

  @Test("has a form that does not change")
  func form() {
    let mark = OriginMark(number: 7, sentAtMicroseconds: 1_763_750_000_000_000, elapsedMicroseconds: 0, isLast: true)
    let data = #"{"originMark":7,"sentAtMicroseconds":1763750000000000,"elapsedMicroseconds":0,"last":true}"#
    #expect(mark.data == data)
    #expect(mark.aroundText.before + mark.aroundText.after == data.dropLast() + #","text":""}"#)
  }

  @Test("is not seen in anything else, nor in what was cut, changed or added to")
  func otherData() {
    let mark = OriginMark(number: 10, sentAtMicroseconds: 20, elapsedMicroseconds: 30, isLast: false)
    let whole = mark.aroundText.before + "text" + mark.aroundText.after
    for length in 0..<whole.count { #expect(OriginMark(data: whole.prefix(length)) == nil, "\(length)") }
    for other in [
      "", "{}", "[]", whole + " ", " " + whole, whole + whole, whole.replacing("10", with: "010"),
      whole.replacing("10", with: "0"), whole.replacing("10", with: "-1"), whole.replacing("10", with: "1e1"),
      whole.replacing("10", with: String(repeating: "9", count: 19)), whole.replacing("false", with: "False"),
      whole.replacing("text\"", with: "te\"xt\""), whole.replacing("\"text\"}", with: "\"te\nxt\"}"),
      whole.replacing("\"text\"}", with: "\"t\u{FFFD}xt\"}"), whole.replacing(",", with: ", "),
    ] { #expect(OriginMark(data: other) == nil, "\(other)") }
  }
}
