import Facts
import StreamProbe
import Testing

@testable import Doctor

@Suite("What ends the watch of a stream")
struct WatchGoalsTests {
  private func goals(
    _ watch: StreamInputs.Watch, publishers: Int = 0, streams: Int = 1, system: System = .flowpanel
  ) -> WatchGoals {
    var target = StreamTarget(url: "http://a/")
    if publishers > 0 { target.channel = (DriveChannel(of: system, nonce: "1"), true) }
    return WatchGoals(
      Array(repeating: target, count: streams), publishers: publishers, watch: watch, of: system)
  }

  private let ready = StreamFacts.Arrival(.event(type: "ready", data: "{}"), atMilliseconds: 10)

  private func event(at milliseconds: Double, _ number: Int? = nil, mark: Int? = nil) -> StreamFacts.Arrival {
    StreamFacts.Arrival(
      .event(type: "message", data: ""), atMilliseconds: milliseconds,
      mark: mark.map { OriginMark(number: $0, sentAtMicroseconds: 1, elapsedMicroseconds: 1, isLast: $0 == 99) },
      probeNumber: number)
  }

  private func publisher(_ numbers: [Int], receivers: [Int?], failure: String? = nil) -> StreamDrive.Publisher {
    StreamDrive.Publisher(
      redisURL: "redis://a:6379/0",
      publications: zip(numbers, receivers).map {
        StreamDrive.Publication(number: $0, sentMilliseconds: 0, receivers: $1)
      }, failure: failure)
  }

  @Test("a check needs the handshake alone")
  func handshake() {
    var goals = goals(.handshake)
    goals.take(event(at: 5), of: 0)
    #expect(!goals.isReached(by: 0))
    goals.take(ready, of: 0)
    #expect(goals.isReached(by: 0))
  }

  @Test("a heartbeat after the handshake, or an event that does not come along with it")
  func heartbeat() {
    let comment = StreamFacts.Arrival(.comment(text: "keep-alive"), atMilliseconds: 20)
    var goals = goals(.heartbeat, streams: 3)
    goals.take(comment, of: 0)
    goals.take(ready, of: 0)
    #expect(!goals.isReached(by: 0))
    goals.take(comment, of: 0)
    #expect(goals.isReached(by: 0))
    goals.take(ready, of: 1)
    goals.take(event(at: 900), of: 1)
    #expect(!goals.isReached(by: 1))
    goals.take(event(at: 1010), of: 1)
    #expect(goals.isReached(by: 1))
    #expect(!goals.isReached(by: 2))
  }

  @Test("no comment along with the handshake that is not the system's heartbeat, as padding is")
  func padding() {
    let padding = StreamFacts.Arrival(.comment(text: "padding"), atMilliseconds: 20)
    var goals = goals(.heartbeat)
    goals.take(ready, of: 0)
    goals.take(padding, of: 0)
    #expect(!goals.isReached(by: 0))
    goals.take(StreamFacts.Arrival(.comment(text: "padding"), atMilliseconds: 1010), of: 0)
    #expect(goals.isReached(by: 0))
  }

  @Test("six of the reference origin's marks over a second and a half, not counting the first; or its last")
  func marks() {
    var goals = goals(.heartbeat, streams: 2)
    for stream in 0...1 { goals.take(ready, of: stream) }
    for number in 1...7 { goals.take(event(at: Double(number) * 250, mark: number), of: 0) }
    // A heartbeat says less than they do.
    goals.take(StreamFacts.Arrival(.comment(text: "keep-alive"), atMilliseconds: 1900), of: 0)
    #expect(!goals.isReached(by: 0))
    goals.take(event(at: 2000, mark: 8), of: 0)
    #expect(goals.isReached(by: 0))
    goals.take(event(at: 20, mark: 99), of: 1)
    #expect(goals.isReached(by: 1))
  }

  @Test("the six messages that were published first, or as many of them as somebody had subscribed to")
  func messages() {
    var goals = goals(.heartbeat, publishers: 1, streams: 2)
    for stream in 0...1 { goals.take(ready, of: stream) }
    goals.take(publisher(Array(1...6), receivers: [0, 0, 1, 1, 1, nil]), of: 0)
    for number in 3...6 { goals.take(event(at: 2000, number), of: 0) }
    #expect(!goals.isReached(by: 0))
    goals.take(publisher(Array(1...6), receivers: [0, 0, 1, 1, 1, 1]), of: 0)
    #expect(goals.isReached(by: 0))
    // The other one has seen none of what the first one did.
    goals.take(event(at: 9000), of: 1)
    #expect(!goals.isReached(by: 1))
    goals.take(publisher(Array(1...9), receivers: [0, 0, 1, 1, 1, 1, 1, 1, 1]), of: 0)
    for number in 4...9 { goals.take(event(at: 9000, number), of: 1) }
    #expect(goals.isReached(by: 1))
  }

  @Test("messages that nobody gets are not waited for, once they are all out")
  func nobody() {
    var goals = goals(.heartbeat, publishers: 2)
    goals.take(ready, of: 0)
    goals.take(publisher([1, 3, 5, 7, 9, 11], receivers: [0, 0, 0, 0, 0, 0]), of: 0)
    goals.take(publisher([2, 4, 6, 8, 10], receivers: [0, 0, 0, 0, 0]), of: 1)
    #expect(!goals.isReached(by: 0))
    goals.take(publisher([2, 4, 6, 8, 10, 12], receivers: [0, 0, 0, 0, 0, 0]), of: 1)
    #expect(goals.isReached(by: 0))
    // Another stream, which nobody has asked yet, may still get something of one that works.
    goals.take(publisher([2, 4, 6, 8, 10, 12], receivers: [0, 0, 0, 0, 0, 2]), of: 1)
    #expect(!goals.isReached(by: 0))
  }

  @Test("what a stream has of its own, where nothing could be published")
  func failure() {
    var goals = goals(.heartbeat, publishers: 1)
    goals.take(ready, of: 0)
    goals.take(event(at: 1500), of: 0)
    #expect(!goals.isReached(by: 0))
    goals.take(publisher([], receivers: [], failure: "TCP connect: refused"), of: 0)
    #expect(goals.isReached(by: 0))
  }

  @Test("nothing, where a time was given", arguments: [StreamInputs.Watch.time(.seconds(1)), .idle(.seconds(1))])
  func time(_ watch: StreamInputs.Watch) {
    var goals = goals(watch)
    goals.take(ready, of: 0)
    goals.take(StreamFacts.Arrival(.comment(text: "keep-alive"), atMilliseconds: 20), of: 0)
    #expect(!goals.isReached(by: 0))
  }

  @Test("nothing is published before the streams that listen have begun, or are over")
  func listening() {
    var goals = goals(.heartbeat, publishers: 1, streams: 2)
    #expect(!goals.allListen)
    goals.take(ready, of: 0)
    #expect(!goals.allListen)
    goals.end(1)
    #expect(goals.allListen)
  }
}
