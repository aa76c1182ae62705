import NIOCore

/// What is wrong with an origin's fan-out over Redis, on purpose: what a proof of it has to find.
public enum OriginFanOutFault: Sendable, Equatable {
  /// Nothing is ever subscribed to: streams open with `ready`, and get heartbeats alone.
  case dead
  /// The subscribing connection comes back after a loss without its channels, and no other is subscribed to from then on.
  case deafAfterReconnect
  /// Every message is delivered twice.
  case duplicates
  /// Of messages that come together, each two change places.
  case disorders
  /// One message in so many is not delivered.
  case loses(every: Int)
  /// Nothing is read from Redis for so long once messages come together, as in a process that is busy: what it has to hold
  /// meanwhile meets its `client-output-buffer-limit`. Of what is sent, little fits into the connection.
  case stalls(Duration)
}

/// Delivers what comes from Redis as a fault has it. It lives on the origin's one loop.
final class FaultyDelivery {
  private let fault: OriginFanOutFault
  private let loop: any EventLoop
  private let pauseReading: (Duration) -> Void
  private var count = 0
  /// How many messages came since then: what comes in a burst is read in pieces as small as the connection's segments.
  private var together = (count: 0, since: NIODeadline.now())
  /// Once is enough to fall behind; who stalls again and again never learns that its connection is gone.
  private var hasStalled = false
  private var held: (() -> Void)?

  /// How many messages in what time are a burst.
  private static let burst = (count: 10, within: TimeAmount.milliseconds(250))

  init(_ fault: OriginFanOutFault, on loop: any EventLoop, pauseReading: @escaping (Duration) -> Void) {
    self.fault = fault
    self.loop = loop
    self.pauseReading = pauseReading
  }

  /// Takes a message; `deliver` hands it to its streams.
  func take(_ deliver: @escaping () -> Void) {
    count += 1
    switch fault {
    case .dead, .deafAfterReconnect: deliver()
    case .duplicates:
      deliver()
      deliver()
    case .disorders:
      guard let first = held else {
        held = deliver
        // One that comes alone does not wait for another.
        return loop.assumeIsolated().execute { self.deliverHeld() }
      }
      held = nil
      deliver()
      first()
    case .loses(let every): if !count.isMultiple(of: every) { deliver() }
    case .stalls(let pause):
      deliver()
      let now = NIODeadline.now()
      if now - together.since > Self.burst.within { together = (0, now) }
      together.count += 1
      if together.count == Self.burst.count, !hasStalled {
        hasStalled = true
        pauseReading(pause)
      }
    }
  }

  private func deliverHeld() {
    held?()
    held = nil
  }
}
