// Replays that scenarios are told with: sse:news held five events after 1000-0, which is sent as Last-Event-ID.

import Facts

extension Samples {
  static let eventsURL = "https://admin.example.com/events/news"

  /// What came on one of the streams.
  struct Replayed {
    var stream: ReplayFacts.Stream

    /// An instance's own URL, and which of the entries came: 0 is the one that was named.
    static func web1(
      _ came: ClosedRange<Int>..., withoutID: Int = 0, tooLarge: Int = 0
    ) -> Replayed {
      Replayed(instance: "web-1", came: came, withoutID: withoutID, tooLarge: tooLarge)
    }

    static func web2(_ came: ClosedRange<Int>...) -> Replayed { Replayed(instance: "web-2", came: came) }

    static func hop1(_ came: ClosedRange<Int>...) -> Replayed { Replayed(via: 1, came: came) }

    static func publicURL(_ came: ClosedRange<Int>...) -> Replayed { Replayed(came: came) }

    /// web-1, which brings events of another log too.
    static var foreign: Replayed {
      var replayed = Replayed.web2()
      replayed.reply { $0.came = ["1001-7", "1002-7"] }
      return replayed
    }

    /// web-2, which does not answer.
    static var failing: Replayed {
      var replayed = Replayed.web2()
      replayed.reply { $0.outcome = .failure(StreamFacts.Failure(.connectionRefused, "connection refused")) }
      return replayed
    }

    /// web-2, which answers with a status.
    static func status(_ status: Int) -> Replayed {
      var replayed = Replayed.web2()
      replayed.reply { $0.outcome = .response(StreamFacts.Response(status: status)) }
      return replayed
    }

    private mutating func reply(_ change: (inout ReplayFacts.Reply) -> Void) {
      stream.reply = stream.reply.map { reply in
        var reply = reply
        change(&reply)
        return reply
      }
    }

    private init(
      instance: String? = nil, via: Int? = nil, came: [ClosedRange<Int>], withoutID: Int = 0, tooLarge: Int = 0
    ) {
      let url = instance.map { "http://\($0):3000/events/news" } ?? via.map { "http://hop-\($0)/events/news" }
      let head = StreamFacts.Response(status: 200, headers: [.init("Content-Type", "text/event-stream")])
      stream = ReplayFacts.Stream(
        target: instance == "web-1" ? 0 : instance == "web-2" ? 1 : via == nil ? 2 : 3, url: url ?? eventsURL,
        instance: instance, via: via,
        reply: .seen(
          ReplayFacts.Reply(
            outcome: .response(head), came: came.flatMap(ids), withoutID: withoutID, tooLarge: tooLarge,
            watchedMilliseconds: 400)))
    }
  }

  private static func ids(_ numbers: ClosedRange<Int>) -> [String] { numbers.map(id) }

  private static func id(_ number: Int) -> String { "\(1000 + number)-0" }

  /// A replay, and which entries the log still had afterwards; nil where that is not known.
  ///
  /// - Parameter ownRedis: whether web-2 has a Redis of its own, in which the log has no entry.
  static func replay(
    _ streams: Replayed..., remaining: [Int]? = Array(1...5), isOwn: Bool = false, ownRedis: Bool = false
  ) -> Facts {
    var logs = [
      ReplayFacts.Log(
        redisURL: "redis://cache:6379/0", instances: ownRedis ? ["web-1"] : ["web-1", "web-2"], key: "sse:news",
        entries: .seen(ids(0...5)))
    ]
    if ownRedis {
      logs.append(
        ReplayFacts.Log(
          redisURL: "redis://other:6379/0", instances: ["web-2"], key: "sse:news", entries: .seen([])))
    }
    let asked = ReplayFacts.Asked(
      sentID: "1000-0", expected: ids(1...5),
      remaining: remaining.map { .seen($0.map(id)) } ?? .unseen(Unseen(.timedOut, "read: no reply within 5 s")))
    return replayFacts(
      .seen(
        ReplayFacts(channels: [
          ReplayFacts.Channel(name: "news", logs: logs, isOwn: isOwn, asked: asked, streams: streams.map(\.stream))
        ])))
  }

  /// A replay for which there was nothing to ask for, at two instances and the public URL.
  static func noReplay(_ reason: String) -> Facts {
    let streams = [Replayed.web1(), .web2(), .publicURL()].map { replayed in
      var stream = replayed.stream
      stream.reply = .unseen(Unseen(.notAttempted, reason))
      return stream
    }
    return replayFacts(.seen(ReplayFacts(channels: [ReplayFacts.Channel(name: "news", streams: streams)])))
  }

  /// No replay, although one was asked for.
  static func replayUnseen(_ reason: Unseen) -> Facts { replayFacts(.unseen(reason)) }

  private static func replayFacts(_ replay: Observation<ReplayFacts>) -> Facts {
    var facts = stream([comment("connected", at: 9)], system: .redisStreams)
    facts.replay = replay
    return facts
  }
}
