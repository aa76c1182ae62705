import Facts
import Testing

@testable import Doctor

@Suite("What came of a replay")
struct ReplayReplyTests {
  private func came(_ arrivals: StreamFacts.Arrival...) -> ReplayFacts.Reply {
    ReplayFacts.Reply(
      StreamFacts(
        url: "http://web-1/events/news", outcome: .response(StreamFacts.Response(status: 200)), arrivals: arrivals))
  }

  private func event(_ data: String, id: String?) -> StreamFacts.Arrival {
    StreamFacts.Arrival(.event(type: "update", data: data), atMilliseconds: 1, lastEventID: id)
  }

  @Test("is the events' IDs in order of arrival, and no comment's")
  func order() {
    let comment = StreamFacts.Arrival(.comment(text: "connected"), atMilliseconds: 1)
    #expect(came(comment, event("a", id: "2-0"), event("b", id: "1-0")).came == ["2-0", "1-0"])
  }

  @Test("an event without an ID has that of the one before it, and is not that one again")
  func withoutID() {
    let reply = came(event("a", id: nil), event("b", id: "1-0"), event("c", id: "1-0"), event("d", id: "2-0"))
    #expect(reply.came == ["1-0", "2-0"])
    #expect(reply.withoutID == 2)
  }

  @Test("the same event again is twice")
  func twice() {
    #expect(came(event("a", id: "1-0"), event("a", id: "1-0")).came == ["1-0", "1-0"])
    #expect(came(event("a", id: "1-0"), event("b", id: "2-0"), event("a", id: "1-0")).came == ["1-0", "2-0", "1-0"])
  }

  @Test("no more than a thousand IDs are kept")
  func many() {
    let facts = StreamFacts(
      url: "http://web-1/events/news", outcome: .response(StreamFacts.Response(status: 200)),
      arrivals: (0..<1500).map { event("a", id: "\($0)-0") })
    #expect(ReplayFacts.Reply(facts).came.count == 1000)
  }
}
