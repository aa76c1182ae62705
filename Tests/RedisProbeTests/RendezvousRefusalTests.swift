import Facts
import Foundation
import RedisProbe
import TestServers
import Testing
import Transport

@Suite("What keeps instances from a rendezvous", .timeLimit(.minutes(5)))
struct RendezvousRefusalTests {
  private func publishingFailure(
    _ url: String, _ rendezvous: Rendezvous? = nil
  ) async throws -> RendezvousFailure? {
    let rendezvous = try rendezvous ?? Rendezvous()
    return await #expect(throws: RendezvousFailure.self) { try await rendezvous.publish(as: "web-1", at: url) }
  }

  private func readingFailure(_ url: String) async throws -> RendezvousFailure? {
    await #expect(throws: RendezvousFailure.self) { try await Rendezvous().read(at: url) }
  }

  @Test("the rule that is told lets the user in, and is needed word for word", arguments: [0, 2], [true, false])
  func leastPrivilege(_ database: Int, _ publishes: Bool) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame"]
    } _: { server in
      let url = server.url(user: "app", password: "sesame") + "/\(database)"
      let rendezvous = try Rendezvous()
      _ = try await server.replies(
        to: "SELECT \(database)", "SET \(rendezvous.documentKey("w")) 1", "ZADD \(rendezvous.indexKey) 1 w")
      func attempt() async throws {
        if publishes {
          try await rendezvous.publish(as: "web-1", at: url)
        } else {
          #expect(try await rendezvous.read(at: url).inWords == ["w: 1 bytes"])
        }
      }
      func refusal() async -> RendezvousFailure? {
        await #expect(throws: RendezvousFailure.self) { try await attempt() }
      }
      let select = database == 0 ? "" : " +select"
      let commands = publishes ? "+set +zadd +zremrangebyscore +pexpire" : "+zscan +strlen +get"
      let rule = "ACL SETUSER app '~flowpanel-doctor:env:*' \(commands)\(select)"
      let failure = await refusal()
      #expect(failure?.kind == .noPermission)
      #expect(failure?.step == (database != 0 ? .select : publishes ? .write : .read))
      #expect(failure?.remedy == "let the user do it: \(rule)")
      #expect(try await server.replies(to: rule) == "+OK\r\n")
      try await attempt()

      for word in rule.split(separator: " ").dropFirst(3) {
        let less = word.hasPrefix("+") ? "-" + word.dropFirst() : "resetkeys"
        #expect(try await server.replies(to: "ACL SETUSER app \(less)") == "+OK\r\n")
        let failure = await refusal()
        #expect(failure?.kind == .noPermission, "\(less)")
        #expect(failure?.remedy == "let the user do it: \(rule)", "\(less)")
        #expect(try await server.replies(to: rule) == "+OK\r\n")
      }
    }
  }

  @Test("credentials that are wrong, missing or not wanted")
  func credentials() async throws {
    try await withRedis {
      $0.password = "sesame"
    } _: { server in
      let wrong = try await publishingFailure(server.url(password: "canary-word"))
      #expect(wrong?.step == .authenticate)
      #expect(wrong?.kind == .credentials)
      #expect(wrong?.description.contains("canary") == false)
      let missing = try await publishingFailure(server.url())
      #expect(missing?.step == .authenticate)
      #expect(missing?.kind == .credentials)
      let missingForSelect = try await readingFailure(server.url() + "/2")
      #expect(missingForSelect?.step == .authenticate)
      let database = try await readingFailure(server.url(password: "sesame") + "/99")
      #expect(database?.step == .select)
      #expect(database?.reason == "SELECT was refused: ERR DB index is out of range")
    }
    try await withRedis { server in
      try await Rendezvous().publish(as: "web-1", at: server.url(password: "needless"))
    }
  }

  @Test("no part of a password comes back, whatever the server says")
  func scrubbed() async throws {
    let echo = "-ERR unknown command 'AUTH', with args beginning with: 'canary-word' canary-word\r\n"
    for (replies, step) in [
      (echo, RendezvousFailure.Step.authenticate), ("-OOM canary-word\r\n", .authenticate),
      ("+OK\r\n-OOM canary-word\r\n", .select), ("+OK\r\n+OK\r\n-MOVED 1 canary-word\r\n", .write),
    ] {
      try await RawTCPServer.withServer(.init(sends: Array(replies.utf8), then: .closes)) { server in
        let failure = try await publishingFailure("redis://:canary-word@127.0.0.1:\(server.port)/3")
        #expect(failure?.step == step)
        #expect(failure?.description.contains("canary-word") == false)
      }
    }
  }

  @Test("a full server and a replica take nothing, and say so")
  func fullAndReplica() async throws {
    try await withRedis {
      $0.maxmemory = "1"
      $0.maxmemoryPolicy = "noeviction"
    } _: { server in
      let failure = try await publishingFailure(server.url())
      #expect(failure?.kind == .outOfMemory)
      #expect(failure?.reason.hasPrefix("SET was refused: OOM command not allowed") == true)
      #expect(failure?.remedy?.contains("maxmemory") == true)
    }
    try await withRedis { master in
      try await withRedis {
        $0.replicaOf = ("127.0.0.1", master.port)
      } _: { replica in
        let failure = try await publishingFailure(replica.url())
        #expect(failure?.kind == .readOnly)
        #expect(failure?.remedy == "this server is a replica: publish to its master")
        try await Rendezvous().publish(as: "web-1", at: master.url())
        try await wait(for: "the replica has it") {
          try await Rendezvous().read(at: replica.url()).inWords == ["web-1: 262 bytes"]
        }
      }
    }
  }

  @Test("a cluster's node that holds other keys names the one that holds these, which takes them all")
  func cluster() async throws {
    try await RedisCluster.withCluster { cluster in
      var taken = 0
      for node in cluster.masters {
        do {
          try await Rendezvous().publish(as: "web-1", at: node.url())
          #expect(try await Rendezvous().read(at: node.url()).inWords == ["web-1: 262 bytes"])
          taken += 1
        } catch let failure as RendezvousFailure {
          #expect(failure.kind == .elsewhere)
          let address = try #require(failure.remedy?.split(separator: " ").last)
          try await Rendezvous().publish(as: "web-1", at: "redis://\(address)")
          #expect(try await readingFailure(node.url())?.remedy == failure.remedy)
        }
      }
      #expect(taken == 1)
    }
  }

  @Test("an index that something else wrote is not touched")
  func wrongType() async throws {
    try await withRedis { server in
      let key = try Rendezvous().indexKey
      _ = try await server.replies(to: "SET \(key) other")
      for failure in [try await publishingFailure(server.url()), try await readingFailure(server.url())] {
        #expect(failure?.kind == .wrongType)
        #expect(failure?.remedy?.contains(key) == true)
      }
      #expect(try await server.replies(to: "GET \(key)") == "$5\r\nother\r\n")
    }
  }

  @Test("names, times and documents that no publisher leaves are told one by one")
  func foreign() async throws {
    try await withRedis { server in
      let rendezvous = try Rendezvous()
      let (index, long) = (rendezvous.indexKey, String(repeating: "l", count: 100_000))
      let huge = "EVAL \"redis.call('SET', '\(rendezvous.documentKey("huge"))', string.rep('x', 30000000))\" 0"
      // Before the others: whoever publishes removes what is as old as they look.
      try await rendezvous.publish(as: "web-1", at: server.url())
      _ = try await server.replies(
        to: huge, "ZADD \(index) 1 huge inf infinite -1e300 early 5 list 1 \"a\\x1b[2J\" 2 \"b\\xff\"",
        "EVAL \"redis.call('ZADD', '\(index)', 1, string.rep('l', 100000))\" 0",
        "RPUSH \(rendezvous.documentKey("list")) a", "SET \(rendezvous.documentKey("infinite")) \"\"")
      let reading = try await rendezvous.read(at: server.url())
      #expect(
        reading.inWords == [
          "a\u{1B}[2J: the instance's name has characters that cannot be seen: something else wrote it",
          "b\u{FFFD}: the instance's name is not UTF-8: something else wrote it", "early: stale",
          "huge: the document has more than 1024 KiB", "infinite: stale",
          "list: the document's key is not a string: something else wrote it",
          long.prefix(200) + ": the instance's name is longer than 255 bytes: something else wrote it",
          "web-1: 262 bytes",
        ])
      #expect(reading.instances[2].published == nil)
      #expect(reading.instances[4].published == nil)
    }
  }

  @Test("whatever answers in Redis' place, it is a failure and in time", arguments: HostileRedis.allCases)
  func hostile(_ hostile: HostileRedis) async throws {
    try await RawTCPServer.withServer(hostile.script) { server in
      let target = try redisTarget(Secret("redis://127.0.0.1:\(server.port)"))
      let (rendezvous, transport) = (try Rendezvous(), try Transport())
      let publishing = await #expect(throws: RendezvousFailure.self) {
        _ = try await rendezvous.publish([1], as: "web-1", to: target, over: transport, within: .seconds(2))
      }
      let reading = await #expect(throws: RendezvousFailure.self) {
        _ = try await rendezvous.read(from: target, over: transport, within: .seconds(2))
      }
      #expect(publishing?.step == .write)
      #expect(reading?.step == .read)
    }
  }

  @Test("an index without end, and one of something else")
  func endlessIndex() async throws {
    let answers = [
      "*2\r\n$1\r\n5\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n", "*2\r\n:0\r\n*0\r\n",
      "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n*0\r\n",
    ]
    for answer in answers {
      let script = RawTCPServer.Script(then: .repeats(Array(String(repeating: answer, count: 100).utf8)))
      try await RawTCPServer.withServer(script) { server in
        let failure = try await readingFailure("redis://127.0.0.1:\(server.port)")
        #expect(failure?.kind == .notUnderstood)
      }
    }
  }
}
