import Facts

extension FanOutMatrix.Arrival {
  /// What came on a stream of what was published for it.
  init(
    of stream: FanOutStream, _ drive: StreamDrive, _ hearing: FanOutMatrix.Hearing, _ subscriptions: Subscriptions
  ) {
    let places: [FanOutMatrix.Place]? =
      switch hearing {
      // Where it listens is not known, and what came tells through whom.
      case .subscribed(let places): places.isEmpty ? nil : places
      case .lost(let place): [place]
      case .never, .unknown: nil
      }
    var seen: Set<Int> = []
    let heard = Set(stream.heard.map(\.number))
    for publisher in drive.publishers {
      let mine = places?.filter { $0.server == subscriptions.servers[publisher.redisURL] }
      var last = 0
      var isHeard = false
      var sent: [Int: StreamDrive.Publication] = [:]
      for publication in publisher.publications { sent[publication.number] = publication }
      for message in stream.heard {
        guard let publication = sent[message.number] else { continue }
        isHeard = true
        latest = max(latest ?? 0, message.milliseconds - publication.sentMilliseconds)
        if !seen.insert(message.number).inserted {
          // Who listens under two names gets what is published under all of them twice.
          if publication.name != nil || (mine?.count ?? 1) < 2 { repeated += 1 }
        } else if message.number < last {
          disordered += 1
        }
        last = max(last, message.number)
      }
      // What was published where it does not listen does not count, nor what was before it did: a stream begins before it
      // listens.
      let listens = mine.map { !$0.isEmpty } ?? (isHeard || heard.isEmpty)
      let own = DriveChannel.own(stream.index, of: drive.channel)
      let seen = (mine ?? []).compactMap { subscriptions.firstSeen(own, at: $0) }.min()
      let first = stream.heard.compactMap { sent[$0.number]?.sentMilliseconds }.min()
      guard let begin = seen ?? first ?? stream.handshakeMilliseconds, listens else { continue }
      self.sent += publisher.publications.count { $0.name == nil && $0.sentMilliseconds > begin && $0.receivers != nil }
      let later = stream.heard.compactMap { sent[$0.number]?.sentMilliseconds }.max() ?? 0
      lost += publisher.publications.count { publication in
        // Messages come in order: one is missed once a later one has come, or after long.
        publication.name == nil && publication.sentMilliseconds > begin && !heard.contains(publication.number)
          && (publication.sentMilliseconds < later
            || (publication.answeredMilliseconds ?? .infinity) < stream.endMilliseconds - Self.patience)
      }
    }
    came = seen.count
    isWrapped = stream.heard.first?.isWrapped
    // What a saved file says is bounded too.
    repeated += min(max(0, stream.burst?.repeated ?? 0), 1_000_000)
    disordered += min(max(0, stream.burst?.disordered ?? 0), 1_000_000)
  }

  /// How long a message may be under way before it is missed, in milliseconds.
  private static let patience = 8000.0
}
