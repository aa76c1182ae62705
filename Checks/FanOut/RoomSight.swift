import Diagnosis
import Facts

/// Who sees whom in a room, and which instances are at fault where somebody does not.
///
/// Between two instances alone it can't be told which of them does not listen and which does not speak; of more, the one
/// that sees nobody else is cut off, and the one whom several do not see does not speak.
struct RoomSight {
  let facts: RoomFacts
  /// The places whose listener and whose announced user are there.
  private let listening: [Int]
  private let announced: [Int]
  private let seen: [Set<Int>]

  init(_ facts: RoomFacts) {
    self.facts = facts
    listening = facts.places.indices.filter { facts.places[$0].listener.failure == nil }
    announced = facts.places.indices.filter { facts.places[$0].announced.failure == nil }
    seen = facts.places.map { Set($0.seen.map(\.place)) }
  }

  private func isInstance(_ place: Int) -> Bool { facts.places[place].instance != nil }

  /// The names of places, as messages list them.
  func names(_ places: [Int]) -> [String] { places.map { facts.places[$0].name } }

  /// Whom the listener of a place should see: at an instance who joins on the others, at a public URL everybody.
  func expected(at place: Int) -> [Int] {
    isInstance(place) ? announced.filter { $0 != place && isInstance($0) } : announced
  }

  /// Those of them that it does not.
  func missing(at place: Int) -> [Int] { expected(at: place).filter { !seen[place].contains($0) } }

  /// The instances at which somebody listens who does not see who joins at a place.
  func blindTo(_ place: Int) -> [Int] {
    guard announced.contains(place) else { return [] }
    return listening.filter { $0 != place && isInstance($0) && !seen[$0].contains(place) }
  }

  /// Whether an instance sees nobody who joins elsewhere.
  func isBlind(_ place: Int) -> Bool { !missing(at: place).isEmpty && missing(at: place) == expected(at: place) }

  /// Whether no other instance sees who joins on one; of one alone, that is its own fault.
  func isUnseen(_ place: Int) -> Bool {
    let others = listening.filter { $0 != place && isInstance($0) }
    return isInstance(place) && others.count > 1 && blindTo(place) == others
  }

  /// The instances at fault.
  var faulty: [Int] { listening.filter { isInstance($0) && isFaulty($0) } }

  private func isFaulty(_ place: Int) -> Bool {
    isBlind(place) || isUnseen(place) || !missing(at: place).allSatisfy(isUnseen)
  }

  /// The public URLs at which something is missing, either way.
  var doubtfulURLs: [Int] {
    listening.filter { !isInstance($0) && (!missing(at: $0).isEmpty || !blindTo($0).isEmpty) }
  }

  /// How long it took at most until the listener of a place saw those it should, in milliseconds.
  func latest(at place: Int) -> Double {
    let expected = Set(expected(at: place))
    return facts.places[place].seen.filter { expected.contains($0.place) }.map(\.milliseconds).max() ?? 0
  }

  /// What each Redis counts on the room's channel.
  var evidence: [Evidence] {
    facts.counts.map { count in
      let name = "NUMSUB \(facts.channel) in \(count.redisURL)"
      return switch count.subscribers {
      case .seen(let number):
        Evidence(name, "\(number)", expected: count.instances.isEmpty ? nil : "\(count.instances.count)")
      case .unseen(let reason): Evidence(name, "not known: \(reason.detail)")
      }
    }
  }
}

extension RoomFacts.Place {
  var name: String { instance ?? url }
  var subject: Subject { instance.map { .instance($0) } ?? .stream(url) }
}
