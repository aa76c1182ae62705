import Facts
import Testing

@testable import Delivery

@Suite("What ended a stream")
struct StreamCutTests {
  /// A stream that was cut at an age, so long after its last byte, having outlived such a silence.
  private func stream(
    age: Double, quiet: Double, outlived: Double = 0, cell: StreamCell = StreamCell(),
    end: StreamFacts.End = .cut(StreamFacts.Cut(.reset, "reset"))
  ) -> StreamFacts {
    var stream = StreamFacts(
      url: "http://127.0.0.1/", cell: cell,
      phases: StreamFacts.Phases(connectMilliseconds: 1, headersMilliseconds: 2),
      outcome: .response(
        StreamFacts.Response(status: 200, headers: [StreamFacts.Header("Content-Type", "text/event-stream")])),
      arrivals: [StreamFacts.Arrival(.event(type: "ready", data: "{}"), atMilliseconds: 3)], end: end,
      watchedMilliseconds: age)
    stream.totals.lastByteMilliseconds = age - quiet
    stream.totals.longestSilenceMilliseconds = outlived
    return stream
  }

  private func limit(_ streams: StreamFacts...) -> StreamCut.Limit? {
    let path = StreamPath(streams)
    return path.cut(of: path.streams[0])?.limit
  }

  @Test("its own silences tell, where they can")
  func alone() {
    // Bytes every second up to Envoy's 15 s.
    #expect(limit(stream(age: 15_003, quiet: 700, outlived: 1000)) == .total(15_003))
    // Heartbeats every 15 s up to a limit of 60 s, the last one just due.
    #expect(limit(stream(age: 60_003, quiet: 14_900, outlived: 15_000)) == .total(60_003))
    // A minute of silence after two busy ones.
    #expect(limit(stream(age: 180_000, quiet: 60_010, outlived: 5000)) == .idle(60_010))
    // It has outlived 55 s, so that 60 s of silence may be what ended it, or not.
    #expect(
      limit(stream(age: 115_000, quiet: 60_000, outlived: 55_000)) == .idleOrTotal(idle: 60_000, total: 115_000))
    // Silent from its beginning.
    #expect(limit(stream(age: 60_010, quiet: 60_005)) == .idleOrTotal(idle: 60_005, total: 60_010))
    // An event at 3 s, and the end at the 30 s of Google's load balancer.
    #expect(
      limit(stream(age: 30_005, quiet: 27_000, outlived: 2900)) == .idleOrTotal(idle: 27_000, total: 30_005))
  }

  @Test("a busy stream beside a silent one tells them apart")
  func besides() {
    let silent = StreamCell(coding: .identity)
    let cut = stream(age: 20_010, quiet: 20_000, cell: silent)
    let busy = { (age: Double, quiet: Double, end: StreamFacts.End?) in
      stream(age: age, quiet: quiet, outlived: 1000, end: end ?? .cut(StreamFacts.Cut(.reset, "reset")))
    }
    #expect(limit(cut, busy(30_000, 400, .closedByProbe)) == .idle(20_000))
    #expect(limit(cut, busy(20_020, 400, nil)) == .total(20_010))
    #expect(limit(busy(20_020, 400, nil), cut) == .total(20_020))
  }

  @Test("an end at the instance itself is its own, and one at the same moment further out is no proxy's")
  func origins() {
    var direct = stream(age: 7000, quiet: 100, outlived: 1000, end: .complete(.lastChunk))
    direct.instance = "web-1"
    direct.target = 1
    #expect(limit(direct) == .origin(.direct))
    #expect(limit(stream(age: 7020, quiet: 110, outlived: 1000), direct) == .origin(.inner(url: direct.url)))
    #expect(limit(stream(age: 40, quiet: 30)) == .atOnce)
    // Where the instance's own lives on, what ended it stands between.
    direct.end = .closedByProbe
    #expect(limit(stream(age: 40, quiet: 30), direct) != .atOnce)
  }

  @Test("who is known for the time is suspected, and of these first who is on the path")
  func suspects() {
    let cut = StreamCut(limit: .idle(60_100), age: 90_000, quiet: 60_100)
    #expect(cut.suspects(hops: [Hop(.varnish, .certain, "X-Varnish")]).first?.product == .varnish)
    let envoy = StreamCut(limit: .idleOrTotal(idle: 15_000, total: 15_010), age: 15_010, quiet: 15_000)
    #expect(envoy.suspects(hops: []).map(\.product) == [.envoy])
    #expect(envoy.suspects(hops: []).first?.isIdle == false)
  }
}
