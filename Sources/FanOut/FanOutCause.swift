public import Facts

/// Why an instance does not take part in the fan-out: what is expected to be seen if that is so, and what was.
public struct FanOutCause: Sendable, Equatable {
  /// The causes that are told apart.
  public enum Kind: String, Sendable, CaseIterable {
    case memoryDriver, ioredisMissing, tlsMismatch, credentialsRefused, redisUnreachable, channelRefused
    case otherServer, otherConvention, otherPrefix, subscriptionLost, deaf
  }

  /// Which it is.
  public let kind: Kind
  /// What was expected, and seen.
  public let confirmed: [Expectation]
  /// What was expected, and the contrary seen.
  public let contradicted: [Expectation]
  /// What was expected and could not be seen.
  public let unseen: [Expectation]

  /// What a cause leads one to expect. The first of each is what no other cause brings about.
  static let table: [(kind: Kind, expected: [Expectation])] = [
    (.memoryDriver, [.memoryDriver, .notSubscribed]),
    (.tlsMismatch, [.redisWantsOtherTLS, .redisDriver, .notSubscribed, .noOtherByItsURL]),
    (.credentialsRefused, [.redisRefusesCredentials, .redisDriver, .notSubscribed, .noOtherByItsURL]),
    (.redisUnreachable, [.redisIsUnreachable, .redisDriver, .notSubscribed, .noOtherByItsURL]),
    (.channelRefused, [.redisRefusesChannels, .redisDriver, .notSubscribed]),
    (.ioredisMissing, [.noIoredis, .redisDriver, .notSubscribed, .nobodySubscribed]),
    (.otherServer, [.subscribedOnOtherServer, .redisDriver]),
    (.otherConvention, [.subscribedUnderOtherConvention, .redisDriver]),
    (.otherPrefix, [.subscribedUnderOtherPrefix, .redisDriver]),
    (.subscriptionLost, [.subscriptionLost, .redisDriver]),
    (.deaf, [.notSubscribed, .ready, .redisDriver, .redisIsWell, .ioredis]),
  ]

  /// The causes that what was seen leaves possible, the best explanation first: what nothing contradicts, then what has its
  /// own sign, then what least of had to be left unseen.
  public static func ranked(_ clues: FanOutClues) -> [FanOutCause] {
    let causes = table.map { kind, expected in
      let seen = expected.map { ($0, clues.holds($0)) }
      return (
        cause: FanOutCause(
          kind: kind, confirmed: seen.filter { $0.1 == true }.map(\.0),
          contradicted: seen.filter { $0.1 == false }.map(\.0), unseen: seen.filter { $0.1 == nil }.map(\.0)),
        isSigned: seen.first?.1 == true
      )
    }
    return causes.enumerated().filter { $0.element.cause.contradicted.isEmpty }.sorted { left, right in
      let (first, second) = (left.element, right.element)
      if first.isSigned != second.isSigned { return first.isSigned }
      let counts = (first.cause.unseen.count, second.cause.unseen.count)
      return counts.0 == counts.1 ? left.offset < right.offset : counts.0 < counts.1
    }.map(\.element.cause)
  }

  /// Whether its own sign was seen.
  public var isSigned: Bool {
    Self.table.first { $0.kind == kind }?.expected.first.map(confirmed.contains) == true
  }
}

/// Something that a cause leads one to expect.
public enum Expectation: Sendable, Equatable {
  case memoryDriver, redisDriver, noIoredis, ioredis
  case redisWantsOtherTLS, redisRefusesCredentials, redisIsUnreachable, redisRefusesChannels, redisIsWell
  case ready, notSubscribed, nobodySubscribed, subscriptionLost
  /// No other instance is subscribed by the same Redis URL.
  case noOtherByItsURL
  case subscribedOnOtherServer, subscribedUnderOtherConvention, subscribedUnderOtherPrefix
}

/// What is known of one instance that bears on its part in the fan-out.
public struct FanOutClues: Sendable {
  /// Its streams, and whether it is subscribed.
  public let row: FanOutMatrix.Row
  /// What the config gives under its environment; nil where there is none.
  public let realtime: InstanceRealtime?
  /// The Redis that it uses, as seen from here; nil where it is not known.
  public let redis: RedisFacts?
  /// What was published, and through which Redis.
  public let publishers: [StreamDrive.Publisher]
  private let system: System
  private let packages: ProjectPackages?
  private let main: FanOutMatrix.Place?
  /// Whether another instance is subscribed by the same Redis URL.
  private let isUsedByASubscriber: Bool

  /// The clues on an instance.
  public init(_ row: FanOutMatrix.Row, in matrix: FanOutMatrix, _ facts: Facts) {
    self.row = row
    system = facts.deployment.value?.system ?? .flowpanel
    realtime = facts.config.value?.instances.first { $0.instance == row.instance }
    redis = facts.redis.value?.first { $0.usedBy.contains(row.instance) }
    packages = facts.config.value?.project?.value?.packages.value
    main = matrix.main
    let sharing = Set(redis?.usedBy ?? []).subtracting([row.instance])
    isUsedByASubscriber = matrix.rows.contains { other in
      if case .subscribed? = other.direct?.hearing { sharing.contains(other.instance) } else { false }
    }
    publishers = facts.drive?.value?.publishers ?? []
  }

  /// The driver that the config gives; a system without one uses Redis. Nil where it is not known.
  public var driver: String? {
    guard system == .flowpanel else { return "redis" }
    return realtime.flatMap { $0.isSet.value == false ? "memory" : $0.driver.value }
  }

  private var hearing: FanOutMatrix.Hearing? { row.direct?.hearing }

  /// Where it is subscribed, if that is not where the others are.
  public var elsewhere: FanOutMatrix.Place? {
    guard let main, case .subscribed(let places)? = hearing, !places.contains(main) else { return nil }
    return places.first { $0.server == main.server } ?? places.first
  }

  /// Whether something is as expected; nil where it was not seen.
  func holds(_ expectation: Expectation) -> Bool? {
    switch expectation {
    case .memoryDriver: driver.map { $0 == "memory" }
    case .redisDriver: driver.map { $0 == "redis" }
    case .noIoredis: lacksIoredis
    case .ioredis: lacksIoredis.map { !$0 }
    case .redisWantsOtherTLS: redis.map { $0.otherSide.value == .answers }
    case .redisRefusesCredentials:
      redis == nil ? nil : failureKind == .wrongCredentials || failureKind == .credentialsRequired
    case .redisIsUnreachable: redis.map { $0.otherSide.value != .answers && isUnreachable }
    case .redisRefusesChannels: refusesChannels
    case .redisIsWell: redis.map { $0.failedStep == nil && refusesChannels != true }
    case .ready: row.direct.map(\.isReady)
    case .notSubscribed:
      switch hearing {
      case .never?: true
      case .subscribed?, .lost?: false
      case .unknown?, nil: nil
      }
    case .nobodySubscribed: main == nil
    case .noOtherByItsURL: !isUsedByASubscriber
    case .subscriptionLost:
      switch hearing {
      case .lost?: true
      case .never?, .subscribed?: false
      case .unknown?, nil: nil
      }
    case .subscribedOnOtherServer: elsewhere.map { $0.server != main?.server } ?? false
    case .subscribedUnderOtherConvention:
      elsewhere.map { place in
        place.server == main?.server && main.map { !place.name.isOfOneConvention(with: $0.name) } == true
      } ?? false
    case .subscribedUnderOtherPrefix:
      elsewhere.map { place in
        place.server == main?.server && main.map { place.name.isOfOneConvention(with: $0.name) } == true
      } ?? false
    }
  }

  private var failureKind: RedisFacts.StepFailure.Kind? { redis?.failedStep?.failure?.kind }

  private var isUnreachable: Bool {
    switch failureKind {
    case .nameNotFound?, .connectionRefused?, .timedOut?, .closed?, .proxy?, .notRedis?, .tlsHandshake?, .certificate?:
      true
    case .wrongCredentials?, .credentialsRequired?, .commandRefused?, .serverError?, .other?, nil: false
    }
  }

  private var refusesChannels: Bool? {
    guard let redis else { return nil }
    let permissions = redis.permissions?.value?.answers ?? []
    // A user who may not run the command at all is not asked about its channels.
    if permissions.contains(where: { $0.command == "SUBSCRIBE" && !$0.isAllowed && $0.need == .command }) {
      return true
    }
    let answers = permissions.filter { $0.need == .channel }
    guard !answers.isEmpty else { return redis.failedStep == nil ? nil : false }
    return system.redisNeeds().anyChannelWillDo
      ? answers.allSatisfy { !$0.isAllowed } : answers.contains { !$0.isAllowed }
  }

  private var lacksIoredis: Bool? {
    guard system == .flowpanel else { return false }
    guard let packages, !packages.lockFiles.isEmpty, packages.lockFiles.allSatisfy({ $0.problem == nil }) else {
      return packages?.ioredis.declaration == nil ? nil : false
    }
    return packages.ioredis.declaration == nil && packages.ioredis.locked == nil
  }
}
