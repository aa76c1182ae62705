import Testing

@testable import Doctor

@Suite("The timeline of events")
struct TimelineDrawingTests {
  @Test("shows each moment under its second, and how many there are in one place")
  func drawn() throws {
    let drawing = try #require(
      TimelineDrawing(
        [
          TimelineDrawing.Row(label: "sent", moments: [0, 1000, 2000, 2000, 3999]),
          TimelineDrawing.Row(label: "received", moments: Array(repeating: 3000, count: 10)),
        ], until: 4000, width: 50))
    #expect(drawing.axis == "0 s       1 s       2 s       3 s")
    #expect(
      drawing.rows == [
        ["sent", "1·········1·········2··················1"],
        ["received", "······························+·········"],
      ])
  }

  @Test("begins before the request where events were sent before it")
  func earlier() throws {
    let drawing = try #require(
      TimelineDrawing([TimelineDrawing.Row(label: "sent", moments: [-2500, 0])], until: 1000, width: 46))
    #expect(drawing.axis == "-3 s      -2 s      -1 s      0 s")
    #expect(drawing.rows == [["sent", "·····1························1·········"]])
  }

  @Test("is never wider than asked, loses no moment, and labels stand apart", arguments: 0..<400)
  func property(seed: Int) {
    let width = Int.random(in: 10...120)
    let reaches: [Double] = [1, 900, 6000, 300_000, 4e7, 2e11]
    let reach = reaches[seed % reaches.count]
    let first = seed % 5 == 0 ? -reach / 3 : 0
    let rows = (0...Int.random(in: 0...2)).map { number in
      TimelineDrawing.Row(
        label: String(repeating: "x", count: number * 4),
        moments: (0..<Int.random(in: 0...9)).map { _ in Double.random(in: first...reach) })
    }
    guard let drawing = TimelineDrawing(rows, until: Double.random(in: 0...reach), width: width) else {
      #expect(width < 30 || reach > 1e7, "\(rows)")
      return
    }
    let label = rows.map(\.label.count).max() ?? 0
    #expect(label + 2 + drawing.axis.count <= width)
    #expect(drawing.axis.hasSuffix(" s") && drawing.axis.firstMatch(of: /s[-0-9]/) == nil)
    for (row, drawn) in zip(rows, drawing.rows) {
      #expect(label + 2 + drawn[1].count <= width)
      #expect(drawn[1].reduce(0) { $0 + ($1.wholeNumberValue ?? 0) } == row.moments.count)
    }
  }

  @Test(
    "is left out where there is no room, or no clock can have measured the times",
    arguments: [
      ([0.0], 6000.0, 12), ([0, 1e15], 1, 58), ([-.greatestFiniteMagnitude, 1e308], 1, 58), ([.infinity], 1, 58),
    ])
  func impossible(_ moments: [Double], _ end: Double, _ width: Int) {
    #expect(TimelineDrawing([TimelineDrawing.Row(label: "sent", moments: moments)], until: end, width: width) == nil)
  }
}
