import Facts
import Transport

/// How long streams and counters are watched for growth.
private let sampleTime = Duration.seconds(1)
/// The counters of what has gone wrong before: whether it goes on is another matter.
private let watchedCounters = ["evicted_keys", "rejected_connections"]

extension RedisProbe {
  /// Looks a second time at the streams, and at the counters that stand above zero.
  func watch(_ link: RedisLink, _ record: inout ProbeRecord, within timeout: Duration) async {
    var streams = record.facts.streams?.value ?? []
    let numbers = record.facts.server.value?.numbers ?? [:]
    let counters = watchedCounters.filter { numbers[$0].map { $0 > 0 } ?? false }
    guard !streams.isEmpty || !counters.isEmpty else { return }
    // Our own connections that were refused came before this.
    let before = counters.isEmpty ? nil : await link.send([RedisCommand(["INFO", "stats"])], within: timeout)
    let began = ContinuousClock.now
    if !counters.isEmpty { record.facts.sample = .unseen(RedisFacts.notReached) }
    record.show()
    guard (try? await Task.sleep(for: sampleTime)) != nil else { return }
    let questions = streams.map { ["XINFO", "STREAM", $0.key] } + (counters.isEmpty ? [] : [["INFO", "stats"]])
    let result = await link.send(questions.map { RedisCommand($0) }, within: timeout)
    for index in streams.indices {
      guard let fields = result.reply(index)?.fields else { continue }
      streams[index].sample(fields)
    }
    if !streams.isEmpty {
      // One that is gone by now has nothing to tell.
      let isGone = streams.indices.map { index in
        if case .error(let text)? = result.reply(index) { text.hasPrefix("ERR no such key") } else { false }
      }
      record.facts.streams = .seen(zip(streams, isGone).filter { !$1 }.map(\.0))
    }
    if counters.isEmpty { return }
    guard let before = before?.reply(0)?.text.map(infoFields),
      let after = result.reply(streams.count)?.text.map(infoFields)
    else {
      record.facts.sample = .unseen(Unseen(.notReachable, "INFO stats was not answered twice"))
      return
    }
    var growth: [String: Int] = [:]
    for name in counters {
      guard let first = before[name].flatMap({ Int($0) }), let second = after[name].flatMap({ Int($0) }) else {
        continue
      }
      growth[name] = difference(second, first)
    }
    record.facts.sample = .seen(
      RedisFacts.Sample(milliseconds: began.duration(to: .now).milliseconds, growth: growth))
  }
}

extension RedisFacts.Stream {
  /// Takes in what XINFO STREAM says a second time.
  fileprivate mutating func sample(_ fields: [String: RedisReply]) {
    guard let length = fields["length"]?.integer else { return }
    growthInSample = difference(length, self.length)
    if let before = entriesAdded, let after = fields["entries-added"]?.integer {
      addedInSample = difference(after, before)
    } else if let lastID = fields["last-generated-id"]?.text {
      // Before Redis 7 nothing counts them, and a new id is one entry at least.
      addedInSample = lastID == self.lastID || lastID == "0-0" ? 0 : max(1, growthInSample ?? 1)
    }
  }
}

/// How much more one number is than another; nil where a server's numbers are none that count anything.
private func difference(_ after: Int, _ before: Int) -> Int? {
  let (difference, overflow) = after.subtractingReportingOverflow(before)
  return overflow ? nil : difference
}
