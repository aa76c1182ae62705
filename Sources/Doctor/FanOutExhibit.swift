import Diagnosis
import FanOut
import Facts

/// Each instance on the way of an event: what its environment and its config say, whether its stream opened, whether it is
/// subscribed in Redis, and whether the event came out of it and out of the public URLs; then the public URLs.
func fanOutExhibits(_ facts: Facts) -> [Exhibit] {
  guard let matrix = FanOutMatrix(facts) else { return [] }
  let rows = matrix.rows.map { InstanceCells($0, matrix, facts) }
  let instances = Exhibit(
    key: "fanOut", title: "One event in, on \(matrix.channel)",
    columns: ["Instance", "Environment", "Driver", "Stream", "Subscribed", "Arrived directly", "By public URL"],
    rows: rows.map { [$0.name, $0.environment, $0.driver, $0.stream, $0.subscribed, $0.direct, $0.proxied] },
    narrow: Exhibit.Table(
      columns: ["Instance", "Subscribed", "Directly", "Public"],
      rows: rows.map { [$0.name, $0.subscribed, $0.direct, $0.proxied] }),
    value: json(matrix, facts))
  guard !matrix.publicStreams.isEmpty else { return [instances] }
  return [
    instances,
    Exhibit(
      key: nil, title: "Public URLs", columns: ["URL", "Streams", "At", "Arrived"],
      rows: matrix.publicStreams.map { streams in
        [
          streams.first?.facts.url ?? "", opened(streams), seats(streams), arrived(streams.map(\.arrival)),
        ]
      }),
  ]
}

/// The cells of one instance.
private struct InstanceCells {
  var name: String
  var environment: String
  var driver: String
  var stream: String
  var subscribed: String
  var direct: String
  var proxied: String

  init(_ row: FanOutMatrix.Row, _ matrix: FanOutMatrix, _ facts: Facts) {
    name = row.instance
    let clues = FanOutClues(row, in: matrix, facts)
    environment = Self.environment(clues, facts)
    driver =
      facts.deployment.value?.system == .flowpanel
      ? clues.driver ?? (clues.realtime == nil ? "-" : "undetermined") : "-"
    stream =
      row.direct.map { direct in
        switch direct.facts.outcome {
        case .failure(let failure): failure.detail
        case .response(let response) where response.status != 200: "status \(response.status)"
        case .response: direct.isReady ? "ready" : "no handshake"
        }
      } ?? "-"
    subscribed = row.direct.map { Self.subscribed($0.hearing, beside: matrix.main) } ?? "-"
    direct = row.direct.map { arrived([$0.arrival]) } ?? "-"
    if !row.proxied.isEmpty {
      proxied = arrived(row.proxied.map(\.arrival)) + (row.proxied.count == 1 ? "" : " ×\(row.proxied.count)")
    } else {
      let isOpen = matrix.publicStreams.joined().contains { $0.seat == .unknown || $0.seat == .silent }
      proxied = matrix.publicStreams.isEmpty ? "-" : isOpen ? "not known" : "none led there"
    }
  }

  /// How the variable that holds the Redis URL stands.
  private static func environment(_ clues: FanOutClues, _ facts: Facts) -> String {
    let used = Set((clues.realtime?.driver.variables ?? []) + (clues.realtime?.redis.variables ?? [])).sorted()
    if !used.isEmpty { return used.map { "\($0.name) \($0.state.rawValue)" }.joined(separator: ", ") }
    guard let environment = facts.environments.value?.first(where: { $0.instance == clues.row.instance }),
      let variables = environment.variables.value, let name = facts.deployment.value?.system.redisVariable
    else { return "-" }
    return variables[name] == nil ? "\(name) unset" : "\(name) set"
  }

  private static func subscribed(_ hearing: FanOutMatrix.Hearing, beside main: FanOutMatrix.Place?) -> String {
    switch hearing {
    case .subscribed(let places):
      guard let main, !places.contains(main), let place = places.first else { return "yes" }
      return place.server == main.server ? "under \(place.name.words)" : "on \(place.server)"
    case .lost: return "at first, no more"
    case .never: return "no"
    case .unknown: return "not known"
    }
  }
}

/// How long after it was published the latest message came, `12 ms`; `no`; `on 4 of 6`.
private func arrived(_ arrivals: [FanOutMatrix.Arrival]) -> String {
  let came = arrivals.filter { $0.came > 0 }
  let whole = arrivals.filter { $0.came > 0 && $0.lost == 0 }
  guard !came.isEmpty else { return "no" }
  if whole.count < arrivals.count { return arrivals.count == 1 ? "not all" : "on \(whole.count) of \(arrivals.count)" }
  return whole.compactMap(\.latest).max().map(millisecondsText) ?? "yes"
}

private func opened(_ streams: [FanOutMatrix.Stream]) -> String {
  let ready = streams.count(where: \.isReady)
  return ready == streams.count ? "\(ready)" : "\(ready) of \(streams.count)"
}

private func seats(_ streams: [FanOutMatrix.Stream]) -> String {
  var counts: [String: Int] = [:]
  for stream in streams where stream.isReady {
    switch stream.seat {
    case .instance(let name): counts[name, default: 0] += 1
    case .unnamed: counts["a process nobody named", default: 0] += 1
    case .silent: counts["instances that are not subscribed", default: 0] += 1
    case .unknown: break
    }
  }
  if counts.isEmpty { return "not known" }
  return counts.sorted { $0.key < $1.key }.map { "\($0.key) ×\($0.value)" }.joined(separator: ", ")
}

private func json(_ matrix: FanOutMatrix, _ facts: Facts) -> JSONValue {
  [
    "channel": .string(matrix.channel),
    "instances": .array(
      matrix.rows.map { row in
        [
          "name": .string(row.instance), "driver": .optional(FanOutClues(row, in: matrix, facts).driver),
          "direct": row.direct.map(json) ?? .null,
          "proxied": .array(row.proxied.map { .integer($0.facts.index) }),
        ]
      }),
    "publicURLs": .array(
      matrix.publicStreams.map { streams in
        ["url": .optional(streams.first?.facts.url), "streams": .array(streams.map(json))]
      }),
    "unnamedProcesses": .integer(matrix.unnamedProcesses),
    "notCounted": .optional(matrix.gap),
  ]
}

private func json(_ stream: FanOutMatrix.Stream) -> JSONValue {
  let seat: JSONValue =
    switch stream.seat {
    case .instance(let name): .string(name)
    case .unnamed, .silent, .unknown: .null
    }
  var places: [FanOutMatrix.Place] = []
  var isSubscribed: JSONValue = true
  switch stream.hearing {
  case .subscribed(let known): places = known
  case .lost, .never: isSubscribed = false
  case .unknown: isSubscribed = .null
  }
  return [
    "index": .integer(stream.facts.index), "isReady": .bool(stream.isReady), "instance": seat,
    "isSubscribed": isSubscribed,
    "places": .array(
      places.map { ["redis": .string($0.server), "names": .string($0.name.words)] }),
    "came": .integer(stream.arrival.came), "lost": .integer(stream.arrival.lost),
    "repeated": .integer(stream.arrival.repeated), "disordered": .integer(stream.arrival.disordered),
    "latestMilliseconds": .optional(stream.arrival.latest),
    "envelope": stream.arrival.isWrapped.map { .bool($0) } ?? .null,
    "burst": stream.facts.burst.map { ["came": .integer($0.count)] } ?? .null,
  ]
}
