import Facts
import Foundation
import RedisProbe
import StreamProbe
import Transport

/// Asks every stream for what its channel's log holds after one event, all at once, and notes what each brings.
struct Replaying: Sendable {
  var targets: [RedisProbeTarget]
  /// One for each URL.
  var streams: [StreamTarget]
  /// How the streams are opened.
  var probe: StreamProbe
  /// Whether a log may be written where there is none.
  var isIntrusive = false
  /// How long what follows is waited for.
  var patience = Duration.seconds(10)

  /// How long a stream is watched once all has come: what comes twice comes late.
  private static let settling = Duration.milliseconds(300)

  /// The facts of all channels that the URLs name. A task that is cancelled returns what is known by then.
  func facts(through redis: RedisProbe, over transport: Transport) async -> ReplayFacts {
    var channels: [(name: String, streams: [StreamTarget])] = []
    for stream in streams {
      let name = channelName(in: stream.url)
      if let index = channels.firstIndex(where: { $0.name == name }) {
        channels[index].streams.append(stream)
      } else {
        channels.append((name, [stream]))
      }
    }
    return ReplayFacts(
      channels: await concurrently(channels) { await facts(of: $0.name, $0.streams, through: redis, over: transport) })
  }

  private func facts(
    of name: String, _ streams: [StreamTarget], through redis: RedisProbe, over transport: Transport
  ) async -> ReplayFacts.Channel {
    var logs = await concurrently(targets) { target in
      await OpenLog(at: target, keys: StreamLog.keys(ofChannel: name), through: redis, over: transport)
    }
    var channel = ReplayFacts.Channel(name: name, logs: logs.map(\.facts))
    var streams = streams
    var place = channel.logs.firstIndex { ($0.entries.value?.count ?? 0) > 1 }
    if place == nil, isIntrusive, let index = logs.firstIndex(where: { $0.log != nil }) {
      let own = DriveChannel(of: .redisStreams, nonce: nonce())
      logs[index] = await OpenLog(writing: "sse:\(own.name)", at: targets[index], through: redis, over: transport)
      channel.logs = [logs[index].facts]
      if logs[index].log != nil {
        place = index
        channel.name = own.name
        channel.isOwn = true
        for stream in streams.indices { streams[stream].channel = (own, false) }
      }
    }
    guard let place, let ids = logs[place].facts.entries.value, let sent = ids.first else {
      let reason = channel.whyNothingToAskFor
      channel.streams = streams.map { $0.replayed(.unseen(reason)) }
      return channel
    }
    let expected = Array(ids.dropFirst())
    var probe = probe
    probe.lastEventID = sent
    probe.watch = patience
    channel.streams = await concurrently(streams) { [probe] stream in
      stream.replayed(await reply(of: stream, bringing: expected, by: probe, over: transport))
    }
    channel.asked = ReplayFacts.Asked(
      log: channel.isOwn ? 0 : place, sentID: sent, expected: expected,
      remaining: await logs[place].remaining(of: expected))
    if channel.isOwn {
      await logs[place].delete()
      channel.logs = [logs[place].facts]
    }
    return channel
  }

  /// What a stream brings until all has come that is expected, and a little longer.
  private func reply(
    of stream: StreamTarget, bringing expected: [String], by probe: StreamProbe, over transport: Transport
  ) async -> Observation<ReplayFacts.Reply> {
    let (arrivals, report) = AsyncStream.makeStream(of: String.self)
    let watch = Task {
      let facts = await probe.facts(of: stream, over: transport) { news in
        if case .arrival(let arrival) = news, let id = arrival.lastEventID { report.yield(id) }
      }
      report.finish()
      return facts
    }
    var missing = Set(expected)
    let facts = await withTaskCancellationHandler {
      for await id in arrivals {
        missing.remove(id)
        guard missing.isEmpty else { continue }
        try? await Task.sleep(for: Self.settling)
        watch.cancel()
        break
      }
      return await watch.value
    } onCancel: {
      watch.cancel()
    }
    guard !Task.isCancelled || missing.isEmpty else {
      return .unseen(Unseen(.interrupted, "the run ended before it was known what follows an event"))
    }
    return .seen(ReplayFacts.Reply(facts))
  }
}

/// A log, its connection, and what it has.
private struct OpenLog: Sendable {
  var facts: ReplayFacts.Log
  var log: StreamLog?

  /// The newest entries of the first of the keys that has any.
  init(at target: RedisProbeTarget, keys: [String], through probe: RedisProbe, over transport: Transport) async {
    facts = Self.facts(of: keys[0], at: target, through: probe)
    do throws(RendezvousFailure) {
      var log = try await StreamLog(at: target.target, through: probe, over: transport)
      facts.redisURL = log.redisURL
      let (key, ids) = try await log.newest(ofFirst: keys)
      facts.key = key
      facts.entries = .seen(ids)
      self.log = log
    } catch {
      facts.entries = .unseen(error.unseen)
    }
  }

  /// A log of the run's own.
  init(
    writing key: String, at target: RedisProbeTarget, through probe: RedisProbe, over transport: Transport
  ) async {
    facts = Self.facts(of: key, at: target, through: probe)
    do throws(RendezvousFailure) {
      log = try await StreamLog(at: target.target, through: probe, over: transport, writes: true)
      facts.redisURL = log?.redisURL ?? facts.redisURL
      if let ids = try await log?.write(key) { facts.entries = .seen(ids) }
    } catch {
      facts.entries = .unseen(error.unseen)
      await delete()
      log = nil
    }
  }

  private static func facts(
    of key: String, at target: RedisProbeTarget, through probe: RedisProbe
  ) -> ReplayFacts.Log {
    ReplayFacts.Log(
      redisURL: "\(probe.facts(beforeTrying: target.target).endpoint)", instances: target.usedBy, key: key,
      entries: .unseen(.notAsked))
  }

  mutating func remaining(of ids: [String]) async -> Observation<[String]> {
    do throws(RendezvousFailure) {
      guard let remaining = try await log?.remaining(of: ids, in: facts.key) else { return .unseen(.notAsked) }
      return .seen(remaining)
    } catch {
      return .unseen(error.unseen)
    }
  }

  /// Deletes a log of the run's own, or notes that it was left. A run that ends first waits for it as long as for the rest:
  /// what is sent to Redis is not cut short with the task.
  mutating func delete() async {
    guard let written = log, written.isWritten else { return }
    do throws(RendezvousFailure) {
      try await log?.delete(facts.key)
    } catch {
      facts.left = ReplayFacts.Left("\(error)", secondsToLive: written.secondsToLive)
    }
  }
}

extension ReplayFacts.Channel {
  /// Why there is no event that could be named as the last one.
  fileprivate var whyNothingToAskFor: Unseen {
    let read = logs.filter { $0.entries.value != nil }
    guard let log = read.first else {
      return logs.lazy.compactMap(\.entries.unseen).first ?? Unseen(.notAttempted, "no log was read")
    }
    let what = (log.entries.value ?? []).isEmpty ? "no entry" : "one entry alone"
    return Unseen(
      .notAttempted,
      "\(log.key) has \(what) in \(log.redisURL), so nothing could be brought again; publish some events, or let "
        + "--intrusive write a stream of its own")
  }
}

extension ReplayFacts.Reply {
  /// What came on a stream.
  init(_ facts: StreamFacts) {
    self.init(
      outcome: facts.outcome, tooLarge: facts.totals.tooLarge, end: facts.end,
      watchedMilliseconds: facts.watchedMilliseconds)
    var last: StreamFacts.Arrival?
    for arrival in facts.arrivals {
      guard case .event = arrival.content else { continue }
      // An event without an ID has that of the one before it (WHATWG HTML section 9.2.6): only the same again is twice.
      let isAnother = arrival.lastEventID != last?.lastEventID || arrival.content == last?.content
      last = arrival
      if let id = arrival.lastEventID, isAnother {
        if came.count < Self.maximumIDs { came.append(id) }
      } else {
        withoutID += 1
      }
    }
  }
}

extension StreamTarget {
  fileprivate func replayed(_ reply: Observation<ReplayFacts.Reply>) -> ReplayFacts.Stream {
    ReplayFacts.Stream(
      target: number, url: redactedURL(url), instance: instance, via: via, location: location, reply: reply)
  }
}

/// The channel that a stream's URL is about: its path's last part.
private func channelName(in url: String) -> String {
  let path = URLParts(url)?.path ?? ""
  let part = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
  return part.removingPercentEncoding ?? String(part)
}

/// The results of work on each item, done at once, in the items' order.
func concurrently<Item: Sendable, Result: Sendable>(
  _ items: [Item], _ work: @escaping @Sendable (Item) async -> Result
) async -> [Result] {
  await withTaskGroup(of: (Int, Result).self) { group in
    for (index, item) in items.enumerated() { group.addTask { (index, await work(item)) } }
    var results: [(Int, Result)] = []
    for await result in group { results.append(result) }
    return results.sorted { $0.0 < $1.0 }.map(\.1)
  }
}

extension Plan {
  /// What streams are to bring again, or why nothing; nil where that was not asked for.
  func replaying(_ servers: RedisServers) -> Observation<Replaying>? {
    guard replaysStreams, !streams.isEmpty else { return nil }
    guard let targets = servers.targets.value, !targets.isEmpty else {
      let reason = servers.unknown.first?.reason ?? servers.targets.unseen
      return .unseen(
        Unseen(
          .notGiven,
          "no Redis is known whose log tells what follows an event" + (reason.map { ": \($0.detail)" } ?? ""),
          at: reason?.location))
    }
    var probe = streamProbe
    probe.stop = StreamStop()
    probe.passesBytes = false
    return .seen(
      Replaying(
        targets: targets,
        streams: streams.enumerated().map { number, stream in
          var stream = stream
          stream.number = number
          stream.cell = StreamCell(version: .negotiated, coding: .browser)
          return stream
        }, probe: probe, isIntrusive: redis.isIntrusive))
  }
}
