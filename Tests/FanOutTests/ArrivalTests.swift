import Facts
@testable import FanOut
import Testing

@Suite("What came of what was published")
struct ArrivalTests {
  private func arrival(
    of instance: String = "web-1", _ change: (inout World) -> Void = { _ in },
    _ drive: (inout StreamDrive) -> Void = { _ in }
  ) throws -> FanOutMatrix.Arrival {
    let matrix = try #require(FanOutMatrix(World(change).facts(drive)))
    return try #require(matrix.rows.first { $0.instance == instance }?.direct).arrival
  }

  @Test("all, and how late the latest was; of those under one name, its own")
  func healthy() throws {
    let arrival = try arrival()
    #expect(arrival == FanOutMatrix.Arrival(came: 6, lost: 0, repeated: 0, disordered: 0, latest: 5, isWrapped: true))
    #expect(
      try self.arrival { _ in
      } _: {
        $0.streams[0].heard[3].milliseconds += 600
      }.latest == 605)
  }

  @Test("those under a name that it does not listen to are not missed")
  func names() throws {
    let matrix = try arrival { $0.processes[0].prefixes = [""] }
    #expect(matrix.came == 6 && matrix.lost == 0)
  }

  @Test("what was sent while it listened is missed once a later one came, or after long")
  func lost() throws {
    let none = { (drive: inout StreamDrive) in
      drive.streams[0].heard.removeAll()
      drive.streams[0].endMilliseconds = 11_000
    }
    // Under all names at 1,200 to 2,400, answered a millisecond later.
    #expect(try arrival({ _ in }, none).lost == 5)
    #expect(
      try arrival({ _ in }) {
        none(&$0)
        $0.streams[0].endMilliseconds = 10_000
      }.lost == 3)
    #expect(
      try arrival({ _ in }) {
        none(&$0)
        $0.publishers[0].publications[4].answeredMilliseconds = nil
      }.lost == 4)
    // However soon the end, what comes after one that a later one overtook comes no more.
    let one = { (place: Int) in
      try arrival({ _ in }) {
        $0.streams[0].heard = [$0.streams[0].heard[place]]
        $0.streams[0].endMilliseconds = 3000
      }
    }
    #expect(try one(3).lost == 2)
    #expect(try one(1).lost == 0)
  }

  @Test(
    "it listens from when its own channel is seen to have a subscriber; else from what it heard first, or its handshake"
  )
  func begin() throws {
    func lost(
      _ change: (inout World) -> Void, hearing places: Range<Int> = 0..<0, _ handshake: Double? = 20
    ) throws -> Int {
      try arrival(change) {
        $0.streams[0].heard = Array($0.streams[0].heard[places])
        $0.streams[0].handshakeMilliseconds = handshake
        $0.streams[0].endMilliseconds = 11_000
      }.lost
    }
    let seenLate = { (world: inout World) in world.lookTimes = [1300, 4000, 9000] }
    #expect(try lost(seenLate) == 4)
    #expect(try lost(seenLate, nil) == 4)
    let unseen = { (world: inout World) in world.redis[0].isCounted = false }
    #expect(try lost(unseen, 1300) == 4)
    #expect(try lost(unseen, nil) == 0)
    // The third that it would hear was sent at 1,500.
    #expect(try lost(unseen, hearing: 2..<3) == 3)
  }

  @Test("a subscriber that comes 300 ms after its stream began has lost nothing")
  func late() throws {
    let arrival = try arrival {
      $0.lookTimes = [200, 620, 4000, 9000]
      $0.processes[0].subscribes = 620
      // Under all names from 600 on.
      $0.prefixes = ["flowpanel:"]
    } _: {
      $0.streams[0].handshakeMilliseconds = 320
    }
    #expect(arrival.came == 4 && arrival.lost == 0 && arrival.disordered == 0)
  }

  @Test("bursts of two publishers on one server are two, of which nothing came twice and nothing is lost")
  func twoBursts() throws {
    var world = World { $0.redis.append(World.Redis("cache", database: 1)) }
    world.publicSeats = []
    let facts = world.facts { drive in
      for index in 0...1 {
        drive.publishers[index].burst = StreamDrive.Burst(
          count: 1000, sentMilliseconds: 3000, answeredMilliseconds: 3010, receivers: 2)
        drive.publishers[index].burst?.first = 1 + 1000 * index
        drive.streams[index].burst = FanOutStream.Burst()
        drive.streams[index].burst?.count = 2000
        drive.streams[index].burst?.came = [1...2000]
      }
    }
    let matrix = try #require(FanOutMatrix(facts))
    for row in matrix.rows {
      let direct = try #require(row.direct)
      #expect(matrix.bursts(for: direct).map(\.first) == [1, 1001])
      #expect(direct.arrival.repeated == 0 && direct.arrival.lost == 0 && direct.arrival.disordered == 0)
    }
  }

  @Test("what was published on another server is not missed, also where Redis does not say who is subscribed where")
  func otherServer() throws {
    let two = { (world: inout World) in world.redis.append(World.Redis("other", "b")) }
    #expect(try arrival(two).came == 6)
    #expect(try arrival(two).lost == 0)
    let late = try arrival {
      two(&$0)
      for index in 0...1 { $0.redis[index].isCounted = false }
    } _: {
      // It came too late for the messages under one name, which tell where it is subscribed.
      $0.streams[0].heard.removeFirst()
    }
    #expect(late.came == 5 && late.lost == 0)
  }

  @Test("what came again, but not what was published under two names that it listens to")
  func repeated() throws {
    let twice = try arrival({ _ in }) { $0.streams[0].heard += $0.streams[0].heard.suffix(2) }
    #expect(twice.came == 6 && twice.repeated == 2 && twice.disordered == 0)
    let both = try arrival { $0.processes[0].prefixes = ["", "flowpanel:"] }
    #expect(both.came == 7 && both.repeated == 0)
    let bothTwice = try arrival {
      $0.processes[0].prefixes = ["", "flowpanel:"]
    } _: {
      $0.streams[0].heard.append(FanOutStream.Heard(2, atMilliseconds: 4000))
    }
    #expect(bothTwice.repeated == 1)
    var burst = FanOutStream.Burst()
    (burst.repeated, burst.disordered) = (3, 2)
    let ofBurst = try arrival({ _ in }) { $0.streams[0].burst = burst }
    #expect(ofBurst.repeated == 3 && ofBurst.disordered == 2)
  }

  @Test("what came after a later one, each publisher counted by itself")
  func disordered() throws {
    #expect(try arrival({ _ in }) { $0.streams[0].heard.swapAt(2, 3) }.disordered == 1)
    let two = { (world: inout World) in world.redis.append(World.Redis("cache", database: 1)) }
    // Numbers 1, 3, … came through the one, and 2, 4, … through the other.
    let matrix = try arrival(two) { drive in
      drive.streams[0].heard.sort { ($0.number % 2, $0.number) < ($1.number % 2, $1.number) }
    }
    #expect(matrix.came == 12 && matrix.disordered == 0 && matrix.lost == 0)
  }

  @Test("a number that nobody published is nothing that came")
  func madeUp() throws {
    let arrival = try arrival({ _ in }) {
      $0.streams[0].heard = [FanOutStream.Heard(999, atMilliseconds: 2000), FanOutStream.Heard(-1, atMilliseconds: 1)]
      $0.streams[0].endMilliseconds = 11_000
    }
    #expect(arrival.came == 0 && arrival.latest == nil && arrival.lost == 5)
  }

  @Test("a name of its own and in what shape it came")
  func shape() throws {
    #expect(try arrival({ _ in }) { $0.streams[0].heard = [] }.isWrapped == nil)
    #expect(try arrival({ _ in }) { $0.streams[0].heard[0].isWrapped = false }.isWrapped == false)
  }
}
