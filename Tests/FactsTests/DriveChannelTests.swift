import Facts
import Testing

@Suite("A channel of the run's own")
struct DriveChannelTests {
  private func channel(_ system: System) -> DriveChannel { DriveChannel(of: system, nonce: "5f3a") }

  @Test(
    "stands in the stream's URL beside what it names, or in its place",
    arguments: [
      (System.flowpanel, "https://a/stream", "https://a/stream?channel=flowpanel-doctor.5f3a"),
      (.flowpanel, "https://a/stream?", "https://a/stream?channel=flowpanel-doctor.5f3a"),
      (
        .flowpanel, "https://a/stream?channel=x&t=a/b#end",
        "https://a/stream?channel=flowpanel-doctor.5f3a&channel=x&t=a/b"
      ),
      (.redisStreams, "https://a/events/news?t=a/b", "https://a/events/flowpanel-doctor.5f3a?t=a/b"),
      (.redisStreams, "https://a/events/", "https://a/events/flowpanel-doctor.5f3a"),
      (.redisStreams, "https://a", "https://a/flowpanel-doctor.5f3a"),
      (.testplanit, "https://a/stream", "https://a/stream"),
    ])
  func urls(_ system: System, _ url: String, _ expected: String) {
    #expect(channel(system).url(of: url) == expected)
  }

  @Test("has in Redis the name that each version of the system gives it")
  func names() {
    let name = "flowpanel-doctor.5f3a"
    #expect(
      channel(.flowpanel).redisNames(keyPrefix: nil) == [name, "flowpanel:\(name)", "fp:custom:\(name)"])
    #expect(
      channel(.flowpanel).redisNames(keyPrefix: "acme")
        == [name, "acme:\(name)", "fp:custom:\(name)", "acme:custom:\(name)"])
    #expect(channel(.flowpanel).redisNames(keyPrefix: "fp") == [name, "fp:\(name)", "fp:custom:\(name)"])
    #expect(channel(.redisStreams).redisNames(keyPrefix: nil) == ["sse:channel:\(name)"])
    #expect(channel(.flowpanel).redisPatterns(keyPrefix: nil).last == "fp:custom:flowpanel-doctor.*")
  }

  @Test("carries messages in the form of the system's own")
  func messages() {
    #expect(
      channel(.flowpanel).message(7, unixMilliseconds: 1) == #"{"action":"update","id":"flowpanel-doctor.5f3a:7"}"#)
    #expect(
      channel(.flowpanel).message(nil, unixMilliseconds: 1) == #"{"action":"update","id":"flowpanel-doctor.5f3a"}"#)
    #expect(
      channel(.redisStreams).message(7, unixMilliseconds: 1_763_750_000_000)
        == #"{"id":"1763750000000-7","type":"message","data":"{\"action\":\"update\",\"id\":\"flowpanel-doctor.5f3a:7\"}"}"#
    )
  }

  @Test("does not exist where channels are those of real users, or where there are no event streams")
  func obstacles() {
    let with = System.allCases.filter { DriveChannel.obstacle(in: $0) == nil }
    #expect(with == [.flowpanel, .redisStreams])
    for system in System.allCases where !with.contains(system) {
      #expect(channel(system).redisNames(keyPrefix: nil).isEmpty)
    }
  }
}
