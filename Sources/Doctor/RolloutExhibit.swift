import Diagnosis
import Facts

/// A watched rollout: which streams were open when, drawn so that it fits 60 columns, each time that one was not, and what
/// the run did meanwhile.
func rolloutExhibits(_ rollout: RolloutFacts) -> [Exhibit] {
  [timeline(rollout), gaps(rollout), deeds(rollout)].compactMap { $0 }
}

/// How often streams dropped and what came of it, in a sentence.
func rolloutConclusions(_ rollout: RolloutFacts) -> [String] {
  let drops = rollout.streams.flatMap(\.drops)
  let watched = ageText(Int(exactly: (rollout.watchedMilliseconds / 1000).rounded()) ?? 0)
  let count = rollout.streams.count { !$0.drops.isEmpty }
  let never = rollout.streams.count { $0.openedMilliseconds == nil }
  let silent = rollout.streams.count(where: \.isSilent)
  let losing = rollout.streams.count { !$0.losses.isEmpty && !$0.isSilent }
  let outage = (rollout.publishers.value ?? []).map { $0.outageMilliseconds(until: rollout.watchedMilliseconds) }.max()
  let rest =
    (never > 0 ? "; \(never) \(never == 1 ? "was" : "were") never open" : "")
    + (silent > 0 ? "; nothing came on \(silent) that \(silent == 1 ? "was" : "were") open" : "")
    + (losing > 0 ? "; messages were lost on \(losing) while \(losing == 1 ? "it was" : "they were") open" : "")
    + (outage.map { $0 > 0 ? "; for \(ageText(max(1, Int($0 / 1000)))) nothing could be published" : "" } ?? "")
  if drops.isEmpty {
    let which =
      rollout.streams.isEmpty || rest.isEmpty ? "no stream" : "none of \(counted(rollout.streams.count, "stream"))"
    return ["in \(watched) \(which) dropped\(rest)"]
  }
  let away = rollout.streams.count { $0.drops.last.map { $0.backMilliseconds == nil } ?? false }
  let longest = drops.compactMap { gap in gap.backMilliseconds.map { $0 - gap.milliseconds } }.max()
  return [
    "in \(watched) \(count) of \(counted(rollout.streams.count, "stream")) dropped"
      + (drops.count > count ? ", \(counted(drops.count, "time")) in all" : "")
      + (longest.map { "; the longest gap was \(millisecondsText($0))" } ?? "")
      + (away > 0 ? "; \(away) \(away == 1 ? "is" : "are") not back" : "") + rest
  ]
}

/// How many gaps, and how many URLs, are shown.
private let maximumRows = 60
private let maximumURLs = 40

/// A row for each URL: `=` while all its streams were open, `.` while none was, `!` while messages did not come on one that
/// was, and else how many were.
private func timeline(_ rollout: RolloutFacts) -> Exhibit? {
  let targets = rollout.byTarget
  let shown = targets.prefix(maximumURLs)
  let labels = shown.map { streams in
    let name = streams.first?.instance ?? "public"
    return streams.count == 1 ? String(name.prefix(12)) : "\(name) × \(streams.count)"
  }
  guard
    let axis = TimeAxis(
      from: 0, to: rollout.watchedMilliseconds, columns: 56 - (labels.map(\.count).max() ?? 0))
  else { return nil }
  let rows = zip(labels, shown).map { label, streams in
    let presences = streams.map(Presence.init)
    let line = (0..<axis.columns).map { column -> Character in
      let stretch = axis.stretch(column)
      let open = presences.map { $0.manner(in: stretch) }
      if open.allSatisfy({ $0 == .always }) { return "=" }
      if open.allSatisfy({ $0 == .never }) { return "." }
      if open.contains(.missing) { return "!" }
      let count = open.count { $0 == .always }
      return streams.count == 1 || count == 0 ? "/" : count < 10 ? Character("\(count)") : "+"
    }
    return [label, String(line)]
  }
  let narrow = zip(labels, shown).map { label, streams in
    [label, counted(streams.reduce(0) { $0 + $1.drops.count }, "drop")]
  }
  return Exhibit(
    key: nil,
    title: "Streams during the rollout: = open, ! missing messages, . gone, / partly, a digit: so many open"
      + (targets.count > maximumURLs ? "; the first \(maximumURLs) of \(targets.count) URLs" : ""),
    columns: ["", axis.text], rows: rows, narrow: Exhibit.Table(columns: ["Stream", "Drops"], rows: narrow))
}

/// A row for each time that a stream was not open, in their order.
private func gaps(_ rollout: RolloutFacts) -> Exhibit {
  let gaps = rollout.streams.flatMap { stream in stream.gaps.map { (stream: stream, gap: $0) } }
    .sorted { $0.gap.milliseconds < $1.gap.milliseconds }
  var rows = gaps.prefix(maximumRows).map { stream, gap in
    [
      stream.name, gap.end == nil ? "-" : millisecondsText(gap.milliseconds),
      gap.end?.shortText ?? "it was not open yet",
      gap.backMilliseconds.map { millisecondsText($0 - gap.milliseconds) } ?? "not back",
      String(gap.failureCount + (gap.backMilliseconds == nil ? 0 : 1)), gap.lost.map { String($0) } ?? "?",
    ]
  }
  if gaps.count > maximumRows { rows.append(["and \(gaps.count - maximumRows) more", "", "", "", "", ""]) }
  var narrow = rows.map { [$0[0], $0[1], $0[3], $0[5]] }
  if rows.isEmpty {
    rows = [["-", "-", "no stream dropped", "-", "-", "-"]]
    narrow = [["no stream dropped", "-", "-", "-"]]
  }
  return Exhibit(
    key: "rollout", title: "Drops in \(millisecondsText(rollout.watchedMilliseconds))",
    columns: ["Stream", "Dropped at", "How it ended", "Back after", "Attempts", "Events lost"], rows: rows,
    narrow: Exhibit.Table(
      columns: ["Stream", "Dropped at", "Back after", "Lost"], rows: narrow),
    value: json(rollout))
}

/// What was published, and what was opened.
private func deeds(_ rollout: RolloutFacts) -> Exhibit {
  var rows: [[String]] =
    switch rollout.publishers {
    case .seen(let publishers): publishers.map { [source($0.redisURL, $0.instances), sentence($0)] }
    case .unseen(let reason): [["-", reason.detail]]
    }
  let attempts = rollout.streams.flatMap(\.gaps).reduce(0) {
    $0 + $1.failureCount + ($1.backMilliseconds == nil ? 0 : 1)
  }
  rows.append([
    "-",
    "\(counted(rollout.streams.count, "stream")) held, \(counted(attempts, "more attempt")) made to open them, and all "
      + "closed in the end; nothing was written but the messages",
  ])
  return Exhibit(
    key: nil, title: "Published by this run" + (rollout.channel.map { " on \($0)" } ?? ""),
    columns: ["Through", "What"], rows: rows)
}

private func sentence(_ publisher: RolloutFacts.Publisher) -> String {
  let failure = publisher.failure.map { [$0] } ?? []
  guard publisher.published > 0 else { return (["nothing"] + failure).joined(separator: ": ") }
  let published =
    "\(counted(publisher.published, "message")), as \(publisher.names.joined(separator: ", "))"
    + (publisher.looksRefused == nil ? "; who was subscribed was asked with each" : "")
  return ([published] + failure).joined(separator: "; for some time: ")
}

/// When a stream was there for its browser.
private struct Presence {
  enum Manner {
    case always, missing, never, partly
  }

  private let wasOpen: Bool
  private let closed: [Range<Double>]
  /// When messages that did not come were published, and from then on where later ones did not come either.
  private let missing: [ClosedRange<Double>]

  init(_ stream: RolloutFacts.Stream) {
    wasOpen = stream.openedMilliseconds != nil
    closed = stream.gaps.map { $0.milliseconds..<max($0.milliseconds, $0.backMilliseconds ?? .infinity) }
    let lost = stream.losses.map { loss in
      let end = stream.gaps.first { $0.milliseconds >= loss.toMilliseconds }?.milliseconds ?? .infinity
      return loss.fromMilliseconds...max(loss.fromMilliseconds, loss.isOver ? loss.toMilliseconds : end)
    }
    let silentSince = (stream.unheard ?? 0) > 0 ? 0 : stream.silentSinceMilliseconds
    missing = lost + (silentSince.map { [$0 ... .infinity] } ?? [])
  }

  /// How much of a stretch of time it was open, and whether messages did not come on it meanwhile.
  func manner(in stretch: Range<Double>) -> Manner {
    if !wasOpen { return .never }
    if closed.contains(where: { $0.lowerBound <= stretch.lowerBound && $0.upperBound >= stretch.upperBound }) {
      return .never
    }
    if closed.contains(where: { $0.overlaps(stretch) }) { return .partly }
    return missing.contains { $0.overlaps(stretch) } ? .missing : .always
  }
}

extension RolloutFacts.Stream {
  /// The instance, or which of the public streams it is.
  public var name: String { instance ?? "public #\(connection)" }
}

private func json(_ rollout: RolloutFacts) -> JSONValue {
  [
    "watchedMilliseconds": .number(rollout.watchedMilliseconds),
    "channel": .optional(rollout.channel),
    "reconnection": .string(rollout.reconnection.rawValue),
    "streams": .array(rollout.streams.map(json)),
    "publishers": observed(rollout.publishers) { publishers in
      .array(
        publishers.map { publisher in
          [
            "redis": .string(publisher.redisURL),
            "instances": .array(publisher.instances.map { .string($0) }),
            "names": .array(publisher.names.map { .string($0) }),
            "published": .integer(publisher.published),
            "failure": .optional(publisher.failure),
            "outages": .array(
              publisher.outages.map { outage in
                [
                  "fromMilliseconds": .number(outage.fromMilliseconds),
                  "toMilliseconds": .optional(outage.toMilliseconds),
                ]
              }),
            "subscribersUnknown": .optional(publisher.looksRefused),
          ]
        })
    },
  ]
}

private func json(_ stream: RolloutFacts.Stream) -> JSONValue {
  [
    "url": .string(stream.url),
    "instance": .optional(stream.instance),
    "connection": .integer(stream.connection),
    "openedMilliseconds": .optional(stream.openedMilliseconds),
    "heard": .integer(stream.heard),
    "unheard": .optional(stream.unheard),
    "silentSinceMilliseconds": .optional(stream.silentSinceMilliseconds),
    "wasSubscribed": stream.wasSubscribed.map { .bool($0) } ?? .null,
    "stopped": .optional(stream.stop?.rawValue),
    "gaps": .array(
      stream.gaps.map { gap in
        [
          "milliseconds": .number(gap.milliseconds),
          "end": .optional(gap.end?.text),
          "backMilliseconds": .optional(gap.backMilliseconds),
          "failedAttempts": .integer(gap.failureCount),
          "failures": .array(
            gap.failures.map { attempt in
              [
                "milliseconds": .number(attempt.milliseconds), "status": .optional(attempt.status),
                "detail": .string(attempt.detail),
              ]
            }),
          "lost": .optional(gap.lost),
        ]
      }),
    "losses": .array(
      stream.losses.map { loss in
        [
          "fromMilliseconds": .number(loss.fromMilliseconds), "toMilliseconds": .number(loss.toMilliseconds),
          "count": .integer(loss.count), "unsubscribed": .optional(loss.unsubscribed), "isOver": .bool(loss.isOver),
          "later": .optional(loss.later),
        ]
      }),
  ]
}
