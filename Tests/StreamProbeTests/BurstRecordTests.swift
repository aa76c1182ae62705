import Facts
import ReferenceOrigin
import Synchronization
import TestServers
import Testing
import Transport

@testable import StreamProbe

@Suite("What came of a burst")
struct BurstRecordTests {
  private func record(_ numbers: [String]) -> (record: BurstRecord, taken: [Bool]) {
    var record = BurstRecord(on: "c.burst", block: 1000)
    let taken = numbers.enumerated().map { index, number in
      bytes(#"{"id":"c.burst:\#(number)"}"#).withUnsafeBytes { record.take($0, at: Double(index)) }
    }
    return (record, taken)
  }

  private func facts(_ numbers: [Int]) -> FanOutStream.Burst {
    record(numbers.map(String.init)).record.facts(startingAt: 0)
  }

  @Test("the numbers in ranges, whatever their order, and what came again or late")
  func ranges() {
    let whole = facts(Array(1...1000))
    #expect(whole.came == [1...1000] && whole.count == 1000 && whole.repeated == 0 && whole.disordered == 0)
    let holes = facts([1, 2, 5, 7, 8, 9])
    #expect(holes.came == [1...2, 5...5, 7...9] && holes.count == 6)
    let late = facts([1, 3, 2, 4, 2, 4, 9, 5])
    #expect(late.came == [1...5, 9...9] && late.count == 6 && late.repeated == 2 && late.disordered == 2)
    #expect(facts([]).came.isEmpty && facts([]).lastMilliseconds == nil)
  }

  @Test("each publisher's numbers have an order of their own")
  func publishers() {
    let mixed = facts([1001, 1, 1002, 2, 1003, 3])
    #expect(mixed.came == [1...3, 1001...1003] && mixed.disordered == 0 && mixed.repeated == 0)
    let late = facts([1, 1002, 3, 1001, 2, 1003])
    #expect(late.disordered == 2 && late.repeated == 0)
    #expect(facts([1000, 1001, 999, 2000, 2001]).disordered == 1)
  }

  @Test("when the last one came, on the clock of the run")
  func times() {
    #expect(record(["1", "2", "3"]).record.facts(startingAt: 100).lastMilliseconds == 102)
    #expect(record(["1", "1"]).record.facts(startingAt: 0).lastMilliseconds == 1)
    #expect(record(["1", "x"]).record.facts(startingAt: 0).lastMilliseconds == 0)
  }

  @Test("no number that a burst can't have is one of it")
  func hostile() {
    let (record, taken) = record(["0", "-1", "", "x", "1000001", "999999999", "1000000000", "99999999999999999999"])
    #expect(taken.allSatisfy { !$0 })
    #expect(record.count == 0 && record.facts(startingAt: 0) == FanOutStream.Burst())
    #expect(self.record(["1000000"]).record.facts(startingAt: 0).came == [1_000_000...1_000_000])
    #expect(self.record(["007"]).record.facts(startingAt: 0).came == [7...7])
  }

  @Test("of too many ranges the first thousand are kept, and all are counted")
  func bounds() {
    let odd = facts(stride(from: 1, through: 99_999, by: 2).map { $0 })
    #expect(odd.count == 50_000)
    #expect(odd.came.count == FanOutStream.Burst.maximumRanges)
    #expect(odd.came.last == 1999...1999)
  }
}

@Suite("A stream that listens to further channels, and to a burst", .timeLimit(.minutes(5)))
struct BurstStreamTests {
  @Test(
    "keeps the numbers of the burst alone, and of the further channels each event", arguments: OriginConvention.allCases
  )
  func burst(_ convention: OriginConvention) async throws {
    let channel = DriveChannel(of: .flowpanel, nonce: "5f3a")
    try await RedisServer.withServer { redis in
      try await withOrigin {
        $0.convention = convention
        $0.fanOut = .redis(OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: redis.port)))
      } _: { origin in
        var target = StreamTarget(url: origin.url)
        target.channel = (channel, true)
        target.furtherChannels = [channel.own(0), DriveChannel.shared(1, 0, of: channel.name)]
        target.burst = (channel.burst, 1000)
        let counts = Mutex<[Int]>([])
        let probe = StreamProbe(
          watch: .seconds(120),
          stop: StreamStop {
            if case .event(_, let data) = $0 { data.contains("\(channel.name):1") } else { false }
          })
        async let watching = probe.facts(of: target, over: try Transport()) { news in
          if case .burst(let count) = news { counts.withLock { $0.append(count) } }
        }
        let names = [channel.name, channel.burst.name] + target.furtherChannels
        try await wait(for: "subscribers of all channels") {
          try await redis.replies(to: "PUBSUB CHANNELS *").split(separator: "flowpanel-doctor.5f3a").count > names.count
        }
        func publish(_ message: String, on channel: DriveChannel, as name: String) -> String {
          channel.redisNames(of: name, nil).map { "PUBLISH \($0) \"\(message.replacing("\"", with: "\\\""))\"" }
            .joined(separator: "\r\n")
        }
        let numbers = Array(1...400) + Array(411...500) + [500, 405]
        let burst = numbers.map { number in
          publish(channel.burst.message(number, unixMilliseconds: 1), on: channel, as: channel.burst.name)
        }
        let own = channel.own(0)
        _ = try await redis.replies(
          to: (burst + [
            publish(#"{"id":"\#(own):7"}"#, on: channel, as: own),
            publish(channel.message(1, unixMilliseconds: 1), on: channel, as: channel.name),
          ]).joined(separator: "\r\n"))
        let facts = try await watching
        let came = try #require(facts.burst)
        #expect(came.came == [1...400, 405...405, 411...500])
        #expect(came.count == 491 && came.repeated == 1 && came.disordered == 1)
        let last = try #require(came.lastMilliseconds)
        #expect(last >= facts.beganMilliseconds && last <= facts.beganMilliseconds + facts.watchedMilliseconds)
        #expect(counts.withLock { $0 }.last == 491)
        // Beside the handshake only what came on the other channels.
        #expect(facts.arrivals.map(\.probeNumber) == [nil, nil, 1])
        #expect(facts.url == origin.url)
      }
    }
  }

  @Test("knows of no burst where it listens to none")
  func none() async throws {
    try await withOrigin { origin in
      let facts = try await watch(origin.url, events: 1)
      #expect(facts.burst == nil)
    }
  }
}
