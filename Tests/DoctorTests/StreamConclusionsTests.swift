import Diagnosis
import Facts
import Testing

@testable import Doctor

@Suite("What a report on streams opens with")
struct StreamConclusionsTests {
  private let url = "http://admin/s"

  /// A stream with something in it at these times, of which the sender says when it was sent.
  private func stream(_ times: [(sent: Double, came: Double)], status: Int = 200) -> Facts {
    var stream = StreamFacts(
      url: url, phases: StreamFacts.Phases(connectMilliseconds: 1, headersMilliseconds: 2),
      outcome: .response(
        StreamFacts.Response(status: status, headers: [StreamFacts.Header("Content-Type", "text/event-stream")])),
      arrivals: times.enumerated().map { index, time in
        StreamFacts.Arrival(
          .event(type: "message", data: ""), atMilliseconds: time.came, wireBytes: 100,
          mark: OriginMark(
            number: index + 1, sentAtMicroseconds: index, elapsedMicroseconds: Int(time.sent * 1000), isLast: false))
      }, watchedMilliseconds: 6000)
    stream.totals.events = times.count
    return Facts(streams: .seen([stream]))
  }

  private var well: Facts { stream([(0, 5), (300, 312), (600, 605), (900, 905)]) }

  private func verdict(_ check: String, _ kind: Verdict.Kind = .finding, _ severity: Severity = .error) -> Verdict {
    Verdict(check: check, kind: kind, severity: severity, subject: .stream(url), message: "m of \(check)")
  }

  private let passage = "events come through at once, none more than 7 ms later than the least delayed"

  @Test("that events come through, and how it is known")
  func comesThrough() {
    #expect(streamConclusions(well, [], wasInterrupted: false) == ["\(url): \(passage)"])
    #expect(
      streamConclusions(well, [verdict("stream.retry-field", .finding, .notice)], wasInterrupted: true)
        == ["\(url): as far as it was watched, \(passage)"])
    var quiet = StreamFacts(url: url, outcome: .response(StreamFacts.Response(status: 502)))
    #expect(
      streamConclusions(Facts(streams: .seen([quiet])), [verdict("stream.x", .undetermined)], wasInterrupted: false)
        == ["\(url): it is not known whether events come through: m of stream.x"])
    quiet.outcome = .response(
      StreamFacts.Response(status: 200, headers: [StreamFacts.Header("Content-Type", "text/event-stream")]))
    quiet.phases.headersMilliseconds = 2
    quiet.arrivals = [StreamFacts.Arrival(.event(type: "ready", data: "{}"), atMilliseconds: 3)]
    #expect(
      streamConclusions(Facts(streams: .seen([quiet])), [], wasInterrupted: false).first?.contains(
        "its beginning comes through at once") == true)
  }

  @Test("how long after it was published each came, where the run did that itself")
  func published() {
    var driven = well
    guard var stream = driven.streams.value?.first else { return }
    stream.isDriven = true
    var drive = StreamDrive.Publisher(redisURL: "redis://cache:6379/0")
    for index in stream.arrivals.indices {
      stream.arrivals[index].mark = nil
      stream.arrivals[index].probeNumber = index + 1
      drive.publications.append(
        StreamDrive.Publication(number: index + 1, sentMilliseconds: stream.arrivals[index].milliseconds - 4))
    }
    driven.streams = .seen([stream])
    driven.drive = .seen(StreamDrive(channel: "flowpanel-doctor.1", publishers: [drive]))
    #expect(
      streamConclusions(driven, [], wasInterrupted: false)
        == ["\(url): events come through at once, none more than 4 ms after it was published"])
  }

  @Test("the worst that was found, and of what is equally bad what tells most")
  func worst() {
    let verdicts = [
      verdict("stream.accel-buffering", .finding, .warning), verdict("stream.unreachable"), verdict("stream.buffered"),
      verdict("stream.handshake", .pass),
    ]
    let held = stream([(0, 900), (300, 901), (600, 902), (900, 1900), (1200, 1901), (1500, 1902)])
    #expect(streamConclusions(held, verdicts, wasInterrupted: false) == ["\(url): m of stream.buffered"])
    #expect(
      streamConclusions(well, Array(verdicts.prefix(1)), wasInterrupted: false)
        == ["\(url): \(passage); but m of stream.accel-buffering"])
    let suppressed = [verdict("stream.buffered", .suppressed), verdict("stream.cors", .undetermined)]
    #expect(streamConclusions(held, suppressed, wasInterrupted: false) == ["\(url): m of stream.buffered"])
  }

  @Test("one sentence for each URL, however many cells it has")
  func urls() {
    var cells = [well, well, well].compactMap { $0.streams.value?.first }
    cells[1].cell.coding = .identity
    cells[2].target = 1
    cells[2].url = "http://web-1/s"
    // No two streams bring the very same events.
    for index in cells.indices {
      for number in cells[index].arrivals.indices {
        cells[index].arrivals[number].mark?.sentAtMicroseconds += 1000 * (index + 1)
      }
    }
    let sentences = streamConclusions(Facts(streams: .seen(cells)), [], wasInterrupted: false)
    #expect(sentences == ["\(url): \(passage)", "http://web-1/s: \(passage)"])
  }
}
