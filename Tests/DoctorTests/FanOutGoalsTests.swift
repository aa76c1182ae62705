import Facts
import StreamProbe
import Testing

@testable import Doctor

@Suite("What ends the watch of a fan-out's streams")
struct FanOutGoalsTests {
  private let channel = "flowpanel-doctor.x"

  /// The goals of a fan-out over two instances and one public stream: the public one is first, the instances' follow.
  private func goals(
    system: System = .flowpanel, publishers: Int = 1, cells: Int = 1,
    _ change: (inout FanOutInputs) -> Void = { $0.connections = 1 }
  ) -> WatchGoals {
    let plan = fanOutPlan(instances: 2, system: system, change)
    let targets = fanOutTargets(plan, cells: cells)
    let drive = fanOutDriving(plan).fanningOut(plan.fanOut, to: targets)
    return WatchGoals(targets, publishers: publishers, watch: .heartbeat, of: system, drive)
  }

  private func look(at milliseconds: Double, _ own: [Int], prefix: String = "flowpanel:") -> StreamDrive.Look {
    StreamDrive.Look(
      atMilliseconds: milliseconds,
      subscribers: Dictionary(uniqueKeysWithValues: own.map { ("\(prefix)\(channel).\($0)", 1) }))
  }

  /// What was published: one under each of three names, and then so many under all.
  private func publisher(
    quick: Int = 5, receivers: Int? = 3, burst: Int? = 10, burstReceivers: Int = 2, looks: [StreamDrive.Look]? = nil
  ) -> StreamDrive.Publisher {
    var publisher = StreamDrive.Publisher(
      redisURL: "redis://a:6379/0",
      publications: (1...3 + quick).map { number in
        StreamDrive.Publication(
          number: number, sentMilliseconds: 0, receivers: receivers, name: number <= 3 ? "n\(number)" : nil)
      })
    publisher.looks = looks.map { .seen($0) }
    publisher.burst = burst.map {
      StreamDrive.Burst(count: $0, sentMilliseconds: 0, answeredMilliseconds: 1, receivers: burstReceivers)
    }
    return publisher
  }

  private let ready = StreamFacts.Arrival(.event(type: "ready", data: "{}"), atMilliseconds: 10)

  private func begin(
    _ goals: inout WatchGoals, streams: [Int] = [0, 1, 2], with handshake: StreamFacts.Arrival.Content? = nil
  ) {
    for stream in streams {
      goals.begin(stream, atMilliseconds: 0)
      goals.take(handshake.map { StreamFacts.Arrival($0, atMilliseconds: 10) } ?? ready, of: stream)
    }
  }

  private func hear(_ goals: inout WatchGoals, _ numbers: some Sequence<Int>, on streams: [Int]) {
    for stream in streams {
      for number in numbers {
        goals.take(
          StreamFacts.Arrival(.event(type: "message", data: ""), atMilliseconds: 50, probeNumber: number), of: stream)
      }
    }
  }

  private func reached(_ goals: WatchGoals) -> [Bool] { (0...2).map(goals.isReached) }

  @Test("all that was published under all names and the burst, on every stream; they end together")
  func together() {
    var goals = goals()
    begin(&goals)
    goals.take(publisher(looks: [look(at: 100, [0, 1, 2])]), of: 0)
    hear(&goals, [2, 4, 5, 6, 7, 8], on: [0, 1])
    for stream in [1, 2] { goals.takeBurst(10, of: stream) }
    hear(&goals, [2, 4, 5, 6, 7], on: [2])
    #expect(reached(goals) == [false, false, false])
    hear(&goals, [8], on: [2])
    #expect(reached(goals) == [true, true, true])
    // What is over once stays so.
    goals.take(publisher(quick: 9, looks: [look(at: 5000, [])]), of: 0)
    #expect(reached(goals) == [true, true, true])
  }

  @Test("a burst that is not whole keeps all open, and so does one that is not out")
  func burst() {
    var goals = goals()
    begin(&goals)
    goals.take(publisher(burst: nil, looks: [look(at: 100, [0, 1, 2])]), of: 0)
    hear(&goals, 4...8, on: [0, 1, 2])
    #expect(reached(goals) == [false, false, false])
    goals.take(publisher(looks: [look(at: 100, [0, 1, 2])]), of: 0)
    goals.takeBurst(10, of: 1)
    goals.takeBurst(9, of: 2)
    #expect(reached(goals) == [false, false, false])
    goals.takeBurst(10, of: 2)
    #expect(reached(goals) == [true, true, true])
  }

  @Test("a stream that nobody is subscribed for ends with the others, three seconds after it began at the earliest")
  func silent() {
    var goals = goals()
    begin(&goals)
    // The second instance's own channel, 1, has no subscriber.
    goals.take(publisher(looks: [look(at: 100, [0, 2])]), of: 0)
    hear(&goals, 4...8, on: [0, 1])
    goals.takeBurst(10, of: 1)
    #expect(reached(goals) == [false, false, false])
    goals.take(publisher(looks: [look(at: 100, [0, 2]), look(at: 3005, [0, 2])]), of: 0)
    #expect(reached(goals) == [false, false, false])
    goals.take(publisher(looks: [look(at: 100, [0, 2]), look(at: 3011, [0, 2])]), of: 0)
    #expect(reached(goals) == [true, true, true])
  }

  @Test("a stream that is subscribed for and brings nothing is waited for")
  func held() {
    var goals = goals()
    begin(&goals)
    goals.take(publisher(looks: [look(at: 9000, [0, 1, 2])]), of: 0)
    hear(&goals, 4...8, on: [0, 1])
    for stream in [1, 2] { goals.takeBurst(10, of: stream) }
    #expect(reached(goals) == [false, false, false])
    goals.end(2)
    #expect(reached(goals) == [true, true, true])
  }

  @Test("one that never began keeps them open until it is over")
  func unbegun() {
    var goals = goals()
    begin(&goals, streams: [0, 1])
    goals.take(publisher(looks: [look(at: 9000, [0, 2])]), of: 0)
    hear(&goals, 4...8, on: [0, 1])
    goals.takeBurst(10, of: 1)
    #expect(reached(goals) == [false, false, false])
    goals.end(2)
    #expect(reached(goals) == [true, true, true])
  }

  @Test("under any prefix somebody is subscribed, and one who hears nothing there is not waited for on another server")
  func prefix() {
    var goals = goals(publishers: 2)
    begin(&goals)
    goals.take(publisher(looks: [look(at: 4000, [0, 1, 2], prefix: "acme:")]), of: 0)
    var other = publisher(burst: 0, looks: [look(at: 4000, [])])
    for index in other.publications.indices { other.publications[index].number += 100 }
    goals.take(other, of: 1)
    for stream in [1, 2] { goals.takeBurst(10, of: stream) }
    #expect(reached(goals) == [false, false, false])
    hear(&goals, 4...8, on: [0, 1, 2])
    #expect(reached(goals) == [true, true, true])
  }

  @Test("where nobody counted, what was taken by somebody is waited for")
  func noLooks() {
    var goals = goals()
    begin(&goals)
    goals.take(publisher(receivers: 1), of: 0)
    hear(&goals, 4...8, on: [0, 1])
    #expect(reached(goals) == [false, false, false])
    hear(&goals, 4...8, on: [2])
    goals.takeBurst(10, of: 1)
    #expect(reached(goals) == [false, false, false])
    goals.takeBurst(10, of: 2)
    #expect(reached(goals) == [true, true, true])
    var nobody = self.goals()
    begin(&nobody)
    nobody.take(publisher(receivers: 0, burstReceivers: 0), of: 0)
    #expect(reached(nobody) == [true, true, true])
  }

  @Test(
    "a burst that is not asked for, that nobody listens to or that nobody got is not waited for",
    arguments: [true, false])
  func noBurst(_ isCounted: Bool) {
    for (count, receivers) in [(10, 0), (0, 0)] {
      var goals = goals()
      begin(&goals)
      goals.take(
        publisher(burst: count, burstReceivers: receivers, looks: isCounted ? [look(at: 100, [0, 1, 2])] : nil), of: 0)
      hear(&goals, 4...8, on: [0, 1, 2])
      #expect(reached(goals) == [true, true, true])
    }
    var none = goals {
      $0.connections = 1
      $0.burst = 0
    }
    begin(&none)
    none.take(publisher(burst: nil, looks: isCounted ? [look(at: 100, [0, 1, 2])] : nil), of: 0)
    hear(&none, 4...8, on: [0, 1])
    #expect(reached(none) == [false, false, false])
    hear(&none, 4...8, on: [2])
    #expect(reached(none) == [true, true, true])
  }

  @Test("the bursts of all who publish on a server are waited for")
  func twoBursts() {
    var goals = goals(publishers: 2)
    begin(&goals)
    for index in 0...1 { goals.take(publisher(looks: [look(at: 100, [0, 1, 2])]), of: index) }
    hear(&goals, 4...8, on: [0, 1, 2])
    for stream in [1, 2] { goals.takeBurst(19, of: stream) }
    #expect(reached(goals) == [false, false, false])
    for stream in [1, 2] { goals.takeBurst(20, of: stream) }
    #expect(reached(goals) == [true, true, true])
  }

  @Test("where nothing could be published all end at once")
  func failure() {
    var goals = goals()
    begin(&goals)
    goals.take(StreamDrive.Publisher(redisURL: "redis://a:6379/0", failure: "TCP connect: refused"), of: 0)
    #expect(reached(goals) == [true, true, true])
  }

  @Test("what is opened beside them, for the channels that one stream does not take, ends with them")
  func helpers() {
    let count = fanOutTargets(fanOutPlan(instances: 2) { $0.connections = 23 }, cells: 1).count
    var goals = goals { $0.connections = 23 }
    #expect(count == 23 + 2 + 2)
    for stream in 0..<count {
      goals.begin(stream, atMilliseconds: 0)
      goals.take(ready, of: stream)
    }
    #expect(!(0..<count).contains(where: goals.isReached))
    goals.take(StreamDrive.Publisher(redisURL: "redis://a:6379/0", failure: "TCP connect: refused"), of: 0)
    #expect((0..<count).allSatisfy(goals.isReached))
  }

  @Test("streams of one channel have what they bring, and end with the others where they bring nothing")
  func oneChannel() {
    var goals = goals(system: .redisStreams)
    begin(&goals, with: .comment(text: "connected"))
    let look = { StreamDrive.Look(atMilliseconds: $0, subscribers: ["sse:channel:flowpanel-doctor.x": 2]) }
    goals.take(publisher(burst: 0, looks: [look(100)]), of: 0)
    hear(&goals, 4...8, on: [0, 1])
    #expect(reached(goals) == [false, false, false])
    goals.take(publisher(burst: 0, looks: [look(3500)]), of: 0)
    #expect(reached(goals) == [true, true, true])
  }

  @Test("of a channel that the application has fixed one message is enough")
  func fixedChannel() {
    var goals = goals(system: .testplanit) {
      $0.connections = 1
      $0.fixedChannel = "notifications:tenant:default:user:42"
    }
    begin(&goals, with: .event(type: "message", data: #"{"event":"sync"}"#))
    var publisher = StreamDrive.Publisher(
      redisURL: "redis://a:6379/0",
      publications: [
        StreamDrive.Publication(
          number: 1, sentMilliseconds: 0, receivers: 2, name: "notifications:tenant:default:user:42")
      ])
    publisher.looks = .seen([
      StreamDrive.Look(atMilliseconds: 100, subscribers: ["notifications:tenant:default:user:42": 2])
    ])
    goals.take(publisher, of: 0)
    hear(&goals, [1], on: [0, 1])
    #expect(reached(goals) == [false, false, false])
    hear(&goals, [1], on: [2])
    #expect(reached(goals) == [true, true, true])
  }

  @Test("the other cells of a URL have goals of their own")
  func otherCells() {
    var goals = goals(cells: 2)
    #expect(goals.isOfFanOut(0) && !goals.isOfFanOut(1))
    goals.begin(1, atMilliseconds: 0)
    goals.take(ready, of: 1)
    goals.take(publisher(receivers: 1), of: 0)
    hear(&goals, 4...8, on: [1])
    #expect(goals.isReached(by: 1))
    #expect(!goals.isReached(by: 0))
  }
}
