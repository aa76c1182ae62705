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

@Suite("The channels of a run that sees whom an event reaches")
struct FanOutChannelTests {
  private let channel = DriveChannel(of: .flowpanel, nonce: "5f3a")
  private let name = "flowpanel-doctor.5f3a"

  @Test("each stream has one of its own, which is known again under any prefix")
  func own() {
    #expect(channel.own(12) == "\(name).12")
    #expect(DriveChannel.own(12, of: name) == "\(name).12")
    for prefix in ["", "flowpanel:", "fp:custom:", "a:b:"] {
      #expect(DriveChannel.ownIndex(in: "\(prefix)\(name).12", of: name) == 12)
    }
    for other in [name, "\(name).", "\(name).12-3", "\(name).burst", "\(name)x.12", "resource.12", ""] {
      #expect(DriveChannel.ownIndex(in: other, of: name) == nil)
    }
  }

  @Test("a public stream and a direct one share one that no other has")
  func shared() {
    let names = (0...12).flatMap { first in (0...12).map { DriveChannel.shared(first, $0, of: name) } }
    #expect(Set(names + (0...12).map(channel.own) + [name, channel.burst.name]).count == 13 * 13 + 15)
    #expect(DriveChannel.shared(4, 1, of: name) == "\(name).4-1")
  }

  @Test("the burst has one, with messages of its own")
  func burst() {
    #expect(channel.burst.name == "\(name).burst")
    #expect(channel.burst.redisNames(keyPrefix: "acme").first == "\(name).burst")
    #expect(
      channel.burst.message(7, unixMilliseconds: 1) == #"{"action":"update","id":"flowpanel-doctor.5f3a.burst:7"}"#)
  }

  @Test("stand after the run's own in the URL, and only where a stream takes several")
  func urls() {
    #expect(
      channel.url(of: "https://a/s?channel=x", with: ["b", "c"])
        == "https://a/s?channel=\(name)&channel=b&channel=c&channel=x")
    #expect(
      DriveChannel(of: .redisStreams, nonce: "5f3a").url(of: "https://a/s/x", with: ["b"]) == "https://a/s/\(name)")
    #expect(DriveChannel.maximumChannels(in: .flowpanel) == 25)
    for system in System.allCases where system != .flowpanel {
      #expect(DriveChannel.maximumChannels(in: system) == 1)
    }
  }

  @Test("all are found in Redis by one pattern, under any prefix")
  func glob() {
    #expect(channel.redisGlob == "*\(name)*")
    #expect(channel.redisNames(of: "c", "acme") == ["c", "acme:c", "fp:custom:c", "acme:custom:c"])
  }

  @Test("one that the application has fixed goes by its name alone, and carries the run's own messages")
  func fixed() {
    let fixedName = "notifications:tenant:default:user:42"
    let fixed = DriveChannel(of: .testplanit, nonce: "5f3a", fixedName: fixedName)
    #expect(fixed.isFixed && !channel.isFixed)
    #expect(fixed.name == name)
    #expect(fixed.redisNames(keyPrefix: "bull") == [fixedName])
    #expect(fixed.redisPatterns(keyPrefix: nil) == [fixedName])
    #expect(fixed.redisGlob == fixedName)
    #expect(fixed.message(3, unixMilliseconds: 1) == #"{"id":"flowpanel-doctor.5f3a:3","event":"notification"}"#)
    #expect(fixed.url(of: "https://a/s?x=1") == "https://a/s?x=1")
  }

  @Test("where nobody fixed one, a system with real users' channels says how to")
  func obstacle() {
    #expect(DriveChannel.obstacle(in: .testplanit)?.contains("--intrusive --channel NAME") == true)
  }
}
