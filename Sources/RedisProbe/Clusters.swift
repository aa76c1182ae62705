import Facts
import Transport

/// Redis's own advice for the size of a cluster (redis.io/docs: cluster specification).
private let maximumNodes = 1_000

/// The cluster as the replies to CLUSTER INFO and CLUSTER NODES tell it.
func clusterFacts(
  _ info: RedisReply?, _ nodes: RedisReply?, _ failure: RedisLinkFailure?, scrubbing target: RedisTarget
) -> Observation<RedisFacts.Cluster> {
  guard let info, !info.isError, let fields = info.text.map(infoFields) else {
    return .unseen(unseen("CLUSTER INFO", info, failure, scrubbing: target))
  }
  guard let nodes else { return .unseen(unseen("CLUSTER NODES", nil, failure, scrubbing: target)) }
  let lines = nodes.isError ? nil : nodes.text?.split(whereSeparator: \.isNewline)
  return .seen(
    RedisFacts.Cluster(
      state: fields["cluster_state"] ?? "", assignedSlots: fields["cluster_slots_assigned"].flatMap { Int($0) } ?? 0,
      nodes: lines?.prefix(maximumNodes).compactMap(clusterNode).sorted { $0.id < $1.id }))
}

/// A line of CLUSTER NODES (redis.io/commands/cluster-nodes): `id host:port@busport,name flags master ping pong epoch
/// link-state 0-5460 7000 [93->-other]`.
private func clusterNode(_ line: Substring) -> RedisFacts.Cluster.Node? {
  let words = line.split(separator: " ")
  guard words.count >= 8 else { return nil }
  let flags = words[2].split(separator: ",")
  let slots = words.dropFirst(8).filter { !$0.hasPrefix("[") }.map { range in
    let ends = range.split(separator: "-").compactMap { UInt16($0) }
    return ends.isEmpty ? 0 : max(0, Int(ends[ends.count - 1]) - Int(ends[0]) + 1)
  }
  let address = words[1].prefix { $0 != "@" }
  // A node whose host is not known yet is written `:6379`.
  let hasHost = address.lastIndex(of: ":").map { $0 > address.startIndex } ?? false
  return RedisFacts.Cluster.Node(
    bounded(words[0]), address: hasHost ? bounded(address) : "", isReplica: flags.contains("slave"),
    isFailing: flags.contains { ["fail", "fail?", "noaddr"].contains($0) }, slots: slots.reduce(0, +))
}
