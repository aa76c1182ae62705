import Diagnosis
import Facts
import Testing

@testable import Doctor

@Suite("The timeline of a rollout")
struct RolloutExhibitTests {
  private var rollout: RolloutFacts {
    var rollout = RolloutFacts(
      channel: "c", reconnection: .backOff,
      streams: [RolloutFacts.Stream(target: 0, url: "http://web-1/", instance: "web-1")]
        + (1...3).map { RolloutFacts.Stream(target: 1, connection: $0, url: "http://a/") })
    rollout.watchedMilliseconds = 46_000
    for index in rollout.streams.indices { rollout.streams[index].openedMilliseconds = 0 }
    for index in [0, 1] {
      var gap = RolloutFacts.Gap(atMilliseconds: 10_000, end: .complete(.lastChunk))
      gap.backMilliseconds = index == 0 ? 20_500 : 15_000
      gap.failureCount = 2
      gap.lost = 7
      rollout.streams[index].gaps = [gap]
    }
    rollout.streams[3].gaps = [RolloutFacts.Gap(atMilliseconds: 40_000, end: .cut(StreamFacts.Cut(.reset, "reset")))]
    return rollout
  }

  @Test("shows when which streams were open, in 60 columns")
  func timeline() throws {
    let exhibit = try #require(rolloutExhibits(rollout).first)
    #expect(
      exhibit.rows == [
        ["web-1", "==========........../========================="],
        ["public × 3", "==========22222=========================222222"],
      ])
    #expect(exhibit.columns == ["", "0 s       10 s      20 s      30 s      40 s"])
    #expect(exhibit.rows.allSatisfy { $0[0].count + 2 + $0[1].count <= 58 })
  }

  @Test("shows when messages did not come on streams that were open")
  func missing() throws {
    var rollout = rollout
    rollout.streams.append(RolloutFacts.Stream(target: 2, url: "http://web-2/", instance: "web-2"))
    rollout.streams.append(RolloutFacts.Stream(target: 3, url: "http://web-3/", instance: "web-3"))
    rollout.streams[0].silentSinceMilliseconds = 30_000
    rollout.streams[1].losses = [RolloutFacts.Loss(from: 5000, to: 5000, count: 1, isOver: false)]
    rollout.streams[2].losses = [RolloutFacts.Loss(from: 25_500, to: 27_500, count: 3)]
    rollout.streams[3].losses = [
      RolloutFacts.Loss(from: 44_000, to: 44_500, count: 2, isOver: false),
      // Times that no watch gives, but a file might.
      RolloutFacts.Loss(from: 1e9, to: 1, count: 1),
    ]
    rollout.streams[4].openedMilliseconds = 100
    rollout.streams[4].unheard = 80
    let exhibit = try #require(rolloutExhibits(rollout).first)
    #expect(
      exhibit.rows == [
        ["web-1", "==========........../=========!!!!!!!!!!!!!!!!"],
        ["public × 3", "=====!!!!!22222==========!!!============222222"],
        ["web-2", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"],
        ["web-3", ".............................................."],
      ])
  }

  @Test("lists each drop with its end, its attempts and its losses")
  func drops() throws {
    let exhibit = try #require(rolloutExhibits(rollout).dropFirst().first)
    #expect(
      exhibit.rows == [
        ["web-1", "10000 ms", "in good order", "10500 ms", "3", "7"],
        ["public #1", "10000 ms", "in good order", "5000 ms", "3", "7"],
        ["public #3", "40000 ms", "reset", "not back", "0", "?"],
      ])
    #expect(exhibit.key == "rollout")
  }

  @Test("lists what the run did itself")
  func deeds() throws {
    var rollout = rollout
    var publishers = [RolloutFacts.Publisher(redisURL: "redis://a/", instances: ["web-1"])]
    publishers[0].published = 92
    publishers[0].names = ["c", "flowpanel:c"]
    publishers.append(RolloutFacts.Publisher(redisURL: "redis://b/"))
    publishers[1].failure = "TCP connect: Connection refused"
    rollout.publishers = .seen(publishers)
    let exhibit = try #require(rolloutExhibits(rollout).last)
    #expect(exhibit.title == "Published by this run on c")
    #expect(
      exhibit.rows == [
        ["redis://a/ (web-1)", "92 messages, as c, flowpanel:c; who was subscribed was asked with each"],
        ["redis://b/", "nothing: TCP connect: Connection refused"],
        [
          "-",
          "4 streams held, 6 more attempts made to open them, and all closed in the end; nothing was written but the messages",
        ],
      ])
  }

  @Test("opens the report with how often streams dropped, and what came of it")
  func conclusions() {
    #expect(
      rolloutConclusions(rollout) == ["in 46 s 3 of 4 streams dropped; the longest gap was 10500 ms; 1 is not back"])
    #expect(
      rolloutConclusions(RolloutFacts(channel: nil, reconnection: .backOff)) == ["in 0 s no stream dropped"])
  }

  @Test("says that a stream was never open, or that nothing came on it, where none dropped")
  func silent() {
    var rollout = RolloutFacts(channel: "c", reconnection: .backOff)
    rollout.streams = (0...2).map { RolloutFacts.Stream(target: $0, url: "http://web-\($0)/", instance: "web-\($0)") }
    for index in 0...1 { rollout.streams[index].openedMilliseconds = 10 }
    rollout.streams[1].unheard = 4
    rollout.streams[0].losses = [RolloutFacts.Loss(from: 1, to: 2, count: 1)]
    rollout.publishers = .seen([RolloutFacts.Publisher(redisURL: "redis://a/")])
    rollout.publishers = rollout.publishers.map { publishers in
      publishers.map { publisher in
        var publisher = publisher
        publisher.outages = [RolloutFacts.Outage(fromMilliseconds: 1000)]
        return publisher
      }
    }
    rollout.watchedMilliseconds = 7500
    #expect(
      rolloutConclusions(rollout)
        == [
          "in 8 s none of 3 streams dropped; 1 was never open; nothing came on 1 that was open; messages were lost on 1 "
            + "while it was open; for 6 s nothing could be published"
        ])
  }

  @Test("says so where nothing dropped, and draws nothing of a watch without time")
  func empty() {
    var rollout = RolloutFacts(channel: nil, reconnection: .eventSource)
    rollout.watchedMilliseconds = .infinity
    #expect(rolloutExhibits(rollout).map { $0.rows.count } == [1, 1])
  }
}
