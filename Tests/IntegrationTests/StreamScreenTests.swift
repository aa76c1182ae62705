// What is shown of streams while they are watched, without a terminal.

import Doctor
import Facts
import Reporting
import StreamProbe
import Testing

@testable import flowpanel_doctor

@Suite("What a stream still has to show")
struct StreamProgressTests {
  private func progress(
    _ system: System = .flowpanel, isDriven: Bool = false, _ arrivals: StreamFacts.Arrival...,
    change: (inout WatchedFor) -> Void = { _ in }
  ) -> StreamProgress {
    var goal = WatchedFor(system, atMost: .seconds(60))
    change(&goal)
    var progress = StreamProgress(goal, isDriven: isDriven)
    progress.take(.response(StreamFacts.Response(status: 200), atMilliseconds: 10))
    var totals = StreamFacts.Totals()
    for arrival in arrivals {
      progress.take(.arrival(arrival))
      totals.events += 1
      totals.lastByteMilliseconds = arrival.milliseconds
      progress.take(.totals(totals))
    }
    return progress
  }

  private let ready = StreamFacts.Arrival(.event(type: "ready", data: "{}"), atMilliseconds: 20)

  private func marked(sent: Double, came: Double, _ number: Int = 1) -> StreamFacts.Arrival {
    StreamFacts.Arrival(
      .event(type: "message", data: ""), atMilliseconds: came,
      mark: OriginMark(
        number: number, sentAtMicroseconds: 1, elapsedMicroseconds: Int(sent * 1000), isLast: false))
  }

  @Test("a response, then the handshake, then a heartbeat, which can be late")
  func heartbeat() {
    var waiting = StreamProgress(WatchedFor(.flowpanel, atMost: .seconds(60)), isDriven: false)
    #expect(waiting.waitsFor(at: 3500) == "no answer for 3 s")
    #expect(progress().waitsFor(at: 4010) == "no handshake for 4 s")
    #expect(progress(.flowpanel, ready).waitsFor(at: 6500) == "heartbeat due in 9 s")
    #expect(progress(.flowpanel, ready).waitsFor(at: 17_010) == "heartbeat 2 s late")
    let beat = StreamFacts.Arrival(.comment(text: "keep-alive"), atMilliseconds: 15_010)
    #expect(progress(.flowpanel, ready, beat).waitsFor(at: 16_010) == "heartbeat due in 14 s")
    waiting.end()
    #expect(waiting.waitsFor(at: 3500) == "decided")
  }

  @Test("no heartbeat that is due only when the watch is over, or that the system has not")
  func none() {
    #expect(progress(.flowpanel, ready, change: { $0.atMost = .seconds(6) }).waitsFor(at: 4000) == nil)
    let connected = StreamFacts.Arrival(.comment(text: "connected"), atMilliseconds: 20)
    #expect(progress(.redisStreams, connected).waitsFor(at: 4000) == nil)
  }

  @Test("so many events, messages of the run's own, or seconds")
  func counts() {
    #expect(progress(.flowpanel, ready, change: { $0.events = 6 }).waitsFor(at: 30) == "1 of 6 events")
    let event = marked(sent: 300, came: 310)
    #expect(progress(.flowpanel, ready, event, change: { $0.marks = 7 }).waitsFor(at: 400) == "1 of 7 events")
    let message = StreamFacts.Arrival(.event(type: "message", data: ""), atMilliseconds: 30, probeNumber: 4)
    #expect(
      progress(.flowpanel, isDriven: true, ready, message, message, change: published).waitsFor(at: 40)
        == "1 of 6 messages")
    #expect(
      progress(.flowpanel, ready, change: { $0.idle = .seconds(60) }).waitsFor(at: 12_020) == "silent for 12 s of 60 s")
    #expect(
      progress(.flowpanel, ready, marked(sent: 1, came: 12_000), change: { $0.idle = .seconds(60) }).waitsFor(
        at: 12_010)
        == "held for 12 s of 60 s")
  }

  /// A run that publishes through one Redis.
  private func published(_ goal: inout WatchedFor) { (goal.messages, goal.publishers) = (6, 1) }

  @Test("how long after their publishing messages of the run's own come, which no mark has a say in")
  func messages() {
    var progress = progress(isDriven: true, ready, change: published)
    progress.take(.began(atMilliseconds: 100))
    progress.take(.arrival(marked(sent: 0, came: 30)))
    var publisher = StreamDrive.Publisher(redisURL: "redis://cache:6379/0")
    for (number, time) in [(1, 300.0), (2, 560), (3, 970)] {
      publisher.publications.append(StreamDrive.Publication(number: number, sentMilliseconds: time))
      progress.take(publisher, 0)
    }
    func message(_ number: Int, _ time: Double) -> StreamFacts.Arrival {
      StreamFacts.Arrival(.event(type: "message", data: ""), atMilliseconds: time, probeNumber: number)
    }
    progress.take(.arrival(message(1, 405)))
    #expect(progress.delay == 205)
    #expect(progress.delay(of: message(1, 405)) == 205)
    progress.take(.arrival(marked(sent: 0, came: 600)))
    // Both came together, and the first of them waited for the second.
    for number in 2...3 { progress.take(.arrival(message(number, 1000))) }
    #expect(progress.delay == 540)
    #expect(progress.delay(of: message(9, 1000)) == nil)
  }

  @Test("a heartbeat, where nothing can be published")
  func nothingPublished() {
    var progress = progress(isDriven: true, ready, change: { ($0.messages, $0.publishers) = (6, 2) })
    let failed = StreamDrive.Publisher(redisURL: "redis://a:6379/0", failure: "TCP connect: Connection refused")
    progress.take(failed, 1)
    #expect(progress.waitsFor(at: 40) == "0 of 6 messages")
    progress.take(failed, 0)
    #expect(progress.waitsFor(at: 6500) == "heartbeat due in 9 s")
  }

  @Test("how late events are beside the least delayed one, and how long none has come")
  func delays() {
    #expect(progress(.flowpanel, ready).delay == nil)
    #expect(progress(.flowpanel).gap(at: 900) == nil)
    let late = marked(sent: 300, came: 516, 2)
    let two = progress(.flowpanel, marked(sent: 0, came: 10), late)
    #expect(two.delay == 206)
    #expect(two.delay(of: late) == 206)
    #expect(two.delay(of: marked(sent: 0, came: 10)) == nil)
    #expect(two.gap(at: 600) == "now")
    #expect(two.gap(at: 4600) == "4 s ago")
    // The last of a burst is the least late, which is not what somebody looks for.
    let burst = progress(
      .flowpanel, marked(sent: 0, came: 910), marked(sent: 300, came: 910), marked(sent: 900, came: 911))
    #expect(burst.delay == 899)
  }
}

@Suite("The lines of the streams that are watched")
struct StreamScreenTests {
  /// Streams in the midst of a run: one that is well, a silent one, one that failed, one that is over.
  private func screen(urls: Int = 1, at moment: ContinuousClock.Instant) -> StreamScreen {
    let streams = (0..<urls).flatMap { number in
      [StreamCell.Version.http2, .http1].flatMap { version in
        [StreamCell.Coding.browser, .identity].map { coding in
          var stream = StreamFacts(
            url: "https://admin-\(number).example.com/api/flowpanel/stream?channel=with-a-long-name-世界",
            cell: StreamCell(version: version, coding: coding),
            outcome: .failure(StreamFacts.Failure(.notFinished, "not finished")))
          stream.target = number
          return stream
        }
      }
    }
    var goal = WatchedFor(.flowpanel, atMost: .seconds(17))
    goal.marks = 7
    var screen = StreamScreen()
    screen.begin(streams, goal, at: moment)
    for index in streams.indices where index % 4 != 1 {
      _ = screen.take(.response(StreamFacts.Response(status: 200), atMilliseconds: 1234), of: index)
      for number in 1...3 {
        let mark = OriginMark(
          number: number, sentAtMicroseconds: 1, elapsedMicroseconds: number * 1_000_000, isLast: false)
        let arrival = StreamFacts.Arrival(
          .event(type: "ready", data: "\u{1B}[2J\(mark.data)"), atMilliseconds: 1240, mark: mark)
        _ = screen.take(.arrival(arrival), of: index)
      }
      var totals = StreamFacts.Totals()
      (totals.events, totals.comments) = (1203, 14)
      _ = screen.take(.totals(totals), of: index)
    }
    var failed = streams[2]
    failed.outcome = .failure(StreamFacts.Failure(.closed, "the server closed the connection without a response"))
    _ = screen.end(failed, 2)
    var over = streams[3]
    over.outcome = .response(StreamFacts.Response(status: 200))
    _ = screen.end(over, 3)
    return screen
  }

  @Test("keep to the terminal's width and height", arguments: [20, 60, 80, 110, 200], 1...4)
  func fit(width: Int, urls: Int) {
    let moment = ContinuousClock.now
    let screen = screen(urls: urls, at: moment)
    for height in [4, 10, 23, 50] {
      let lines = screen.lines(width: width, height: height, at: moment + .seconds(9))
      #expect(lines.count <= height)
      for line in lines { #expect(displayWidth(line) <= width, "\(line)") }
      #expect(!lines.joined().contains("\u{1B}"))
    }
  }

  @Test("tell of each cell what is known and what is waited for", arguments: [60, 80, 110, 200])
  func told(width: Int) {
    let moment = ContinuousClock.now
    let text = screen(at: moment).lines(width: width, height: 23, at: moment + .seconds(9)).joined(separator: "\n")
    for part in [
      "HTTP/2 with compression", "1203 events", "+2000 ms", "7 s ago", "3 of 7 events", "no answer for 9 s", "decided",
      "9 of at most 17 s watched",
    ] { #expect(text.contains(part), "\(part) in \(text)") }
  }

  @Test("are one for each cell where there is no room for more")
  func brief() {
    let moment = ContinuousClock.now
    let screen = screen(urls: 3, at: moment)
    let lines = screen.lines(width: 80, height: 23, at: moment + .seconds(9))
    #expect(lines.count == 3 + 12 + 1)
    #expect(lines[1].contains("3 of 7 events") && lines[1].contains("+2000 ms"))
  }
}
