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

  @Test("What a busy machine holds up now and then is no finding", arguments: 1...300)
  func busyMachine(seed: Int) {
    // A linear congruential generator, so that a case can be run again.
    var state = UInt64(seed) &* 2_862_933_555_777_941_757
    func random(_ range: ClosedRange<Double>) -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return range.lowerBound + Double(state >> 33) / Double(1 << 31) * (range.upperBound - range.lowerBound)
    }
    // Now and then everything stands still for up to 1.2 s, and what was sent meanwhile comes at once.
    var times: [(sent: Double, came: Double)] = []
    var held = 0.0
    for index in 0..<20 {
      let sent = Double(index) * 300
      if random(0...10) < 1 { held = sent + random(50...1200) }
      times.append((sent, max(sent + random(0...40), held)))
    }
    let isFault =
      switch manner(times) {
      case .streams, .unknown: false
      default: true
      }
    #expect(!isFault, "\(manner(times)) of \(times)")
  }

  @Test("An instance that is silent itself may be the one that answers: nothing of the path is known then")
  func stalledInstance() {
    let events = (0..<10).map { (Double($0) * 300, Double($0) * 300 + 2) }
    var silent = stream([], instance: "web-2")
    silent.target = 2
    let path = StreamPath([stream([]), stream(events, instance: "web-1"), silent])
    guard case .unknown = path.delivery(of: path.streams[0]).manner else {
      Issue.record("\(path.delivery(of: path.streams[0]))")
      return
    }
    let other = StreamPath([stream([]), stream(events, instance: "web-1")])
    guard case .withheld(let held) = other.delivery(of: other.streams[0]).manner else {
      Issue.record("\(other.delivery(of: other.streams[0]))")
      return
    }
    #expect(held.events == 10 && held.includesHead == false)
  }

  @Test("A head that names no coding is no compressor's, though the other cell has events")
  func roundRobin() {
    var identity = stream((0..<10).map { (Double($0) * 300, Double($0) * 300 + 2) })
    identity.cell.coding = .identity
    let path = StreamPath([stream([]), identity])
    guard case .unknown = path.delivery(of: path.streams[0]).manner else {
      Issue.record("\(path.delivery(of: path.streams[0]))")
      return
    }
  }

  /// A stream with published messages, each so late.
  private func driven(_ lags: [Double], roundTrip: Double = 1, instance: String? = nil) -> StreamFacts {
    var stream = stream([], instance: instance)
    stream.isDriven = true
    stream.phases.connectMilliseconds = roundTrip
    stream.arrivals = lags.enumerated().map { index, lag in
      StreamFacts.Arrival(
        .event(type: "message", data: "{}"), atMilliseconds: Self.published[index] + lag, wireBytes: 60,
        probeNumber: index + 1)
    }
    return stream
  }

  private static let published = [100.0, 350, 750, 1050, 1500, 1850]
  private static let drive = StreamDrive(
    channel: "flowpanel-doctor.x",
    publishers: [
      StreamDrive.Publisher(
        redisURL: "redis://cache:6379",
        publications: published.enumerated().map { index, time in
          StreamDrive.Publication(
            number: index + 1, sentMilliseconds: time, answeredMilliseconds: time + 1, receivers: 1)
        })
    ])

  @Test("What was published shows HAProxy's quantum and who waits for the next event without another stream")
  func published() {
    func manner(_ lags: [Double], roundTrip: Double = 1) -> Delivery.Manner {
      let path = StreamPath([driven(lags, roundTrip: roundTrip)], drive: Self.drive)
      return path.delivery(of: path.streams[0]).manner
    }
    guard case .delayed = manner([206, 205, 209, 204, 206, 207]) else {
      Issue.record("\(manner([206, 205, 209, 204, 206, 207]))")
      return
    }
    #expect(manner([250, 400, 300, 450, 350]) == .heldUntilNext)
    #expect(manner([3, 2, 4, 2, 3, 2]) == .streams)
    // A round trip of 100 ms each way is a far server.
    #expect(manner([206, 205, 209, 204, 206, 207], roundTrip: 100) == .streams)
  }

  @Test("A far path beside a near instance is no delay")
  func farPath() {
    let path = StreamPath(
      [
        driven([131, 130, 132, 130, 131, 130], roundTrip: 260), driven([2, 2, 1, 2, 2, 3], instance: "web-1"),
      ], drive: Self.drive)
    #expect(path.delivery(of: path.streams[0]).manner == .streams)
  }
}
