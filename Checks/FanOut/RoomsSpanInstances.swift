import Diagnosis
import Facts

/// Two users of one room on two instances see each other only where Redis carries what each instance says.
struct RoomsSpanInstances: Check {
  static let card = CheckCard(
    id: "pubsub.fanout-app-channel",
    title: "Who joins a room on one instance is seen on every other",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      An instance of flock without Redis, with another one, or with a user who may not use the room's channel acknowledges \
      every join and answers its health check: it only shows each user those on the same instance. The list of users that \
      a join is answered with is the instance's own in any case. So two users join a room of the run's own on different \
      instances, and each has to be told of the other.
      """,
    remedy: Remedy(
      "Give every instance the same FLOCK_REDIS_URL, with its database index, and a Redis user who may use the channels; "
        + "then restart those that are named here.",
      commands: ["redis-cli PUBSUB CHANNELS 'flock:broadcast:*'", "redis-cli ACL LOG 5"]),
    references: [
      "Flock documentation: Scaling (Redis pub/sub, one channel for each room)",
      "Redis: PUBSUB NUMSUB, https://redis.io/docs/latest/commands/pubsub-numsub/",
      "RFC 6455 section 4, https://www.rfc-editor.org/rfc/rfc6455#section-4",
    ],
    scenarios: [
      .passes("both instances and the public URL", Samples.rooms()),
      .finds("two instances that do not see each other", Samples.rooms { $0.part([1], [0, 2]) }, on: "web-2"),
      .finds("one of three is cut off", Samples.rooms(3) { $0.part([2], [0, 1, 3]) }, on: "web-3"),
      .finds("one of three does not speak", Samples.rooms(3) { $0.mute(2) }, on: "web-3"),
      .finds("one of three does not listen", Samples.rooms(3) { $0.deafen(2) }, on: "web-3"),
      .finds("two and two", Samples.rooms(4) { $0.part([0, 1, 4], [2, 3]) }, on: "web-4"),
      .finds("an instance that nobody named", Samples.rooms { $0.deafen(2) }, on: Samples.roomURL),
      .finds(
        "a proxy without Upgrade", Samples.rooms { $0.fail(2, .init(.notUpgraded, status: 404, "404")) },
        on: Samples.roomURL),
      .undetermined("the key is wrong", Samples.rooms { $0.refuse(1) }, on: "web-2"),
      .undetermined(
        "an instance does not answer", Samples.rooms { $0.fail(1, .init(.notReachable, "refused")) }, on: "web-2"),
      .undetermined(
        "a proxy asks for credentials", Samples.rooms { $0.fail(2, .init(.notUpgraded, status: 401, "401")) },
        on: Samples.roomURL),
      .undetermined("nobody else could join", Samples.rooms { $0.fail(1, .init(.timedOut, "late")) }, on: "web-1"),
      .undetermined("one public URL alone", Samples.rooms(0), on: Samples.roomURL),
      .undetermined("without --intrusive", Samples.roomsUnseen),
      .notApplicable("one instance alone", Samples.rooms(1) { $0.places.removeLast() }),
      .notApplicable("nobody asked", Samples.noRooms),
      .notApplicable("another system", Samples.stream(Samples.ready)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.inSystems(
      [.flock], facts, otherwise: "the system has no rooms; pubsub.fanout follows an event to each of its instances"
    ) { _ in
      switch facts.rooms {
      case nil:
        return [card.notApplicable(.deployment, "nobody joined a room; flowpanel-doctor fanout --intrusive does")]
      case .unseen(let reason)?: return [card.undetermined(.deployment, reason.detail, at: reason.location)]
      case .seen(let rooms)?:
        let sight = RoomSight(rooms)
        let verdicts = rooms.places.indices.map { judge($0, sight) }
        return verdicts.isEmpty ? [card.notApplicable(.deployment, "no URL was named at which to join")] : verdicts
      }
    }
  }

  private func judge(_ index: Int, _ sight: RoomSight) -> Verdict {
    let place = sight.facts.places[index]
    if let failure = place.listener.failure { return judge(failure, of: place) }
    let (expected, missing, blind) = (sight.expected(at: index), sight.missing(at: index), sight.blindTo(index))
    let others = sight.facts.places.indices.filter { $0 != index && sight.facts.places[$0].instance != nil }
    if place.instance != nil, others.isEmpty {
      return card.notApplicable(place.subject, "no other instance's own URL was named")
    }
    if expected.isEmpty {
      let reason = (others + [index]).lazy.compactMap { sight.facts.places[$0].announced.failure?.detail }.first
      return card.undetermined(
        place.subject, "nobody could be announced to it" + (reason.map { ": \($0)" } ?? ""), at: place.location)
    }
    let isAtFault =
      place.instance == nil ? sight.doubtfulURLs.contains(index) : sight.faulty.contains(index)
    guard isAtFault else {
      if expected == [index] {
        return card.undetermined(
          place.subject, "both users may have been led to one instance; name the instances' own URLs",
          at: place.location)
      }
      let seen = expected.filter { !missing.contains($0) && $0 != index }
      let excused = missing.isEmpty ? "" : "; that it does not see \(listed(sight.names(missing))) is not its fault"
      return card.pass(
        place.subject,
        "it sees who joins at \(listed(sight.names(seen))) within \(millisecondsText(sight.latest(at: index)))\(excused)"
      )
    }
    return card.finding(
      place.subject, message(index, seen: expected.filter { !missing.contains($0) }, missing, blind, sight),
      evidence: sight.evidence, at: place.location,
      explains: place.instance == nil
        ? []
        : [Symptom("pubsub.subscriber-count"), Symptom("pubsub.no-subscribers")]
          + sight.doubtfulURLs.map { Symptom(card.id, sight.facts.places[$0].subject) })
  }

  private func message(
    _ index: Int, seen: [Int], _ missing: [Int], _ blind: [Int], _ sight: RoomSight
  ) -> String {
    let place = sight.facts.places[index]
    guard !missing.isEmpty else {
      return
        "who joins at \(place.name) is not seen at \(listed(sight.names(blind))): what it says of that does not get there"
    }
    let unseen = listed(sight.names(missing))
    let others = seen.filter { place.instance != nil || sight.facts.places[$0].instance != nil }
    if !others.isEmpty {
      return
        "\(place.name) sees who joins at \(listed(sight.names(others))), but not at \(unseen): these seem to have another "
        + "Redis"
    }
    let start = "\(place.name) does not see who joins at \(unseen)"
    if place.instance == nil { return "\(start): what is behind it is not subscribed, or has another Redis" }
    if !blind.isEmpty {
      return "\(start), nor is seen there, though it acknowledges every join: they have no Redis in common"
    }
    // Of two, either may be the one.
    let other = sight.expected(at: index).count == 1 ? ", or \(unseen) does not publish" : ""
    return "\(start), though it acknowledges every join: it is not subscribed\(other)"
  }

  /// The verdict on a place where nobody could join.
  private func judge(_ failure: RoomFacts.Failure, of place: RoomFacts.Place) -> Verdict {
    if failure.kind == .notUpgraded, let status = failure.status, status < 500,
      ![401, 403, 407, 408, 429].contains(status)
    {
      return card.finding(
        place.subject, "nobody can join at \(place.name): \(failure.detail)",
        evidence: [Evidence("status", "\(status)", expected: "101")], at: place.location,
        remedy: Remedy(
          "Let the proxy pass the upgrade on, which it does not by itself, and keep idle connections for longer than the "
            + "clients' heartbeat of 10 s.",
          snippet: """
            location / {
              proxy_pass http://flock;
              proxy_http_version 1.1;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection "upgrade";
              proxy_read_timeout 60s;
            }
            """))
    }
    let hint: String? =
      switch failure.code {
      case "INVALID_API_KEY": "; name a key: --api-key-variable FLOCK_API_KEY, or --api-key-file FILE"
      case "ROOM_FULL": "; two users join at each URL, and FLOCK_MAX_ROOM_SIZE has to leave room for them"
      default: nil
      }
    return card.undetermined(
      place.subject, "nobody could join at \(place.name): \(failure.detail)\(hint ?? "")", at: place.location)
  }
}
