import Delivery
import Facts
import Testing

@Suite("What a path does to events")
struct DeliveryTests {
  /// A stream with marked events that were sent and came at these times.
  private func stream(_ times: [(sent: Double, came: Double)], instance: String? = nil) -> StreamFacts {
    var stream = StreamFacts(
      url: "http://127.0.0.1/", instance: instance,
      phases: StreamFacts.Phases(connectMilliseconds: 1, headersMilliseconds: 2),
      outcome: .response(
        StreamFacts.Response(status: 200, headers: [StreamFacts.Header("Content-Type", "text/event-stream")])),
      watchedMilliseconds: 6000)
    stream.target = instance == nil ? 0 : 1
    stream.arrivals = times.enumerated().map { index, time in
      let mark = OriginMark(
        number: index + 1, sentAtMicroseconds: Int(time.sent * 1000) + (instance == nil ? 0 : 3),
        elapsedMicroseconds: Int(time.sent * 1000), isLast: false)
      return StreamFacts.Arrival(
        .event(type: "message", data: mark.data), atMilliseconds: time.came, wireBytes: 110, mark: mark)
    }
    return stream
  }

  private func manner(_ times: [(sent: Double, came: Double)]) -> Delivery.Manner {
    let direct = stream(times.map { ($0.sent, $0.sent + 2) }, instance: "web-1")
    let path = StreamPath([stream(times), direct])
    return path.delivery(of: path.streams[0]).manner
  }

  /// As HAProxy does it: what comes within its 200 ms goes out at once with what waits.
  @Test("An event that came with its forerunner hides no delay of the others", arguments: 0..<15)
  func delayed(early: Int) {
    let times = (0..<16).map { index in
      let sent = Double(index) * 300
      return (sent, sent + (index == early ? 20 : 205) + Double(index % 4) * 8)
    }
    guard case .delayed(let quantum) = manner(times) else {
      Issue.record("\(manner(times))")
      return
    }
    #expect((190...240).contains(quantum))
  }

  @Test("An event that came at once hides nothing of the others' waiting for the next", arguments: 0..<15)
  func heldUntilNext(early: Int) {
    let times = (0..<16).map { index in
      let sent = Double(index) * 300
      return (sent, sent + (index == early ? 20 : 300) + Double(index % 4) * 8)
    }
    #expect(manner(times) == .heldUntilNext)
  }

  @Test("A cell that was itself opened late hides no delay of another")
  func openedLate() {
    let sent = (0..<16).map { Double($0) * 300 }
    var neighbour = stream(sent.map { ($0, $0 + 1) })
    neighbour.cell = StreamCell(coding: .identity)
    for index in neighbour.arrivals.indices {
      neighbour.arrivals[index].milliseconds += 240
      neighbour.arrivals[index].mark?.sentAtMicroseconds += 240_000
    }
    let delayed = stream(sent.map { ($0, $0 + 205) })
    let path = StreamPath([delayed, neighbour, stream(sent.map { ($0, $0 + 2) }, instance: "web-1")])
    guard case .delayed = path.delivery(of: path.streams[0]).manner else {
      Issue.record("\(path.delivery(of: path.streams[0]))")
      return
    }
  }

  @Test("Random delays of a busy machine are no finding", arguments: 0..<200)
  func busyMachine(seed: Int) {
    var generator = SystemRandomNumberGenerator()
    // Now and then everything stands still for up to a second, and what was sent meanwhile comes at once.
    var times: [(sent: Double, came: Double)] = []
    var held = 0.0
    for index in 0..<16 {
      let sent = Double(index) * 300
      if Int.random(in: 0..<8, using: &generator) == 0 { held = sent + Double.random(in: 50...500, using: &generator) }
      times.append((sent, max(sent + Double.random(in: 0...40, using: &generator), held)))
    }
    let isFault =
      switch manner(times) {
      case .streams: false
      default: true
      }
    #expect(!isFault, "\(times)")
  }
}
