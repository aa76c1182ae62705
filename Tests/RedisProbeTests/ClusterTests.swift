import Facts
import RedisProbe
import TestServers
import Testing

@Suite("Clusters", .timeLimit(.minutes(5)))
struct ClusterTests {
  @Test("each node tells the same of its cluster, and a key of another node is no refusal")
  func cluster() async throws {
    var configuration = RedisServer.Configuration()
    configuration.aclUsers = ["app on >sesame ~sse:* allchannels +@all -@admin"]
    try await RedisCluster.withCluster(configuration) { cluster in
      var found: [RedisFacts.Cluster] = []
      for master in cluster.masters {
        let facts = try await facts(master.url())
        #expect(facts.isComplete)
        #expect(facts.server.value?.mode == "cluster")
        found.append(try #require(facts.cluster?.value))
      }
      #expect(found.allSatisfy { $0 == found.first })
      #expect(found.first?.state == "ok")
      #expect(found.first?.assignedSlots == 16_384)
      #expect(found.first?.nodeIDs.count == 3)
      #expect(found.first?.nodeIDs.allSatisfy { $0.count == 40 } == true)
      let nodes = found.first?.nodes ?? []
      #expect(Set(nodes.map(\.address)) == Set(cluster.masters.map { "127.0.0.1:\($0.port)" }))
      #expect(nodes.map(\.slots).reduce(0, +) == 16_384)
      #expect(nodes.allSatisfy { $0.slots > 5000 && !$0.isReplica && !$0.isFailing })

      let streams = try await facts(cluster.masters[0].url(user: "app", password: "sesame")) {
        $0.system = .redisStreams
      }
      #expect(streams.permissions?.value?.source == "MULTI … DISCARD")
      #expect(streams.permissions?.value?.answers.allSatisfy(\.isAllowed) == true)
    }
  }

  @Test("a node without slots says that its cluster does not work")
  func loneNode() async throws {
    try await withRedis {
      $0.mode = .clusterNode
    } _: { node in
      let cluster = try await facts(node.url()).cluster?.value
      #expect(cluster?.state == "fail")
      #expect(cluster?.assignedSlots == 0)
      #expect(cluster?.nodeIDs.count == 1)
    }
  }

  @Test("a server that is in no cluster has none")
  func none() async throws {
    try await withRedis { server in
      let facts = try await facts(server.url())
      #expect(facts.cluster == nil)
    }
  }
}
