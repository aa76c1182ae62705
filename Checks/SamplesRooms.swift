// Rooms that scenarios are told with: the first places are web-1, web-2 … at their own URLs, the last is the public URL.

import Facts

extension Samples {
  static let roomURL = "https://rooms.example.com/"

  /// A room that some instances share and all see each other in, with changes.
  static func rooms(_ instances: Int = 2, _ change: (inout RoomFacts) -> Void = { _ in }) -> Facts {
    let names = (0..<instances).map { "web-\($0 + 1)" }
    let everybody = (0...instances).map { RoomFacts.Seen(place: $0, milliseconds: 12) }
    var rooms = RoomFacts(
      room: "flowpanel-doctor-x",
      places: (names + [nil]).enumerated().map { index, name in
        RoomFacts.Place(
          target: index, url: name.map { "http://\($0):8787/" } ?? roomURL, instance: name,
          listener: .joined(milliseconds: 8), announced: .joined(milliseconds: 7), seen: everybody)
      },
      counts: [
        RoomFacts.Count(redisURL: "redis://cache:6379/0", instances: names, subscribers: .seen(instances))
      ])
    change(&rooms)
    return roomFacts(.seen(rooms))
  }

  /// A fan-out without --intrusive.
  static var roomsUnseen: Facts {
    roomFacts(
      .unseen(Unseen(.notGiven, "flock's rooms are the application's; fanout --intrusive joins one of its own")))
  }

  /// Another run than a fan-out.
  static var noRooms: Facts { roomFacts(nil) }

  private static func roomFacts(_ rooms: Observation<RoomFacts>?) -> Facts {
    var facts = Facts(deployment: deployment(.flock))
    facts.streams = .unseen(Unseen(.notGiven, "flock speaks WebSocket, so no event stream was opened"))
    facts.rooms = rooms
    return facts
  }
}

extension RoomFacts {
  /// Nobody at these places sees anybody at those.
  mutating func part(_ some: [Int], _ others: [Int]) {
    for place in some { places[place].seen.removeAll { others.contains($0.place) } }
    for place in others { places[place].seen.removeAll { some.contains($0.place) } }
    counts[0].subscribers = .seen(others.count(where: { places[$0].instance != nil }))
  }

  /// Nobody sees who joins at this place but its own listener.
  mutating func mute(_ index: Int) {
    for place in places.indices where place != index { places[place].seen.removeAll { $0.place == index } }
  }

  /// The listener at this place sees its own instance's user at most.
  mutating func deafen(_ index: Int) {
    let isPublic = places[index].instance == nil
    places[index].seen.removeAll { $0.place != index || isPublic }
  }

  /// Nobody can join at this place.
  mutating func fail(_ index: Int, _ failure: Failure) {
    places[index].listener = .failed(failure)
    places[index].announced = .failed(failure)
    places[index].seen = []
    for place in places.indices { places[place].seen.removeAll { $0.place == index } }
  }

  /// The key is refused at this place.
  mutating func refuse(_ index: Int) {
    fail(index, Failure(.refused, code: "INVALID_API_KEY", "the server refused with INVALID_API_KEY"))
  }
}
