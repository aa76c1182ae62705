import Diagnosis
import Facts

/// Who saw whom join the run's own room.
func roomsExhibit(_ rooms: Observation<RoomFacts>) -> Exhibit {
  let rows: [[String]] =
    switch rooms {
    case .seen(let rooms): rooms.places.map { row($0, in: rooms) }
    case .unseen(let reason): [["-", "-", "-", reason.detail]]
    }
  return Exhibit(
    key: "rooms", title: rooms.value.map { "Who sees whom join \($0.room)" } ?? "Who sees whom join",
    columns: ["URL", "Joined", "Sees", "Does not see"], rows: rows, value: observed(rooms, json))
}

private func row(_ place: RoomFacts.Place, in rooms: RoomFacts) -> [String] {
  let name = place.url + (place.instance.map { " (\($0))" } ?? "")
  if let failure = place.listener.failure { return [name, failure.detail, "-", "-"] }
  let here = place.announced.failure.map { "one of two: \($0.detail)" } ?? "both"
  let lost = place.lost.isEmpty ? "" : "; \(place.lost.joined(separator: ", ")) may be left in Redis"
  let seen = place.seen.map {
    "\(rooms.places[$0.place].instance ?? rooms.places[$0.place].url) \(millisecondsText($0.milliseconds))"
  }
  let missing = rooms.places.indices.filter { index in
    rooms.places[index].announced.failure == nil && !place.seen.contains { $0.place == index }
  }.map { rooms.places[$0].instance ?? rooms.places[$0].url }
  return [name, here + lost, list(seen), list(missing)]
}

private func list(_ names: [String]) -> String { names.isEmpty ? "-" : firstFew(names, 8) }

private func json(_ rooms: RoomFacts) -> JSONValue {
  [
    "room": .string(rooms.room), "channel": .string(rooms.channel),
    "places": .array(
      rooms.places.map { place in
        [
          "url": .string(place.url), "instance": .optional(place.instance), "listener": json(place.listener),
          "announced": json(place.announced),
          "seen": .array(
            place.seen.map { ["place": .integer($0.place), "latencyMilliseconds": .number($0.milliseconds)] }),
          "lost": .array(place.lost.map { .string($0) }),
        ]
      }),
    "counts": .array(
      rooms.counts.map { count in
        [
          "redis": .string(count.redisURL), "instances": .array(count.instances.map { .string($0) }),
          "subscribers": observed(count.subscribers) { .integer($0) },
        ]
      }),
  ]
}

private func json(_ outcome: RoomFacts.Outcome) -> JSONValue {
  switch outcome {
  case .joined(let milliseconds): ["joinedMilliseconds": .number(milliseconds)]
  case .failed(let failure):
    [
      "failure": .string(failure.kind.rawValue), "status": .optional(failure.status), "code": .optional(failure.code),
      "detail": .string(failure.detail),
    ]
  }
}
