// What is shown of a rollout while it is watched, without a terminal.

import Doctor
import Facts
import Testing

@testable import flowpanel_doctor

@Suite("What a watched rollout shows")
struct RolloutScreenTests {
  private var screen: RolloutScreen {
    var screen = RolloutScreen()
    screen.begin(
      RolloutFacts(
        channel: "c", reconnection: .backOff,
        streams: [
          RolloutFacts.Stream(target: 0, url: "http://web-1/", instance: "web-1"),
          RolloutFacts.Stream(target: 1, connection: 1, url: "http://a/"),
        ]))
    return screen
  }

  @Test("that the deploy may begin once all are open, each drop, each attempt, and each return")
  func lines() {
    var screen = screen
    #expect(screen.take(.opened(0, atMilliseconds: 20)) == nil)
    #expect(
      screen.take(.opened(1, atMilliseconds: 40))
        == "    0.0 s  all 2 streams are open: deploy now; Ctrl-C ends the watch")
    #expect(screen.take(.heard(0, number: 1, atMilliseconds: 50)) == nil)
    #expect(
      screen.take(.ended(0, atMilliseconds: 8000, .complete(.lastChunk)))
        == "    8.0 s  web-1: dropped, in good order")
    #expect(
      screen.take(.failed(0, RolloutFacts.Attempt(atMilliseconds: 8510, status: 502, "status 502")))
        == "    8.5 s  web-1: no stream: status 502")
    #expect(screen.status(at: .seconds(9)).hasPrefix("9 s: 1 of 2 streams open, 1 drop, 0 messages published"))
    #expect(
      screen.take(.opened(0, atMilliseconds: 9520)) == "    9.5 s  web-1: back after 1520 ms, 2 attempts")
    #expect(screen.take(.stopped(1, .refused))?.contains("public #1: a browser's EventSource gives up") == true)
  }

  @Test("why nothing can be published, once until that changes")
  func publisher() {
    var screen = screen
    #expect(
      screen.take(.publisherFailed(0, "refused", atMilliseconds: 1200))
        == "    1.2 s  nothing can be published now: refused")
    #expect(screen.take(.publisherFailed(0, "refused", atMilliseconds: 2200)) == nil)
    for stream in 0...1 {
      #expect(screen.take(.opened(stream, atMilliseconds: 3000))?.contains("deploy now") != true)
    }
    _ = screen.take(.sending(0, number: 1, atMilliseconds: 4000))
    #expect(
      screen.take(.published(0, number: 1, subscribers: [:])) == "    4.0 s  messages are published again")
    #expect(screen.take(.published(0, number: 2, subscribers: [:])) == nil)
    #expect(screen.take(.publisherFailed(0, "refused", atMilliseconds: 5000)) != nil)
  }

  @Test("that nothing comes on an open stream, once, and that something comes again")
  func silence() {
    var screen = screen
    for stream in 0...1 { _ = screen.take(.opened(stream, atMilliseconds: 20)) }
    let lines = (1...13).compactMap { number -> String? in
      _ = screen.take(.sending(0, number: number, atMilliseconds: Double(number) * 500))
      _ = screen.take(.heard(1, number: number, atMilliseconds: 1000))
      return screen.take(.published(0, number: number, subscribers: [:]))
    }
    #expect(lines == ["    5.0 s  web-1: open, and none of the last 10 messages came"])
    #expect(screen.status(at: .seconds(9)).hasPrefix("9 s: 2 of 2 streams open, 1 of them silent, 0 drops"))
    #expect(screen.take(.heard(0, number: 14, atMilliseconds: 9000)) == "    9.0 s  web-1: messages come again")
    #expect(screen.status(at: .seconds(9)).hasPrefix("9 s: 2 of 2 streams open, 0 drops"))
    _ = screen.take(.ended(0, atMilliseconds: 9100, .complete(.lastChunk)))
    for number in 15...30 {
      #expect(screen.take(.published(0, number: number, subscribers: [:]))?.contains("web-1") != true)
    }
  }

  @Test("ten thousand lines and no more")
  func bound() {
    var screen = screen
    var lines = 0
    for _ in 0..<12_000 where screen.take(.ended(0, atMilliseconds: 1, .complete(.lastChunk))) != nil { lines += 1 }
    #expect(lines == RolloutScreen.maximumLines)
  }
}
