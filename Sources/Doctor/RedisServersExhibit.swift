import Diagnosis
import Facts

/// What each Redis says of itself: a line for each thing that was looked at. Nil where none has answered.
func redisServersExhibit(_ servers: [RedisFacts]) -> Exhibit? {
  let rows = servers.flatMap { server in
    lines(server).enumerated().map { index, line in
      [index == 0 ? server.endpoint.description : "", line.name, line.text]
    }
  }
  if rows.isEmpty { return nil }
  return Exhibit(
    key: "redisServers", title: "What Redis says", columns: ["Server", "Of", "What"], rows: rows,
    value: .array(servers.map(json)))
}

// MARK: Lines

private func lines(_ redis: RedisFacts) -> [(name: String, text: String)] {
  var lines: [(name: String, text: String?)] = [
    ("sentinels", redis.sentinel.map(sentinelLine)),
    ("addresses", redis.addresses.map(addressLine)),
    ("TLS", redis.tls.map(tlsLine)),
  ]
  if let server = redis.server.value {
    lines.append(("process", processLine(server)))
    lines.append(("memory", memoryLine(server, redis.policy.value)))
    lines.append(("clients", clientLine(server, redis.clients?.value)))
  }
  lines += [
    ("cluster", redis.cluster?.value.map(clusterLine)),
    ("user", redis.permissions?.value.map(userLine)),
    (
      "channels", redis.channels?.value.map { channelLine($0) + (redis.cluster?.value == nil ? "" : " (of this node)") }
    ),
    ("streams", redis.streams?.value.map { streamLine($0, redis.unseenStreams) }),
    ("counters", redis.sample?.value.map(sampleLine)),
    ("PING", redis.roundTrip?.value.map(timesLine)),
    ("PUBLISH", redis.delivery?.value.map { "to message: " + timesLine($0) }),
  ]
  return lines.compactMap { line in line.text.map { (line.name, $0) } }
}

private func sentinelLine(_ sentinel: RedisFacts.Sentinel) -> String {
  let answers = sentinel.answers.map { answer in
    if let failure = answer.failure { return "\(answer.address): \(failure.detail)" }
    return "\(answer.address) \(answer.master.map { "says \($0)" } ?? "knows no such master")"
  }
  return "asked for \(sentinel.masterName): " + answers.joined(separator: "; ")
}

private func addressLine(_ addresses: [RedisFacts.Address]) -> String {
  addresses.map { address in
    "\(address.address) \(address.failure.map { "(\($0.detail))" } ?? "is \(shortID(address.runID))")"
  }.joined(separator: "; ")
}

private func processLine(_ server: RedisFacts.Server) -> String {
  let uptime = server.numbers?["uptime_in_seconds"].map { "up \(ageText($0))" }
  return ["\(server.product) \(server.version)", server.mode, server.role, shortID(server.runID), uptime]
    .compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
}

private func memoryLine(_ server: RedisFacts.Server, _ policy: RedisFacts.Policy?) -> String {
  let used = server.numbers?["used_memory"].map(roundedSize) ?? "hidden"
  let limit = server.maxmemoryBytes.map { $0 == 0 ? "no limit" : "the limit is \(roundedSize($0))" }
  let evicted = server.evictedKeys.map { "\($0) keys evicted" }
  return [used, limit, policy?.name, evicted].compactMap { $0 }.joined(separator: ", ")
}

private func clientLine(_ server: RedisFacts.Server, _ groups: [RedisFacts.ClientGroup]?) -> String {
  let numbers = server.numbers ?? [:]
  var parts = [
    numbers["connected_clients"].map { count in
      "\(count)" + (numbers["maxclients"].map { " of \($0)" } ?? "")
    } ?? "hidden"
  ]
  if let rejected = numbers["rejected_connections"], rejected > 0 { parts.append("\(rejected) rejected") }
  let groups = groups ?? []
  for group in groups.prefix(3) {
    let name = group.name.isEmpty ? "" : " \(group.name)"
    parts.append("\(group.count) \(group.kind.rawValue) from \(group.host)\(name)")
  }
  let rest = groups.dropFirst(3).reduce(0) { $0 + $1.count }
  if rest > 0 { parts.append("\(rest) others") }
  return parts.joined(separator: "; ")
}

private func userLine(_ permissions: RedisFacts.Permissions) -> String {
  let count = permissions.answers.count
  let refused = permissions.answers.count { !$0.isAllowed }
  var words = refused == 0 ? "all \(count) needs are allowed" : "\(refused) of \(count) needs are refused"
  if let unanswered = permissions.unanswered {
    words =
      "\(count - refused) needs are allowed, \(refused) refused, and not known is \(unanswered.joined(separator: ", "))"
  }
  return "\(permissions.user): \(words) (\(permissions.source))"
}

private func channelLine(_ channels: RedisFacts.Channels) -> String {
  let list = firstFew(channels.channels.map { "\($0.name) \($0.subscribers)" }, 5)
  return channels.channels.isEmpty
    ? "nobody is subscribed under \(channels.patterns.joined(separator: ", "))" : "subscribers: \(list)"
}

private func streamLine(_ streams: [RedisFacts.Stream], _ unseen: Unseen?) -> String {
  let lines = streams.map { stream in
    "\(stream.key) \(counted(stream.length, "entry", "entries"))"
      + (stream.ttlSeconds.map { ", expires in \(ageText($0))" } ?? "")
  }
  return (lines.isEmpty ? "none" : firstFew(lines, 5, separator: "; ")) + (unseen.map { " (\($0.detail))" } ?? "")
}

private func clusterLine(_ cluster: RedisFacts.Cluster) -> String {
  let masters = (cluster.nodes ?? []).filter { !$0.isReplica }.map { node in
    "\(node.address) \(node.slots)\(node.isFailing ? " (failing)" : "")"
  }
  let shares = masters.isEmpty ? "" : "; by master: \(masters.joined(separator: ", "))"
  let nodes = cluster.nodes.map { ", \(counted($0.count, "node"))" } ?? ""
  return "\(cluster.state), \(cluster.assignedSlots) of 16384 slots\(nodes)\(shares)"
}

private func sampleLine(_ sample: RedisFacts.Sample) -> String {
  let growth = sample.growth.sorted { $0.key < $1.key }.map { "\($0.key) +\($0.value)" }
  return growth.joined(separator: ", ") + " in \(millisecondsText(sample.milliseconds))"
}

private func timesLine(_ times: RedisFacts.RoundTrip) -> String {
  "median \(millisecondsText(times.median)), 95 % within \(millisecondsText(times.p95)) (\(times.samples) times)"
}

/// The first eight characters of an identity: enough to tell servers apart.
private func shortID(_ id: String) -> String { id.isEmpty ? "" : "id \(id.prefix(8))" }

// MARK: JSON

private func json(_ redis: RedisFacts) -> JSONValue {
  [
    "url": .string(redis.endpoint.description),
    "sentinel": redis.sentinel.map { sentinel in
      [
        "master": .string(sentinel.masterName),
        "answers": .array(
          sentinel.answers.map { answer in
            [
              "address": .string(answer.address), "master": .optional(answer.master),
              "failure": .optional(answer.failure?.detail),
            ]
          }),
      ]
    } ?? .null,
    "addresses": .array(
      (redis.addresses ?? []).map { address in
        [
          "address": .string(address.address), "runID": .string(address.runID),
          "failure": .optional(address.failure?.detail),
        ]
      }),
    "tls": redis.tls.map(json) ?? .null,
    "numbers": .object(
      (redis.server.value?.numbers ?? [:]).sorted { $0.key < $1.key }.map {
        JSONValue.Member($0.key, .integer($0.value))
      }),
    "settings": observed(redis.settings) { settings in
      .object(settings.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) })
    },
    "clients": observed(redis.clients) { groups in
      .array(
        groups.map { group in
          [
            "host": .string(group.host), "name": .string(group.name), "kind": .string(group.kind.rawValue),
            "count": .integer(group.count), "largestOutputBytes": .integer(group.largestOutputBytes),
          ]
        })
    },
    "permissions": observed(redis.permissions) { permissions in
      [
        "user": .string(permissions.user), "source": .string(permissions.source),
        "answers": .array(
          permissions.answers.map { answer in
            [
              "need": .string(answer.need.rawValue), "command": .string(answer.command),
              "pattern": .string(answer.pattern), "allowed": .bool(answer.isAllowed),
              "words": .string(answer.words),
            ]
          }),
      ]
    },
    "channels": observed(redis.channels) { channels in
      [
        "patterns": .array(channels.patterns.map { .string($0) }),
        "patternSubscriptions": .integer(channels.patternSubscriptions), "truncated": .bool(channels.isTruncated),
        "channels": .object(channels.channels.map { JSONValue.Member($0.name, .integer($0.subscribers)) }),
      ]
    },
    "streams": observed(redis.streams) { streams in
      .array(
        streams.map { stream in
          [
            "key": .string(stream.key), "length": .integer(stream.length), "firstID": .string(stream.firstID),
            "lastID": .string(stream.lastID), "ttlSeconds": .optional(stream.ttlSeconds),
            "entriesAdded": .optional(stream.entriesAdded), "growthInSample": .optional(stream.growthInSample),
            "subscribers": .optional(stream.subscribers),
          ]
        })
    },
    "unseenStreams": .optional(redis.unseenStreams?.detail),
    "sample": observed(redis.sample) { sample in
      [
        "milliseconds": .number(sample.milliseconds),
        "growth": .object(
          sample.growth.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .integer($0.value)) }),
      ]
    },
    "cluster": observed(redis.cluster) { cluster in
      [
        "state": .string(cluster.state), "assignedSlots": .integer(cluster.assignedSlots),
        "nodes": .array(cluster.nodeIDs.map { .string($0) }),
        "members": .array(
          (cluster.nodes ?? []).map { node in
            [
              "id": .string(node.id), "address": .string(node.address), "replica": .bool(node.isReplica),
              "failing": .bool(node.isFailing), "slots": .integer(node.slots),
            ]
          }),
      ]
    },
    "roundTrip": observed(redis.roundTrip, json),
    "delivery": observed(redis.delivery, json),
  ]
}

private func json(_ times: RedisFacts.RoundTrip) -> JSONValue {
  [
    "samples": .integer(times.samples), "minimum": .number(times.minimum), "median": .number(times.median),
    "p95": .number(times.p95),
  ]
}

/// As a value or the reason for its lack; null where nobody asked.
private func observed<Value>(_ observation: Observation<Value>?, _ value: (Value) -> JSONValue) -> JSONValue {
  observation.map { observed($0, value) } ?? .null
}
