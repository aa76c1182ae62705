import Diagnosis
import Facts

/// What each stream brought after one event, beside what the log holds after it.
func replayExhibit(_ replay: Observation<ReplayFacts>) -> Exhibit {
  let rows: [[String]] =
    switch replay {
    case .seen(let replay):
      replay.channels.flatMap { channel in channel.streams.map { row($0, in: channel) } }
        + (replay.leftLogs + [replay.deeds]).map { ["-", "-", "-", $0] }
    case .unseen(let reason): [["-", "-", "-", reason.detail]]
    }
  return Exhibit(
    key: "replay", title: "After a last event" + (replay.value.map(sources) ?? ""),
    columns: ["URL", "Last-Event-ID", "Came", "Of the log"], rows: rows, value: observed(replay, json))
}

/// Which logs were asked about, and which of them the run wrote itself and what became of it.
private func sources(_ replay: ReplayFacts) -> String {
  let names = replay.channels.compactMap { channel in
    channel.log.map { log in
      "\(log.key) in \(log.redisURL)"
        + (!channel.isOwn ? "" : log.left == nil ? ", written by this run and deleted" : ", written by this run")
    }
  }
  return names.isEmpty ? "" : ", from \(names.joined(separator: "; "))"
}

extension ReplayFacts {
  /// Whether the run wrote a log of its own, or may have begun to.
  var wroteLog: Bool { channels.contains { $0.isOwn || $0.logs.contains { $0.left != nil } } }

  /// What was done to the system, in words.
  fileprivate var deeds: String {
    "each was opened at most once, and closed; Redis was sent XREVRANGE"
      + (wroteLog ? ", and XADD, EXPIRE and DEL for a log of the run's own" : " alone")
  }

  /// What the run wrote and could not delete, in words.
  fileprivate var leftLogs: [String] {
    channels.flatMap(\.logs).compactMap { log in
      log.left.map { left in
        "\(log.key) was left there (\(left.reason)), and "
          + (left.secondsToLive.map { "expires \($0) s after it was written" } ?? "may stay until you delete it")
      }
    }
  }
}

private func row(_ stream: ReplayFacts.Stream, in channel: ReplayFacts.Channel) -> [String] {
  let name = stream.url + (stream.instance.map { " (\($0))" } ?? "")
  guard let asked = channel.asked, let reply = stream.reply.value else {
    return [name, "-", "-", stream.reply.unseen?.detail ?? "nothing was asked for"]
  }
  let came =
    reply.failure?.detail
    ?? (reply.response?.isEventStream == true
      ? counted(reply.came.count, "event") : "status \(reply.response?.status ?? 0)")
  let lost = asked.expected.filter { !reply.came.contains($0) }
  let known = reply.came.filter(asked.expected.contains)
  var what = ["\(asked.expected.count - lost.count) of \(asked.expected.count)"]
  if known.count > Set(known).count { what.append("\(known.count - Set(known).count) of them again") }
  if reply.came.contains(asked.sentID) { what.append("and the named one") }
  return [name, asked.sentID, came, what.joined(separator: ", ")]
}

extension ReplayFacts.Reply {
  fileprivate var response: StreamFacts.Response? {
    if case .response(let response) = outcome { response } else { nil }
  }
  fileprivate var failure: StreamFacts.Failure? { if case .failure(let failure) = outcome { failure } else { nil } }
}

private func json(_ replay: ReplayFacts) -> JSONValue {
  [
    "channels": .array(
      replay.channels.map { channel in
        [
          "name": .string(channel.name), "isOwn": .bool(channel.isOwn),
          "logs": .array(
            channel.logs.map { log in
              [
                "redis": .string(log.redisURL), "instances": .array(log.instances.map { .string($0) }),
                "key": .string(log.key), "entries": observed(log.entries, ids),
                "left": log.left.map {
                  ["reason": .string($0.reason), "secondsToLive": .optional($0.secondsToLive)]
                } ?? .null,
              ]
            }),
          "asked": channel.asked.map { asked in
            [
              "log": .integer(asked.log), "lastEventID": .string(asked.sentID), "expected": ids(asked.expected),
              "remaining": observed(asked.remaining, ids),
            ]
          } ?? .null,
          "streams": .array(
            channel.streams.map { stream in
              [
                "url": .string(stream.url), "instance": .optional(stream.instance), "via": .optional(stream.via),
                "reply": observed(stream.reply) { reply in
                  [
                    "status": .optional(reply.response?.status), "failure": .optional(reply.failure?.detail),
                    "came": ids(reply.came), "withoutID": .integer(reply.withoutID),
                    "watchedMilliseconds": .number(reply.watchedMilliseconds),
                  ]
                },
              ]
            }),
        ]
      })
  ]
}

private func ids(_ ids: [String]) -> JSONValue { .array(ids.map { .string($0) }) }
