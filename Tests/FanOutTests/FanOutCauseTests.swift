import Facts
import Testing

@testable import FanOut

/// Something that keeps an instance from the fan-out, as it shows in the facts.
struct Fault: Sendable, CustomTestStringConvertible {
  let kind: FanOutCause.Kind
  /// Where its URL leads.
  var host = "cache"
  /// What it does to the instance's process.
  var process: @Sendable (inout World.Process) -> Void = { $0.prefixes = [] }
  /// What is seen of the Redis that it uses; nothing where the others' is as good.
  var redis: (@Sendable (inout RedisFacts) -> Void)?
  var driver = "redis"

  var testDescription: String { kind.rawValue }

  private static func failing(
    _ kind: RedisFacts.StepFailure.Kind, at step: RedisFacts.Step = .connect, otherSide: RedisFacts.OtherSide = .silent
  ) -> @Sendable (inout RedisFacts) -> Void {
    { redis in
      redis.steps = [
        RedisFacts.StepResult(step, milliseconds: 1, failure: RedisFacts.StepFailure(kind, "\(kind.rawValue)"))
      ]
      redis.otherSide = .seen(otherSide)
      redis.server = .unseen(RedisFacts.notReached)
    }
  }

  private static func permitting(_ answers: [RedisFacts.Permissions.Answer]) -> @Sendable (inout RedisFacts) -> Void {
    { $0.permissions = .seen(RedisFacts.Permissions(user: "app", source: "ACL DRYRUN", answers: answers)) }
  }

  /// Those that one instance can have while the others are well.
  static let ofOne: [Fault] = [
    Fault(kind: .memoryDriver, driver: "memory"),
    Fault(kind: .tlsMismatch, host: "tls", redis: failing(.closed, otherSide: .answers)),
    Fault(kind: .tlsMismatch, host: "tls", redis: failing(.tlsHandshake, at: .tls, otherSide: .answers)),
    Fault(kind: .credentialsRefused, host: "auth", redis: failing(.wrongCredentials, at: .authenticate)),
    Fault(kind: .credentialsRefused, host: "auth", redis: failing(.credentialsRequired, at: .ping)),
    Fault(kind: .redisUnreachable, host: "down", redis: failing(.connectionRefused)),
    Fault(kind: .redisUnreachable, host: "nowhere", redis: failing(.nameNotFound, at: .nameLookup)),
    Fault(kind: .redisUnreachable, host: "slow", redis: failing(.timedOut)),
    Fault(kind: .redisUnreachable, host: "untrusted", redis: failing(.certificate, at: .tls)),
    Fault(
      kind: .channelRefused, host: "acl",
      redis: permitting([
        RedisFacts.Permissions.Answer(.command, "SUBSCRIBE", isAllowed: true),
        RedisFacts.Permissions.Answer(.channel, "SUBSCRIBE", pattern: "resource.*", isAllowed: false),
        RedisFacts.Permissions.Answer(.channel, "SUBSCRIBE", pattern: "flowpanel:*", isAllowed: false),
      ])),
    Fault(
      kind: .channelRefused, host: "acl",
      redis: permitting([
        RedisFacts.Permissions.Answer(.command, "SUBSCRIBE", isAllowed: false),
        RedisFacts.Permissions.Answer(.channel, "PUBLISH", pattern: "resource.*", isAllowed: true),
      ])),
    Fault(kind: .otherServer, host: "other", process: { $0.redis = "other" }, redis: { _ in }),
    Fault(
      kind: .otherServer, host: "other",
      process: {
        $0.redis = "other"
        $0.prefixes = [""]
      }, redis: { _ in }),
    Fault(kind: .otherConvention, process: { $0.prefixes = [""] }),
    Fault(kind: .otherConvention, process: { $0.prefixes = ["fp:custom:"] }),
    Fault(kind: .otherPrefix, process: { $0.prefixes = ["acme:"] }),
    Fault(kind: .subscriptionLost, process: { $0.losesSubscriptions = true }),
    Fault(kind: .deaf),
  ]

  /// The facts of a run with these faults on the first instances, and so many more without.
  static func facts(_ faults: [Fault], well: Int = 2, system: System = .flowpanel) -> Facts {
    var world = World()
    world.system = system
    world.processes = (0..<faults.count + well).map { World.Process("web-\($0 + 1)") }
    world.publicSeats = []
    for (index, fault) in faults.enumerated() {
      fault.process(&world.processes[index])
      // As if on each instance's own host.
      if fault.process(server: "other") { world.redis.append(World.Redis("other", "other")) }
    }
    var facts = world.facts()
    var servers = facts.redis.value ?? []
    for index in servers.indices { servers[index].usedBy = [] }
    for (index, process) in world.processes.enumerated() {
      let fault = faults.indices.contains(index) ? faults[index] : nil
      let endpoint = RedisEndpoint(host: fault?.host ?? "cache")
      let place =
        servers.firstIndex { $0.endpoint == endpoint }
        ?? {
          servers.append(
            RedisFacts(
              endpoint: endpoint, steps: [], otherSide: .unseen(.notAsked),
              server: .seen(RedisFacts.Server(runID: "a")), policy: .unseen(.notAsked)))
          return servers.count - 1
        }()
      servers[place].usedBy.append(process.name ?? "")
      fault?.redis?(&servers[place])
    }
    facts.redis = .seen(servers)
    facts.config = .seen(
      ConfigFacts(
        file: .seen("flowpanel.config.ts"), searched: [],
        instances: world.processes.enumerated().map { index, process in
          InstanceRealtime(
            instance: process.name ?? "", isSet: Evaluated(.seen(true)),
            driver: Evaluated(.seen(faults.indices.contains(index) ? faults[index].driver : "redis")),
            redis: Evaluated(.seen(.none)), keyPrefix: Evaluated(.seen(nil)))
        }))
    return facts
  }

  private func process(server: String) -> Bool {
    var process = World.Process(nil)
    self.process(&process)
    return process.redis == server
  }
}

extension Facts {
  /// The causes on an instance, the best explanation first.
  fileprivate func causes(_ instance: String) throws -> [FanOutCause] {
    let matrix = try #require(FanOutMatrix(self))
    let row = try #require(matrix.rows.first { $0.instance == instance })
    return FanOutCause.ranked(FanOutClues(row, in: matrix, self))
  }

  /// With packages as lock files have them.
  fileprivate func packages(_ ioredis: PackagePresence, problem: String? = nil) -> Facts {
    var facts = self
    facts.config = facts.config.map { config in
      var config = config
      config.project = .seen(
        ProjectFacts(
          root: ".", packageFile: "package.json",
          packages: .seen(
            ProjectPackages(
              ioredis: ioredis, flowpanel: nil, lockFiles: [LockFile(path: "package-lock.json", problem: problem)])),
          streamRoute: .unseen(.notAsked), search: SourceSearch(files: 0)))
      return config
    }
    return facts
  }
}

@Suite("What keeps an instance from the fan-out")
struct FanOutCauseTests {
  @Test("each is told from all others", arguments: Fault.ofOne)
  func alone(_ fault: Fault) throws {
    let facts = Fault.facts([fault])
    let causes = try facts.causes("web-1")
    let best = try #require(causes.first)
    #expect(best.kind == fault.kind)
    #expect(best.isSigned && best.contradicted.isEmpty)
    // Whoever is not subscribed may be so for any reason, and that comes after all that is known.
    #expect(causes.filter { $0.isSigned && $0.kind != .deaf }.map(\.kind) == (fault.kind == .deaf ? [] : [fault.kind]))
    for well in ["web-2", "web-3"] {
      #expect(try facts.causes(well).filter(\.isSigned).isEmpty)
    }
  }

  @Test("no two on different instances are taken for one another", arguments: Fault.ofOne, Fault.ofOne)
  func pairs(_ first: Fault, _ second: Fault) throws {
    // Two faults of one server are one's own where they differ.
    let facts = Fault.facts([first, second], well: 3)
    #expect(try facts.causes("web-1").first?.kind == first.kind)
    let isSameServer = first.host == second.host && first.redis != nil && second.redis != nil
    if !isSameServer { #expect(try facts.causes("web-2").first?.kind == second.kind) }
    #expect(try facts.causes("web-3").filter(\.isSigned).isEmpty)
  }

  @Test("every cause has facts that lead to it")
  func complete() {
    #expect(Set(Fault.ofOne.map(\.kind)).union([.ioredisMissing]) == Set(FanOutCause.Kind.allCases))
    #expect(FanOutCause.table.map(\.kind).count == FanOutCause.Kind.allCases.count)
  }

  @Test("ioredis that is not installed keeps all instances from it, and no lock file that can't be read says so")
  func ioredis() throws {
    let silent = Fault.facts([Fault(kind: .deaf), Fault(kind: .deaf)], well: 0)
    let missing = silent.packages(PackagePresence(name: "ioredis"))
    let causes = try missing.causes("web-2")
    #expect(causes.map(\.kind).first == .ioredisMissing)
    #expect(causes.first?.isSigned == true)
    // Where somebody is subscribed it is there.
    let one = Fault.facts([Fault(kind: .deaf)]).packages(PackagePresence(name: "ioredis"))
    #expect(try !one.causes("web-1").map(\.kind).contains(.ioredisMissing))
    let unread = silent.packages(PackagePresence(name: "ioredis"), problem: "too large")
    #expect(try unread.causes("web-1").first?.kind == .deaf)
    let location = Location(file: "package-lock.json", line: 1)
    let locked = silent.packages(PackagePresence(name: "ioredis", locked: .init(version: "5.4.1", location: location)))
    #expect(try locked.causes("web-1").first?.kind == .deaf)
    #expect(try !locked.causes("web-1").map(\.kind).contains(.ioredisMissing))
    #expect(try locked.causes("web-1").first?.confirmed.contains(.ioredis) == true)
  }

  @Test("what is not known of an instance is left unseen, and speaks for nothing")
  func unseen() throws {
    var facts = Fault.facts([Fault(kind: .deaf)])
    facts.config = .unseen(.notAsked)
    facts.redis = .unseen(.notAsked)
    let causes = try facts.causes("web-1")
    let best = try #require(causes.first)
    #expect(best.kind == .deaf)
    #expect(best.confirmed == [.notSubscribed, .ready])
    #expect(best.unseen == [.redisDriver, .redisIsWell, .ioredis])
    let others = causes.dropFirst()
    #expect(others.allSatisfy { !$0.isSigned && !$0.unseen.isEmpty })
    // What least had to be left unseen of comes first.
    #expect(others.map(\.unseen.count) == others.map(\.unseen.count).sorted())
    #expect(Set(others.map(\.kind)).isSuperset(of: [.memoryDriver, .tlsMismatch, .redisUnreachable]))
    #expect(Set(others.map(\.kind)).isDisjoint(with: [.otherServer, .otherPrefix, .subscriptionLost, .ioredisMissing]))
  }

  @Test("a cause that something contradicts is none", arguments: [FanOutCause.Kind.memoryDriver, .redisUnreachable])
  func contradicted(_ kind: FanOutCause.Kind) throws {
    var fault = try #require(Fault.ofOne.first { $0.kind == kind })
    // It is subscribed all the same, as when the environment that was read is not the one that it runs with.
    fault.process = { _ in }
    #expect(try Fault.facts([fault]).causes("web-1").allSatisfy { $0.kind != kind })
  }

  @Test("of an instance whose part Redis does not tell, what its settings lead to is known all the same")
  func settings() throws {
    let memory = try #require(Fault.ofOne.first { $0.kind == .memoryDriver })
    var facts = Fault.facts([memory])
    facts.drive = facts.drive?.map { drive in
      var drive = drive
      drive.publishers[0].looks = .unseen(Unseen(.refused, "NOPERM"))
      return drive
    }
    let best = try #require(facts.causes("web-1").first)
    #expect(best.kind == .memoryDriver && best.isSigned)
    #expect(best.unseen == [.notSubscribed])
  }

  @Test("no realtime settings are the memory driver; a system without drivers uses Redis")
  func drivers() throws {
    var facts = Fault.facts([Fault(kind: .deaf)])
    facts.config = facts.config.map { config in
      var config = config
      config.instances[0].isSet = Evaluated(.seen(false))
      return config
    }
    #expect(try facts.causes("web-1").first?.kind == .memoryDriver)
    facts.deployment = .seen(Deployment(system: .redisStreams, instances: [Deployment.Instance(name: "web-1")]))
    let matrix = try #require(FanOutMatrix(facts))
    #expect(FanOutClues(matrix.rows[0], in: matrix, facts).driver == "redis")
  }
}
