import Facts
import Testing

@testable import Doctor

@Suite("What a watched rollout's streams missed")
struct RolloutRecordTests {
  /// A watch of streams while one Redis takes a message every half second, from 0.5 s on.
  private struct Watch {
    var record: RolloutRecord
    var published = 0

    init(streams: Int = 1, publishers: Int = 1) {
      record = RolloutRecord(
        RolloutFacts(
          channel: "c", reconnection: .backOff,
          streams: (0..<streams).map { RolloutFacts.Stream(target: $0, url: "http://a/") },
          publishers: .seen((0..<publishers).map { RolloutFacts.Publisher(redisURL: "redis://\($0)/") })))
      for stream in 0..<streams { record.take(.opened(stream, atMilliseconds: 10)) }
    }

    /// Publishes so many messages, which these streams get.
    mutating func publish(_ count: Int, to streams: [Int] = [0], subscribers: [Int: Int] = [:], isTaken: Bool = true) {
      for _ in 0..<count {
        published += 1
        let time = Double(published) * 500
        record.take(.sending(0, number: published, atMilliseconds: time))
        for stream in streams { record.take(.heard(stream, number: published, atMilliseconds: time + 2)) }
        if isTaken { record.take(.published(0, number: published, subscribers: subscribers)) }
      }
    }

    mutating func drop(_ stream: Int = 0) {
      record.take(.ended(stream, atMilliseconds: Double(published) * 500 + 100, .complete(.lastChunk)))
    }

    mutating func comeBack(_ stream: Int = 0) {
      record.take(.opened(stream, atMilliseconds: Double(published) * 500 + 100))
    }

    /// The first stream's facts, a moment after the last message.
    var stream: RolloutFacts.Stream { facts.streams[0] }
    var facts: RolloutFacts { record.facts(until: Double(published) * 500 + 200) }
  }

  @Test("a stream that brings all misses none")
  func healthy() {
    var watch = Watch()
    watch.publish(100)
    #expect(watch.stream.losses.isEmpty && watch.stream.gaps.isEmpty && watch.stream.heard == 100)
    #expect(watch.facts.publishers.value?.map(\.published) == [100])
  }

  @Test("what was published in a gap is the gap's, with what came too late before it and too early after it")
  func gap() {
    var watch = Watch()
    watch.publish(5)
    watch.publish(1, to: [])
    watch.drop()
    watch.publish(3, to: [])
    watch.comeBack()
    watch.publish(2, to: [])
    watch.publish(5)
    #expect(watch.stream.drops.map(\.lost) == [6])
    #expect(watch.stream.drops.map(\.backMilliseconds) == [4600])
    #expect(watch.stream.losses.isEmpty)
  }

  @Test("each gap has its own, also where nothing came between two")
  func gaps() {
    var watch = Watch()
    watch.publish(5)
    for count in [3, 4, 2] {
      watch.drop()
      watch.publish(count, to: [])
      watch.comeBack()
    }
    watch.publish(1)
    #expect(watch.stream.drops.map(\.lost) == [3, 4, 2])
  }

  @Test("what did not come between two that did was lost while the stream was open")
  func lossWhileOpen() {
    var watch = Watch()
    watch.publish(5, subscribers: [0: 1])
    watch.publish(3, to: [], subscribers: [0: 0])
    watch.publish(1, to: [], subscribers: [0: 1])
    watch.publish(5, subscribers: [0: 1])
    #expect(watch.stream.losses == [RolloutFacts.Loss(from: 3000, to: 4500, count: 4, unsubscribed: 3)])
  }

  @Test("who was never counted as subscribed is not said to be unsubscribed")
  func uncounted() {
    var watch = Watch()
    watch.publish(5, subscribers: [0: 0])
    watch.publish(3, to: [], subscribers: [0: 0])
    watch.publish(5, subscribers: [0: 0])
    #expect(watch.stream.losses.map(\.unsubscribed) == [nil])
  }

  @Test("what came last may be under way for ten seconds, and no longer")
  func tail() {
    var watch = Watch()
    watch.publish(5)
    watch.publish(19, to: [])
    #expect(watch.stream.losses.isEmpty)
    watch.publish(11, to: [])
    #expect(watch.stream.losses.map(\.isOver) == [false])
    #expect(watch.stream.losses.map(\.fromMilliseconds) == [3000])
    #expect(watch.stream.losses.map(\.count) == [10] && watch.stream.losses.map(\.later) == [20])
  }

  @Test("a stream that held events back before has twice that time")
  func heldBack() {
    var watch = Watch()
    watch.publish(40, to: [])
    for number in 1...40 { watch.record.take(.heard(0, number: number, atMilliseconds: 20_100)) }
    watch.publish(50, to: [])
    #expect(watch.stream.losses.isEmpty)
  }

  @Test("an instance that came back deaf loses all from its return on, and the gap what was published in it")
  func deaf() {
    var watch = Watch()
    watch.publish(5)
    watch.drop()
    watch.publish(2, to: [])
    watch.comeBack()
    watch.publish(40, to: [])
    #expect(watch.stream.drops.map(\.lost) == [2])
    #expect(watch.stream.losses.map(\.fromMilliseconds) == [4000])
    #expect(watch.stream.losses.map(\.isOver) == [false])
    watch.publish(1)
    #expect(watch.stream.losses == [RolloutFacts.Loss(from: 4000, to: 23_500, count: 40)])
    #expect(watch.stream.drops.map(\.lost) == [2])
  }

  @Test(
    "a stream that came back and brought nothing of ten messages is silent, and the gap's are those until it was back")
  func silent() {
    var watch = Watch()
    watch.publish(5)
    watch.drop()
    watch.publish(2, to: [])
    watch.comeBack()
    watch.publish(9, to: [])
    #expect(watch.stream.silentSinceMilliseconds == nil)
    watch.publish(1, to: [])
    #expect(watch.stream.silentSinceMilliseconds == 3600)
    #expect(watch.stream.drops.map(\.lost) == [2])
    #expect(watch.stream.losses.isEmpty)
    watch.publish(1)
    #expect(watch.stream.silentSinceMilliseconds == nil)
  }

  @Test("what was published while a stream was back for a moment only is the gap's before that")
  func brief() {
    var watch = Watch()
    watch.publish(5)
    watch.drop()
    watch.publish(2, to: [])
    watch.comeBack()
    watch.publish(3, to: [])
    watch.drop()
    watch.publish(1, to: [])
    watch.comeBack()
    watch.publish(4)
    #expect(watch.stream.drops.map(\.lost) == [5, 1])
    #expect(watch.stream.losses.isEmpty && watch.stream.silentSinceMilliseconds == nil)
  }

  @Test("a Redis that takes nothing for some time: from the first attempt that failed to the next message that it took")
  func outage() {
    var watch = Watch()
    watch.publish(5)
    watch.record.take(.publisherFailed(0, "refused", atMilliseconds: 2600))
    watch.record.take(.publisherFailed(0, "refused", atMilliseconds: 2700))
    #expect(watch.facts.publishers.value?[0].outages.map(\.toMilliseconds) == [nil])
    watch.published += 10
    watch.record.take(.publisherFailed(0, "refused", atMilliseconds: 7000))
    for number in 6...15 { watch.record.take(.sending(0, number: number, atMilliseconds: Double(number) * 500)) }
    watch.publish(1)
    let outages = watch.facts.publishers.value?[0].outages ?? []
    #expect(outages.map(\.fromMilliseconds) == [2600])
    #expect(outages.map(\.toMilliseconds) == [8000])
    watch.record.take(.publisherFailed(0, "refused", atMilliseconds: 9000))
    #expect(watch.facts.publishers.value?[0].outages.count == 2)
  }

  @Test("a stream that never came back misses all since it dropped")
  func neverBack() {
    var watch = Watch()
    watch.publish(5)
    watch.drop()
    watch.publish(50, to: [])
    #expect(watch.stream.drops.map(\.lost) == [50])
    #expect(watch.stream.losses.isEmpty)
  }

  @Test("what Redis did not take is missed by nobody")
  func notTaken() {
    var watch = Watch()
    watch.publish(5)
    watch.publish(9, to: [], isTaken: false)
    watch.publish(5)
    #expect(watch.stream.losses.isEmpty)
  }

  @Test("of a stream that brings nothing it is known only how many it should have, at least")
  func nothing() {
    var watch = Watch()
    watch.publish(19, to: [], subscribers: [0: 0])
    #expect(watch.stream.unheard == 0 && watch.stream.wasSubscribed == false)
    watch.publish(31, to: [], subscribers: [0: 0])
    watch.drop()
    watch.publish(5, to: [])
    #expect(watch.stream.losses.isEmpty && watch.stream.drops.map(\.lost) == [nil] && watch.stream.heard == 0)
    // What was published in the last ten seconds before it dropped may have been under way.
    #expect(watch.stream.unheard == 30)
    watch.comeBack()
    watch.publish(1)
    #expect(watch.stream.unheard == nil)
  }

  @Test("of an instance that brings nothing its own Redis's messages count, of any other the fewest")
  func nothingOfTwo() {
    for (instance, expected) in [("web-1", 40), ("web-2", 0), ("web-3", 0)] {
      var facts = RolloutFacts(
        channel: "c", reconnection: .backOff,
        streams: [RolloutFacts.Stream(target: 0, url: "http://a/", instance: instance)],
        publishers: .seen([
          RolloutFacts.Publisher(redisURL: "redis://0/", instances: ["web-1"]),
          RolloutFacts.Publisher(redisURL: "redis://1/", instances: ["web-2"]),
        ]))
      var record = RolloutRecord(facts)
      record.take(.opened(0, atMilliseconds: 0))
      for index in 0..<60 {
        record.take(.sending(0, number: index * 2 + 1, atMilliseconds: Double(index) * 500))
        record.take(.published(0, number: index * 2 + 1, subscribers: [:]))
      }
      facts = record.facts(until: 30_000)
      #expect(facts.streams[0].unheard == expected && facts.streams[0].wasSubscribed == nil)
    }
  }

  @Test("another Redis's messages are no loss of an instance that does not use it")
  func otherRedis() {
    var watch = Watch(streams: 1, publishers: 2)
    for index in 0..<60 {
      for publisher in 0...1 {
        let number = index * 2 + publisher + 1
        let time = Double(index) * 500
        watch.record.take(.sending(publisher, number: number, atMilliseconds: time))
        if publisher == 1 { watch.record.take(.heard(0, number: number, atMilliseconds: time)) }
        watch.record.take(.published(publisher, number: number, subscribers: [:]))
      }
    }
    #expect(watch.record.facts(until: 30_000).streams[0].losses.isEmpty)
    #expect(watch.record.facts(until: 30_000).streams[0].heard == 60)
  }

  @Test("numbers that were never sent, and those that come again, count for nothing")
  func hostile() {
    var watch = Watch()
    watch.publish(3)
    for number in [-1, 0, 4, 999_999_999, .max, 2] {
      watch.record.take(.heard(0, number: number, atMilliseconds: 1))
    }
    #expect(watch.stream.heard == 3)
  }

  @Test("attempts that fail are counted, the first ten kept, also before a stream was ever open")
  func attempts() {
    var record = RolloutRecord(
      RolloutFacts(
        channel: nil, reconnection: .backOff, streams: [RolloutFacts.Stream(target: 0, url: "http://a/")],
        publishers: .unseen(.notAsked)))
    for number in 0..<12 { record.take(.failed(0, .init(atMilliseconds: Double(number), status: 502, "status 502"))) }
    var gap = record.facts(until: 100).streams[0].gaps[0]
    #expect(gap.failureCount == 12 && gap.failures.count == 10 && gap.end == nil && gap.backMilliseconds == nil)
    record.take(.opened(0, atMilliseconds: 50))
    gap = record.facts(until: 100).streams[0].gaps[0]
    #expect(gap.backMilliseconds == 50)
    #expect(record.facts(until: 100).streams[0].drops.isEmpty)
  }
}
