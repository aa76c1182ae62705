import Facts
import Transport

/// What a user of the room is there for.
enum RoomRole: String, Sendable {
  case listener, announced
}

/// What a user has to tell.
enum RoomNews: Sendable {
  /// A user's joining came out so, or a listener is gone.
  case settled(RoomRole, place: Int, RoomFacts.Outcome)
  /// A user that is announced is about to join, for the first time or again.
  case joins(place: Int, at: ContinuousClock.Instant)
  /// A listener saw somebody join, by the attempt.
  case saw(place: Int, other: Int, attempt: Int, at: ContinuousClock.Instant)
  /// Nobody is waited for any longer.
  case patienceOver
}

/// A user that joined and could not say that it leaves.
struct Departure: Sendable {
  var place: Int
  var lost: String
}

/// One user of the room, on a connection of its own.
struct RoomUser: Sendable {
  var probe: RoomProbe
  var role: RoomRole
  var place: Int
  var target: StreamTarget
  var report: AsyncStream<RoomNews>.Continuation

  /// After what times a user that is announced joins again, as an instance acknowledges before it is subscribed.
  private static let attempts: [Duration] = [250, 500, 1000, 1500].map { .milliseconds($0) }
  /// How often presence is renewed; flock's own clients do every 10 seconds.
  private static let heartbeat = Duration.seconds(5)

  private var id: String { Self.id(role, place) }
  private static func id(_ role: RoomRole, _ place: Int) -> String { "flowpanel-doctor-\(role)-\(place)" }

  /// Joins, stays until the task is cancelled, and leaves. Says who could not.
  func stay(over transport: Transport) async -> Departure? {
    let secrets = SecretEchoes(
      target.headers + (probe.apiKey.map { [("apiKey", $0)] } ?? []), proxy: probe.route.proxy)
    let began = ContinuousClock.now
    let link: WebSocketLink
    do throws(WebSocketFailure) {
      let request = WebSocketRequest(
        url: target.url, secretHeaders: target.headers, origin: probe.origin, route: probe.route)
      link = try await WebSocketLink(request, over: transport, until: began + probe.joinTimeout)
    } catch {
      settle(.failed(RoomRefusal.webSocket(error).failure(without: secrets)))
      return nil
    }
    let (remaining, refusal, hasJoined) = await stay(on: link, since: began)
    if let refusal, role == .listener || !hasJoined { settle(.failed(refusal.failure(without: secrets))) }
    // What a server refused it has not taken in.
    if case .refused? = refusal { return nil }
    if await leave(remaining) || !hasJoined { return nil }
    return Departure(place: place, lost: id)
  }

  /// Joins and listens until the task is cancelled or something goes wrong.
  private func stay(
    on link: WebSocketLink, since began: ContinuousClock.Instant
  ) async -> (WebSocketLink, RoomRefusal?, hasJoined: Bool) {
    var link = link
    var hasJoined = false
    do throws(RoomRefusal) {
      join(on: link, 0)
      try await acknowledgement(on: &link, until: began + probe.joinTimeout)
      hasJoined = true
      settle(.joined(milliseconds: began.duration(to: .now).milliseconds))
      var attempts = role == .announced ? Self.attempts[...] : []
      var attempt = 0
      while true {
        let pause = attempts.popFirst()
        try await listen(on: &link, until: .now + (pause ?? Self.heartbeat))
        if pause != nil {
          attempt += 1
          join(on: link, attempt)
        } else {
          link.send(RoomMessage(type: "heartbeat", roomId: probe.room).text)
        }
      }
    } catch {
      if case .webSocket(.cancelled) = error, hasJoined { return (link, nil, hasJoined) }
      return (link, error, hasJoined)
    }
  }

  private func settle(_ outcome: RoomFacts.Outcome) { report.yield(.settled(role, place: place, outcome)) }

  private func join(on link: WebSocketLink, _ attempt: Int) {
    if role == .announced { report.yield(.joins(place: place, at: .now)) }
    let message = RoomMessage(
      type: "join", roomId: probe.room, userId: id, metadata: RoomMessage.Metadata(attempt: attempt),
      apiKey: probe.apiKey?.reveal())
    link.send(message.text)
  }

  private func acknowledgement(
    on link: inout WebSocketLink, until deadline: ContinuousClock.Instant
  ) async throws(RoomRefusal) {
    var isTalking = false
    while true {
      guard let text = try await text(on: &link, until: deadline) else {
        throw .notAcknowledged(isTalking: isTalking)
      }
      isTalking = true
      guard let reply = RoomReply(text) else { continue }
      if reply.type == "join:ack", reply.roomId == probe.room { return }
      try take(reply)
    }
  }

  private func listen(
    on link: inout WebSocketLink, until deadline: ContinuousClock.Instant
  ) async throws(RoomRefusal) {
    while let text = try await text(on: &link, until: deadline) {
      if let reply = RoomReply(text) { try take(reply) }
    }
  }

  private func take(_ reply: RoomReply) throws(RoomRefusal) {
    if reply.type == "error" { throw .refused(code: reply.code ?? "an error", message: reply.message ?? "") }
    guard role == .listener, reply.type == "user:joined", reply.roomId == probe.room, let user = reply.userId,
      let other = Int(user.dropFirst(Self.id(.announced, 0).count - 1)), user == Self.id(.announced, other)
    else { return }
    report.yield(.saw(place: place, other: other, attempt: reply.attempt ?? 0, at: .now))
  }

  /// The next message; nil where the deadline passed.
  private func text(
    on link: inout WebSocketLink, until deadline: ContinuousClock.Instant
  ) async throws(RoomRefusal) -> String? {
    do throws(WebSocketFailure) {
      return try await link.receive(until: deadline)
    } catch {
      if error == .timedOut { return nil }
      throw .webSocket(error)
    }
  }

  /// Leaves and closes, also where the task is cancelled; false where the connection had ended.
  private func leave(_ link: WebSocketLink) async -> Bool {
    await Task { [probe] in
      var link = link
      if link.hasEnded { return false }
      link.send(RoomMessage(type: "leave", roomId: probe.room).text)
      await link.close(until: .now + probe.leaveTimeout)
      return true
    }.value
  }
}
