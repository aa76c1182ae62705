import Facts
import Transport

/// What is known of the room so far.
struct RoomRecord {
  var facts: RoomFacts
  private var settled: [RoomRole: Set<Int>] = [:]
  /// When each announced user joined, attempt by attempt.
  private var joins: [[ContinuousClock.Instant]]
  private var seen: [Set<Int>]
  private var isOver = false

  init(room: String, _ targets: [StreamTarget]) {
    let notJoined = RoomFacts.Outcome.failed(
      RoomFacts.Failure(.notReachable, "nobody joined, as the one who was to listen could not"))
    facts = RoomFacts(
      room: room,
      places: targets.map { target in
        RoomFacts.Place(
          target: target.number, url: URLParts(target.url)?.redacted ?? "(not a URL)", instance: target.instance,
          location: target.location, listener: notJoined, announced: notJoined)
      })
    joins = targets.map { _ in [] }
    seen = targets.map { _ in [] }
  }

  var listenersAreSettled: Bool { settled[.listener, default: []].count == facts.places.count }
  /// The places at which somebody listens.
  var joinedPlaces: [Int] { facts.places.indices.filter { facts.places[$0].listener.failure == nil } }
  private var announcedPlaces: [Int] { facts.places.indices.filter { facts.places[$0].announced.failure == nil } }
  private var awaited: Set<Int> = []
  var announcedAreSettled: Bool { listenersAreSettled && settled[.announced, default: []].isSuperset(of: awaited) }
  var isComplete: Bool {
    announcedAreSettled && (isOver || joinedPlaces.allSatisfy { seen[$0].isSuperset(of: announcedPlaces) })
  }

  mutating func take(_ news: RoomNews) {
    switch news {
    case .settled(.listener, let place, let outcome):
      facts.places[place].listener = outcome
      let isFirst = settled[.listener, default: []].insert(place).inserted
      if isFirst, outcome.failure == nil { awaited.insert(place) }
    case .settled(.announced, let place, let outcome):
      facts.places[place].announced = outcome
      settled[.announced, default: []].insert(place)
    case .joins(let place, let time): joins[place].append(time)
    case .saw(let place, let other, let attempt, let time):
      guard joins.indices.contains(other), joins[other].indices.contains(attempt),
        seen[place].insert(other).inserted
      else { return }
      facts.places[place].seen.append(
        RoomFacts.Seen(place: other, milliseconds: joins[other][attempt].duration(to: time).milliseconds))
    case .patienceOver: isOver = true
    }
  }
}
