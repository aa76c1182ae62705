import Facts
import RedisProbe
import StreamProbe
import Testing

@testable import Doctor

/// A plan for a fan-out over so many instances, each with its own URL, and these public ones.
func fanOutPlan(
  instances: Int, publicURLs: Int = 1, system: System = .flowpanel, _ change: (inout FanOutInputs) -> Void = { _ in }
) -> Plan {
  var fanOut = FanOutInputs()
  change(&fanOut)
  var plan = Plan(
    configPath: ".",
    instances: (0..<instances).map { Plan.Instance(name: "web-\($0 + 1)", environment: .notGiven) },
    timeout: .seconds(30))
  plan.system = system
  plan.fanOut = fanOut
  plan.publicURLs = (0..<publicURLs).map { "https://admin-\($0)/s" }
  return plan
}

/// What the plan publishes.
func fanOutDriving(_ plan: Plan) -> Driving {
  Driving(
    channel: DriveChannel(of: plan.system, nonce: "x", fixedName: plan.fanOut?.fixedChannel),
    silence: DriveChannel(of: plan.system, nonce: "y"), targets: [])
}

/// The streams of a fan-out: each URL in so many cells, the public ones first.
func fanOutTargets(_ plan: Plan, cells: Int = 2) -> [StreamTarget] {
  var urls = plan.publicURLs.map { StreamTarget(url: $0) }
  urls += plan.instances.map { StreamTarget(url: "http://\($0.name)/s", instance: $0.name) }
  let drive = fanOutDriving(plan)
  return plan.fanningOut(
    urls.enumerated().flatMap { number, target in
      (0..<cells).map { cell in
        var target = target
        target.number = number
        target.cell = StreamCell(coding: cell == 0 ? .browser : .identity)
        target.channel = (drive.channel, true)
        return target
      }
    }, drive)
}

@Suite("The streams that show whom an event reaches")
struct FanOutTargetsTests {
  private let name = "flowpanel-doctor.x"

  @Test("one of each instance, and enough at a public URL that a balancer leaves none out by chance")
  func streams() {
    let targets = fanOutTargets(fanOutPlan(instances: 3))
    let streams = targets.filter { $0.fanOutIndex != nil }
    #expect(streams.compactMap(\.fanOutIndex).sorted() == Array(0..<24))
    #expect(streams.filter { $0.instance != nil }.map(\.fanOutIndex) == [0, 1, 2])
    #expect(streams.count { $0.instance == nil } == 21)
    // A browser's own cell is the one that is looked at; those beside it are nobody else's.
    #expect(streams.filter(\.isReported).allSatisfy { $0.cell.coding == .browser })
    #expect(streams.count(where: \.isReported) == 4)
    #expect(targets.count(where: \.isReported) == 8)
  }

  @Test("each on a channel of its own; those of several cells listen to none of them")
  func own() {
    for target in fanOutTargets(fanOutPlan(instances: 3)) {
      let channels = target.furtherChannels
      if let index = target.fanOutIndex {
        #expect(channels.first == DriveChannel.own(index, of: name))
      } else if target.isReported {
        #expect(channels.isEmpty && target.burst == nil)
      }
    }
  }

  @Test(
    "no stream is asked for more than 25 channels, and each public one shares one with every instance's",
    arguments: [(1, 4), (2, 14), (3, 21), (6, 40), (22, 40), (3, 200)])
  func shared(_ instances: Int, _ connections: Int) {
    let targets = fanOutTargets(fanOutPlan(instances: instances, publicURLs: 2) { $0.connections = connections })
    let publicStreams = targets.filter { $0.fanOutIndex != nil && $0.instance == nil }
    #expect(publicStreams.count == 2 * connections)
    for target in targets { #expect(1 + target.furtherChannels.count + (target.burst == nil ? 0 : 1) <= 25) }
    for (index, instance) in (1...instances).map({ "web-\($0)" }).enumerated() {
      // Beside those, each further stream has a channel that shows whether it is there.
      let theirs = targets.filter { $0.instance == instance }
        .flatMap { $0.fanOutIndex == nil ? $0.furtherChannels.dropFirst() : $0.furtherChannels[...] }
      let names = publicStreams.compactMap(\.fanOutIndex).map { DriveChannel.shared($0, index, of: name) }
      #expect(Set(theirs) == Set(names + [DriveChannel.own(index, of: name)]))
      #expect(theirs.count == names.count + 1)
      for (stream, shared) in zip(publicStreams, names) { #expect(stream.furtherChannels.contains(shared)) }
    }
    // What is opened for that alone is nobody else's, and no stream of the fan-out.
    let helpers = targets.filter { $0.fanOutIndex == nil && !$0.isReported }
    #expect(helpers.allSatisfy { $0.burst == nil && !$0.furtherChannels.isEmpty && $0.instance != nil })
    #expect(helpers.isEmpty == (2 * connections <= 22))
    let marks = (0..<instances).flatMap { index in
      (0..<2 * connections).compactMap { DriveChannel.helper(index, forPublic: $0, of: name) }
    }
    #expect(Set(helpers.compactMap(\.furtherChannels.first)) == Set(marks))
    #expect(marks.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9_.:\-]{1,128}/) != nil }, "as flowpanel takes them")
  }

  @Test("beyond what a stream takes no channels are shared, and no more than 40 are opened at a public URL")
  func many() {
    let targets = fanOutTargets(fanOutPlan(instances: 23), cells: 1)
    #expect(targets.count == 23 + 40)
    #expect(targets.allSatisfy { $0.furtherChannels.count == 1 })
  }

  @Test("how many at a public URL", arguments: [(0, 4), (1, 7), (2, 14), (5, 35), (6, 40), (100, 40)])
  func connections(_ instances: Int, _ expected: Int) {
    let targets = fanOutTargets(fanOutPlan(instances: instances), cells: 1)
    #expect(targets.count { $0.instance == nil } == expected)
    let given = fanOutTargets(fanOutPlan(instances: instances) { $0.connections = 1 }, cells: 1)
    #expect(given.count { $0.instance == nil } == 1)
  }

  @Test("the burst goes to every instance's stream; without one to the first public one alone; or to none")
  func burst() {
    let direct = fanOutTargets(fanOutPlan(instances: 2)).filter { $0.burst != nil }
    #expect(direct.map(\.instance) == ["web-1", "web-2"])
    #expect(direct.first?.burst?.channel.name == "\(name).burst")
    let none = fanOutTargets(fanOutPlan(instances: 0)).filter { $0.burst != nil }
    #expect(none.count == 1 && none.first?.fanOutIndex == 0)
    #expect(fanOutTargets(fanOutPlan(instances: 2) { $0.burst = 0 }).allSatisfy { $0.burst == nil })
  }

  @Test("a channel that the application has fixed gets one stream at each URL, which names nothing else")
  func fixedChannel() {
    let plan = fanOutPlan(instances: 2, system: .testplanit) {
      $0.fixedChannel = "notifications:tenant:default:user:42"
    }
    let targets = fanOutTargets(plan, cells: 1)
    #expect(targets.map(\.fanOutIndex) == [2, 0, 1])
    #expect(targets.allSatisfy { $0.furtherChannels.isEmpty && $0.burst == nil })
    #expect(fanOutDriving(plan).fanningOut(plan.fanOut, to: targets).fanOut?.burst == 0)
    #expect(fanOutDriving(plan).fanningOut(plan.fanOut, to: targets).fanOut?.channels == [])
  }

  @Test("a system whose streams take one channel has no more than that, and fewer streams")
  func redisStreams() {
    let targets = fanOutTargets(fanOutPlan(instances: 3, system: .redisStreams), cells: 1)
    #expect(targets.count { $0.instance == nil } == 6)
    #expect(targets.count == 9)
    #expect(targets.allSatisfy { $0.furtherChannels.isEmpty && $0.burst == nil })
    #expect(fanOutTargets(fanOutPlan(instances: 9, system: .redisStreams), cells: 1).count == 9 + 8)
  }

  @Test("a run without a fan-out opens what it would")
  func none() {
    var plan = fanOutPlan(instances: 2)
    plan.fanOut = nil
    let targets = fanOutTargets(plan)
    #expect(targets.count == 6)
    #expect(targets.allSatisfy { $0.fanOutIndex == nil && $0.isReported })
  }

  @Test("a stream that enters on the way is none of them")
  func via() {
    let plan = fanOutPlan(instances: 0) { $0.connections = 2 }
    var hop = StreamTarget(url: "http://hop/s")
    hop.number = 1
    hop.via = 1
    let targets = plan.fanningOut([StreamTarget(url: "https://admin/s"), hop], fanOutDriving(plan))
    #expect(targets.map(\.fanOutIndex) == [0, nil, 1])
  }

  @Test("subscribers are counted of every channel that some stream listens to, each once")
  func counted() {
    let plan = fanOutPlan(instances: 2) { $0.connections = 2 }
    let drive = fanOutDriving(plan).fanningOut(plan.fanOut, to: fanOutTargets(plan))
    let own = (0...3).map { DriveChannel.own($0, of: name) }
    let shared = (2...3).flatMap { first in (0...1).map { DriveChannel.shared(first, $0, of: name) } }
    #expect(Set(drive.fanOut?.channels ?? []) == Set(own + shared + ["\(name).burst"]))
    #expect(drive.fanOut?.channels.count == 9 && drive.fanOut?.burst == 1000)
    #expect(fanOutDriving(plan).fanningOut(nil, to: []).fanOut == nil)
  }
}

@Suite("What a stream tells of the fan-out")
struct FanOutStreamTests {
  @Test("its times on the run's clock, the run's own messages, and the shape they came in")
  func facts() {
    var stream = StreamFacts(
      url: "https://admin/s", phases: StreamFacts.Phases(),
      outcome: .response(StreamFacts.Response(status: 200)),
      arrivals: [
        StreamFacts.Arrival(.event(type: "message", data: "early"), atMilliseconds: 5, probeNumber: 9),
        StreamFacts.Arrival(.event(type: "ready", data: "{}"), atMilliseconds: 10),
        StreamFacts.Arrival(.comment(text: "keep-alive"), atMilliseconds: 11),
        StreamFacts.Arrival(.event(type: "message", data: #"{"action":"#), atMilliseconds: 20, probeNumber: 1),
        StreamFacts.Arrival(.event(type: "message", data: #"{"channel":"c""#), atMilliseconds: 30, probeNumber: 2),
      ], end: .closedByProbe, watchedMilliseconds: 500)
    stream.beganMilliseconds = 100
    stream.target = 3
    stream.instance = "web-1"
    stream.burst = FanOutStream.Burst()
    let facts = FanOutStream(stream, index: 7, handshake: System.flowpanel.handshake)
    #expect(facts.index == 7 && facts.target == 3 && facts.instance == "web-1" && facts.url == "https://admin/s")
    #expect(facts.handshakeMilliseconds == 110 && facts.endMilliseconds == 600)
    #expect(facts.heard.map(\.number) == [9, 1, 2])
    #expect(facts.heard.map(\.milliseconds) == [105, 120, 130])
    #expect(facts.heard.map(\.isWrapped) == [false, false, true])
    #expect(facts.burst == FanOutStream.Burst())
    stream.arrivals = []
    #expect(FanOutStream(stream, index: 0, handshake: System.flowpanel.handshake).handshakeMilliseconds == nil)
  }
}
