import Facts
import FanOut
import Testing

private let flowpanel = "flowpanel: at \(World.url)"

@Suite("Who is subscribed")
struct HearingTests {
  private func matrix(
    _ change: (inout World) -> Void = { _ in }, _ drive: (inout StreamDrive) -> Void = { _ in }
  ) throws -> FanOutMatrix { try #require(FanOutMatrix(World(change).facts(drive))) }

  @Test("there is no matrix of a run that had no fan-out")
  func none() {
    #expect(FanOutMatrix(Facts()) == nil)
    #expect(FanOutMatrix(World().facts { $0.fanOut = nil }) == nil)
  }

  @Test("every instance, under the names that Redis counts a subscriber of its own channel by")
  func healthy() throws {
    let matrix = try matrix()
    #expect(matrix.rows.map(\.instance) == ["web-1", "web-2"])
    #expect(matrix.hearing("web-1") == flowpanel && matrix.hearing("web-2") == flowpanel)
    #expect(matrix.main.map { "\($0.name.short) at \($0.server)" } == flowpanel)
    #expect(matrix.channel == World.channel)
    #expect(matrix.servers == [World.url])
    #expect(matrix.gap == nil)
    #expect(matrix.unnamedProcesses == 0)
  }

  @Test("not one whose channel nobody counted, once it had the time to subscribe")
  func never() throws {
    let silent = { (world: inout World) in world.processes[1].prefixes = [] }
    #expect(try matrix(silent).hearing("web-2") == "never")
    let brief = try matrix {
      silent(&$0)
      $0.lookTimes = [200, 2500]
    }
    #expect(brief.hearing("web-2") == "unknown: it was watched too briefly")
    #expect(brief.hearing("web-1") == flowpanel)
    let closed = try matrix(silent) { $0.streams[1].handshakeMilliseconds = nil }
    #expect(closed.hearing("web-2") == "unknown: its stream did not begin")
  }

  @Test("a look after a stream's end says nothing of it")
  func lateLooks() throws {
    let early = { (drive: inout StreamDrive) in drive.streams[1].endMilliseconds = 3000 }
    // What Redis counted at 4,000 is after its end, what it counted at 200 before it could have subscribed.
    #expect(
      try matrix({ $0.processes[1].prefixes = [] }, early).hearing("web-2") == "unknown: it was watched too briefly")
    #expect(try matrix({ $0.processes[1].losesSubscriptions = true }, early).hearing("web-2") == flowpanel)
    // Whom the first look after its end counts first was subscribed all the same.
    let first = try matrix { _ in
    } _: { drive in
      drive.publishers[0].looks = drive.publishers[0].looks.map { looks in
        looks.map { [StreamDrive.Look(atMilliseconds: 100, subscribers: [:])] + $0 }
      }
      drive.streams[1].endMilliseconds = 150
    }
    #expect(first.hearing("web-2") == flowpanel)
  }

  @Test("one that was and is no more has lost its subscription, and is no process that nobody named")
  func lost() throws {
    let matrix = try matrix { $0.processes[1].losesSubscriptions = true }
    #expect(matrix.hearing("web-2") == "lost flowpanel:")
    #expect(matrix.hearing("web-1") == flowpanel)
    #expect(matrix.unnamedProcesses == 0)
  }

  @Test("under another prefix, another version's names, or on another server than most are")
  func elsewhere() throws {
    let matrix = try matrix {
      $0.processes = ["acme", "old", "web-1", "web-2", "far"].map { World.Process($0) }
      $0.processes[0].prefixes = ["acme:"]
      $0.processes[1].prefixes = [""]
      $0.processes[4].redis = "b"
      $0.redis.append(World.Redis("other", "b"))
      $0.publicSeats = []
    }
    #expect(matrix.hearing("acme") == "acme: at \(World.url)")
    #expect(matrix.hearing("old") == "verbatim at \(World.url)")
    #expect(matrix.hearing("far") == "flowpanel: at redis://other:6379/0")
    #expect(matrix.main.map { "\($0.name.short) at \($0.server)" } == flowpanel)
    #expect(matrix.servers == [World.url, "redis://other:6379/0"])
    #expect(matrix.unnamedProcesses == 0)
  }

  @Test("of two that do not hear each other, the first is where it should be")
  func tie() throws {
    let matrix = try matrix { $0.processes[1].prefixes = ["acme:"] }
    #expect(matrix.main.map { "\($0.name.short) at \($0.server)" } == flowpanel)
  }

  @Test("two URLs of one server are one place, where it says who it is")
  func oneServer() throws {
    let two = { (world: inout World) in world.redis.append(World.Redis("cache", database: 1)) }
    let matrix = try matrix(two)
    #expect(matrix.servers == [World.url])
    #expect(matrix.hearing("web-1") == flowpanel && matrix.hearing("web-2") == flowpanel)
    // Where it does not, both lead to whom they count, and nobody is elsewhere.
    let unknown = try self.matrix {
      two(&$0)
      for index in 0...1 { $0.redis[index].isKnown = false }
    }
    let main = try #require(unknown.main)
    for row in unknown.rows {
      guard case .subscribed(let places)? = row.direct?.hearing else {
        Issue.record("\(unknown.hearing(row.instance))")
        continue
      }
      #expect(places.contains(main) && places.count == 2)
    }
    #expect(unknown.unnamedProcesses == 0)
  }

  @Test("where a server does not say who is subscribed, only what came tells, and the rest is not known")
  func hidden() throws {
    let matrix = try matrix {
      $0.redis[0].isCounted = false
      $0.processes[1].prefixes = []
    }
    #expect(matrix.gap == "PUBSUB NUMSUB was refused: NOPERM")
    #expect(matrix.hearing("web-1") == flowpanel)
    #expect(matrix.hearing("web-2") == "unknown: PUBSUB NUMSUB was refused: NOPERM")
    #expect(matrix.seats == [.unknown, .unknown])
    #expect(matrix.unnamedProcesses == 0)
  }

  @Test("one of two URLs of a server is enough to count its subscribers")
  func halfHidden() throws {
    let matrix = try matrix {
      $0.redis.append(World.Redis("cache", database: 1))
      $0.redis[1].isCounted = false
      $0.processes[1].prefixes = []
    }
    #expect(matrix.gap == nil)
    #expect(matrix.hearing("web-2") == "never")
    let other = try self.matrix {
      $0.redis.append(World.Redis("other", "b"))
      $0.redis[1].isCounted = false
    }
    #expect(other.gap == "PUBSUB NUMSUB was refused: NOPERM")
  }

  @Test("why nobody counted is told: a publisher's failure, or that there was none")
  func gaps() throws {
    func gap(_ change: (inout StreamDrive) -> Void) throws -> String? { try matrix({ _ in }, change).gap }
    #expect(
      try gap {
        $0.publishers[0].looks = nil
        $0.publishers[0].failure = "TCP connect: connection refused"
      } == "\(World.url): TCP connect: connection refused")
    #expect(try gap { $0.publishers[0].looks = nil } == "nobody counted subscribers")
    #expect(try gap { $0.publishers = [] } == "nothing was published")
  }

  @Test("each node of a cluster counts its own subscribers alone, so that whom none counts is not known")
  func cluster() throws {
    let matrix = try matrix {
      $0.redis[0].mode = "cluster"
      $0.processes[1].prefixes = []
    }
    #expect(matrix.gap == "each node of a cluster counts its own subscribers alone")
    #expect(matrix.hearing("web-1") == flowpanel)
    #expect(matrix.hearing("web-2").hasPrefix("unknown: each node"))
  }

  @Test("streams of one channel: who brings a message is, and nobody else is where the counts agree")
  func oneChannel() throws {
    let guide = { (world: inout World) in
      world.system = .redisStreams
      world.prefixes = ["sse:channel:"]
      for index in world.processes.indices { world.processes[index].prefixes = ["sse:channel:"] }
    }
    let healthy = try matrix(guide)
    #expect(healthy.hearing("web-1") == "sse:channel: at \(World.url)")
    #expect(healthy.unnamedProcesses == 0)
    #expect(healthy.seats == [.unknown, .unknown])
    let silent = try matrix {
      guide(&$0)
      $0.processes[1].prefixes = []
      $0.publicSeats = [0]
    }
    #expect(silent.hearing("web-2") == "never")
    // Who is subscribed and brings nothing may be it, or somebody else.
    let held = try matrix(guide) { $0.streams[1].heard = [] }
    #expect(held.hearing("web-2") == "unknown: 2 are subscribed, and 1 were seen to bring a message")
    #expect(held.unnamedProcesses == 0)
  }

  @Test("a channel that the application has fixed is one whatever its name")
  func fixedChannel() throws {
    let testplanit = { (world: inout World) in
      world.system = .testplanit
      world.fixedChannel = "notifications:tenant:default:user:42"
      for index in world.processes.indices { world.processes[index].prefixes = [""] }
    }
    let healthy = try matrix(testplanit)
    #expect(healthy.hearing("web-1") == "verbatim at \(World.url)")
    #expect(healthy.hearing("web-2") == "verbatim at \(World.url)")
    #expect(healthy.unnamedProcesses == 0)
    let silent = try matrix {
      testplanit(&$0)
      $0.processes[1].prefixes = []
      $0.publicSeats = [0]
    }
    #expect(silent.hearing("web-2") == "never")
  }

  @Test("instances without a URL of their own have a row, and those that nobody but a stream names")
  func rows() throws {
    let facts = World { $0.processes[1].name = nil }.facts()
    var more = facts
    more.deployment = .seen(Deployment(instances: [Deployment.Instance(name: "web-9")]))
    let matrix = try #require(FanOutMatrix(more))
    #expect(matrix.rows.map(\.instance) == ["web-9", "web-1"])
    #expect(matrix.hearing("web-9") == "no stream")
    #expect(matrix.hearing("web-1") == flowpanel)
  }
}

@Suite("Whose process is behind a public stream")
struct SeatTests {
  private func matrix(
    _ change: (inout World) -> Void = { _ in }, _ drive: (inout StreamDrive) -> Void = { _ in }
  ) throws -> FanOutMatrix { try #require(FanOutMatrix(World(change).facts(drive))) }

  @Test("the instance's with which it shares the one subscriber of a channel")
  func shared() throws {
    let matrix = try matrix { $0.publicSeats = [1, 0, 1, 1] }
    #expect(matrix.seats == ["web-2", "web-1", "web-2", "web-2"].map { .instance($0) })
    #expect(matrix.rows.map(\.proxied.count) == [1, 3])
    #expect(matrix.publicStreams.map(\.count) == [4])
  }

  @Test("one that nobody named, where it shares none; and it is counted once")
  func unnamed() throws {
    let matrix = try matrix {
      $0.processes.append(World.Process(nil))
      $0.publicSeats = [0, 2, 1, 2]
    }
    #expect(matrix.seats == [.instance("web-1"), .unnamed, .instance("web-2"), .unnamed])
    #expect(matrix.unnamedProcesses == 1)
    let far = try self.matrix {
      $0.processes.append(World.Process(nil))
      $0.processes[2].prefixes = ["acme:"]
      $0.publicSeats = [0, 2]
    }
    #expect(far.seats == [.instance("web-1"), .unnamed])
    #expect(far.unnamedProcesses == 1)
  }

  @Test("one that is not subscribed is the instance that is not, or one of several, or nobody's")
  func silent() throws {
    let one = try matrix { $0.processes[1].prefixes = [] }
    #expect(one.seats == [.instance("web-1"), .instance("web-2")])
    let two = try matrix {
      $0.processes.append(World.Process("web-3"))
      for index in 1...2 { $0.processes[index].prefixes = [] }
      $0.publicSeats = [0, 1, 2]
    }
    #expect(two.seats == [.instance("web-1"), .silent, .silent])
    let none = try matrix {
      $0.processes.append(World.Process(nil))
      $0.processes[2].prefixes = []
      $0.publicSeats = [0, 1, 2]
    }
    #expect(none.seats == [.instance("web-1"), .instance("web-2"), .unnamed])
  }

  @Test("it is not known where no channel is shared, or an instance's own part is not known")
  func unknown() throws {
    // As with more instances than a stream takes channels.
    let many = try matrix({ _ in }) { drive in
      drive.hide { $0.contains("-1") || $0.contains("-0") }
    }
    #expect(many.seats == [.unknown, .unknown])
    let closed = try matrix({ $0.publicSeats = [0, 1] }) { drive in
      drive.streams[1].handshakeMilliseconds = nil
      drive.streams[1].heard = []
      drive.hide { $0.hasSuffix("-1") || $0.hasSuffix(".1") }
    }
    #expect(closed.seats == [.instance("web-1"), .unknown])
    #expect(closed.unnamedProcesses == 0)
  }

  @Test("each public URL has its streams together, in order")
  func urls() throws {
    let matrix = try matrix({ $0.publicSeats = [0, 1, 0] }) { $0.streams[3].target = 7 }
    #expect(matrix.publicStreams.map { $0.map(\.facts.index) } == [[2, 4], [3]])
  }

  @Test("without instances, most public streams' place is the main one, and nobody has a seat")
  func noInstances() throws {
    let matrix = try matrix {
      $0.processes = [World.Process(nil), World.Process(nil)]
      $0.publicSeats = [0, 1, 1]
    }
    #expect(matrix.rows.isEmpty)
    #expect(matrix.main.map { "\($0.name.short) at \($0.server)" } == flowpanel)
    #expect(matrix.seats == [.unknown, .unknown, .unknown])
    #expect(matrix.unnamedProcesses == 0)
  }
}
