import Facts
import RedisProbe
import StreamProbe
import Transport

/// Joins a room of the run's own at every URL and asks every Redis who is subscribed to its channel meanwhile.
struct RoomJoining: Sendable {
  var targets: [RedisProbeTarget]
  /// One for each URL.
  var streams: [StreamTarget]
  /// How the room is joined.
  var probe: RoomProbe

  /// Who sees whom. A task that is cancelled leaves the room.
  func facts(through redis: RedisProbe, over transport: Transport) async -> Observation<RoomFacts> {
    await probe.facts(at: streams, over: transport) {
      await concurrently(targets) { target in
        let found = await subscribers(
          of: RoomFacts.channel(ofRoom: probe.room), at: target.target, through: redis, over: transport)
        return RoomFacts.Count(redisURL: found.redisURL, instances: target.usedBy, subscribers: found.count)
      }
    }
  }
}

extension Plan {
  /// How a room is joined, or why none is; nil where that was not asked for.
  func joiningRooms(_ servers: RedisServers) -> Observation<RoomJoining>? {
    guard joinsRooms else { return nil }
    guard redis.isIntrusive else {
      return .unseen(
        Unseen(
          .notGiven,
          "\(system.rawValue)'s rooms are the application's; fanout --intrusive joins one of this run's own, twice at each "
            + "URL, and leaves it"))
    }
    let streams = streams.enumerated().map { number, stream in
      var stream = stream
      stream.number = number
      return stream
    }.filter { $0.via == nil }
    guard !streams.isEmpty else {
      return .unseen(
        Unseen(
          .notGiven, "no URL was named; name the instances' url: and the public: URLs in the manifest, or --direct"))
    }
    var probe = RoomProbe(
      room: "flowpanel-doctor-\(nonce())", apiKey: streamInputs.apiKey, origin: streamInputs.origin,
      route: streamInputs.route)
    // Joining, joining again and seeing: half of the run's time at most.
    (probe.joinTimeout, probe.patience) = (timeout / 6, timeout / 6)
    return .seen(RoomJoining(targets: servers.targets.value ?? [], streams: streams, probe: probe))
  }
}
