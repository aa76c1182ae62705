public import Facts
import Foundation
public import Transport

/// Joins a room of the run's own at every URL, and notes who sees whom join: flock's way to tell its instances apart from
/// processes that only look like them.
///
/// At each URL a user listens; once all of these are there, another one joins at each URL and does so again a few times,
/// as an instance acknowledges before it is subscribed. In the end all leave, which removes what flock keeps of them.
public struct RoomProbe: Sendable {
  /// The room's name, which no other run has.
  public var room: String
  /// What the system demands of those who join; nil for nothing.
  public var apiKey: Secret?
  /// The origin of the page that asks (RFC 6454 section 7); nil for none.
  public var origin: String?
  /// How servers are reached.
  public var route: Route
  /// How long connecting and joining may take.
  public var joinTimeout = Duration.seconds(5)
  /// How long it is waited for that all have seen all, once all are there.
  public var patience = Duration.seconds(4)
  /// How long leaving may take.
  public var leaveTimeout = Duration.seconds(1)

  /// A probe of a room.
  public init(room: String, apiKey: Secret? = nil, origin: String? = nil, route: Route = Route()) {
    self.room = room
    self.apiKey = apiKey
    self.origin = origin
    self.route = route
  }

  /// Who saw whom. A task that is cancelled leaves, and returns what is known by then.
  ///
  /// - Parameter counting: asks what Redis counts, called while all users are there.
  public func facts(
    at targets: [StreamTarget], over transport: Transport,
    counting: @Sendable () async -> [RoomFacts.Count] = { [] }
  ) async -> Observation<RoomFacts> {
    var record = RoomRecord(room: room, targets)
    let (news, report) = AsyncStream.makeStream(of: RoomNews.self)
    await withTaskGroup(of: Departure?.self) { group in
      var heard = news.makeAsyncIterator()
      var (isAnnouncing, isPatient) = (false, false)
      for place in targets.indices { join(.listener, at: place, targets[place], in: &group) }
      while !record.isComplete {
        if !isAnnouncing, record.listenersAreSettled {
          isAnnouncing = true
          for place in record.joinedPlaces { join(.announced, at: place, targets[place], in: &group) }
        }
        if isAnnouncing, !isPatient, record.announcedAreSettled {
          isPatient = true
          group.addTask { [patience] in
            if (try? await Task.sleep(for: patience)) != nil { report.yield(.patienceOver) }
            return nil
          }
        }
        guard let message = await heard.next() else { break }
        record.take(message)
      }
      if !Task.isCancelled { record.facts.counts = await counting() }
      group.cancelAll()
      for await departure in group {
        if let departure { record.facts.places[departure.place].lost.append(departure.lost) }
      }
    }

    func join(
      _ role: RoomRole, at place: Int, _ target: StreamTarget, in group: inout TaskGroup<Departure?>
    ) {
      let user = RoomUser(probe: self, role: role, place: place, target: target, report: report)
      group.addTask { await user.stay(over: transport) }
    }
    guard record.isComplete else {
      return .unseen(Unseen(.interrupted, "the run ended before it was known who sees whom join"))
    }
    return .seen(record.facts)
  }
}
