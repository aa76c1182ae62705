import Facts
import Transport

/// Who does what at which rendezvous.
struct RendezvousPlace: Sendable {
  var rendezvous: Rendezvous
  var access: RendezvousAccess

  fileprivate var purpose: LinkPurpose {
    LinkPurpose(step: access.step) { access.grant(rendezvous, to: $0) }
  }
}

/// A connection to a rendezvous.
struct RendezvousLink: Sendable {
  let place: RendezvousPlace
  private var link: EnteredLink

  /// Connects.
  init(
    to target: RedisTarget, at place: RendezvousPlace, through probe: RedisProbe, over transport: Transport,
    until deadline: ContinuousClock.Instant
  ) async throws(RendezvousFailure) {
    link = try await EnteredLink(to: target, for: place.purpose, through: probe, over: transport, until: deadline)
    self.place = place
  }

  /// Sends all commands in one write, and gives a reply for each; some may be errors.
  mutating func replies(
    to commands: [RedisCommand], until deadline: ContinuousClock.Instant
  ) async throws(RendezvousFailure) -> [RedisReply] {
    try await link.exchanges(of: commands, until: deadline).map(\.reply)
  }

  /// The failure that an error reply to a command means.
  func failure(_ words: String, to command: String) -> RendezvousFailure {
    var failure = link.failure(words, to: command)
    if words.hasPrefix("WRONGTYPE ") {
      failure.kind = .wrongType
      failure.remedy =
        "\(place.rendezvous.indexKey) was written by something else: choose another prefix, or delete that key"
    }
    return failure
  }

  /// The failure of a reply that the command does not give.
  func failure(notUnderstanding command: String) -> RendezvousFailure { link.failure(notUnderstanding: command) }
}

extension RendezvousAccess {
  /// The step at which the commands fail.
  var step: RendezvousFailure.Step {
    switch self {
    case .publish: .write
    case .read: .read
    }
  }
}
