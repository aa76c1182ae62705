import Diagnosis
import Facts

/// What the run published itself, on which channel, under which names and to how many, or why nothing.
func driveExhibit(_ drive: Observation<StreamDrive>) -> Exhibit {
  let rows: [[String]] =
    switch drive {
    case .seen(let drive): drive.publishers.map { [source($0), sentence($0)] }
    case .unseen(let reason): [["-", reason.detail]]
    }
  return Exhibit(
    key: "drive", title: "Published by this run" + (drive.value.map { " on \($0.channel)" } ?? ""),
    columns: ["Through", "What"], rows: rows, value: observed(drive, json))
}

private func source(_ publisher: StreamDrive.Publisher) -> String {
  publisher.redisURL + (publisher.instances.isEmpty ? "" : " (\(publisher.instances.joined(separator: ", ")))")
}

private func sentence(_ publisher: StreamDrive.Publisher) -> String {
  let failure = publisher.failure.map { [$0] } ?? []
  guard !publisher.publications.isEmpty else { return (["nothing"] + failure).joined(separator: ": ") }
  let receivers = publisher.publications.compactMap(\.receivers)
  let least = receivers.min() ?? 0
  let most = receivers.max() ?? 0
  let count =
    most == 0
    ? "nobody, as none had subscribed" : least == most ? counted(most, "subscriber") : "\(least) to \(most) subscribers"
  let published =
    "\(counted(publisher.publications.count, "message")) to \(count); as \(publisher.names.joined(separator: ", "))"
  return ([published] + failure).joined(separator: "; then ")
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
                "receivers": .optional(publication.receivers),
              ]
            }),
          "failure": .optional(publisher.failure),
        ]
      }),
  ]
}
