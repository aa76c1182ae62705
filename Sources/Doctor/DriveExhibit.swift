import Diagnosis
import Facts

/// What the run published itself, on which channel, under which names and to how many, or why nothing.
///
/// - Parameter wroteLog: whether it wrote a log of its own too, of which the exhibit on replay tells.
func driveExhibit(_ drive: Observation<StreamDrive>, wroteLog: Bool) -> Exhibit {
  var rows: [[String]] =
    switch drive {
    case .seen(let drive): drive.publishers.map { [source($0.redisURL, $0.instances), sentence($0)] }
    case .unseen(let reason): [["-", reason.detail]]
    }
  if let streams = drive.value?.fanOut {
    rows.append([
      "-",
      "\(counted(streams.count, "stream")) held meanwhile, and closed"
        + (wroteLog ? "" : "; nothing was written but the messages"),
    ])
  }
  return Exhibit(
    key: "drive", title: "Published by this run" + (drive.value.map { " on \($0.channel)" } ?? ""),
    columns: ["Through", "What"], rows: rows, value: observed(drive, json))
}

/// A Redis, and who uses it.
func source(_ redisURL: String, _ instances: [String]) -> String {
  redisURL + (instances.isEmpty ? "" : " (\(instances.joined(separator: ", ")))")
}

private func sentence(_ publisher: StreamDrive.Publisher) -> String {
  let failure = publisher.failure.map { [$0] } ?? []
  guard !publisher.publications.isEmpty else { return (["nothing"] + failure).joined(separator: ": ") }
  let underAll = publisher.publications.filter { $0.name == nil }
  let receivers = (underAll.isEmpty ? publisher.publications : underAll).compactMap(\.receivers)
  let least = receivers.min() ?? 0
  let most = receivers.max() ?? 0
  let count =
    most == 0
    ? "nobody, as none had subscribed" : least == most ? counted(most, "subscriber") : "\(least) to \(most) subscribers"
  let published =
    "\(counted(publisher.publications.count, "message")) to \(count); as \(publisher.names.joined(separator: ", "))"
  let burst = publisher.burst.flatMap { burst in
    burst.count == 0 ? nil : "\(burst.count) at once to \(counted(burst.receivers, "subscriber"))"
  }
  return ([published] + [burst].compactMap { $0 } + failure).joined(separator: "; then ")
}

private func json(_ drive: StreamDrive) -> JSONValue {
  [
    "channel": .string(drive.channel),
    "publishers": .array(
      drive.publishers.map { publisher in
        [
          "redis": .string(publisher.redisURL),
          "instances": .array(publisher.instances.map { .string($0) }),
          "names": .array(publisher.names.map { .string($0) }),
          "publications": .array(
            publisher.publications.map { publication in
              [
                "number": .integer(publication.number), "sentMilliseconds": .number(publication.sentMilliseconds),
                "answeredMilliseconds": .optional(publication.answeredMilliseconds),
                "receivers": .optional(publication.receivers), "name": .optional(publication.name),
              ]
            }),
          "failure": .optional(publisher.failure), "burst": publisher.burst.map(json) ?? .null,
        ]
      }),
  ]
}

private func json(_ burst: StreamDrive.Burst) -> JSONValue {
  [
    "count": .integer(burst.count), "sentMilliseconds": .number(burst.sentMilliseconds),
    "answeredMilliseconds": .number(burst.answeredMilliseconds), "receivers": .integer(burst.receivers),
    "closedConnections": .optional(burst.closedConnections),
  ]
}
