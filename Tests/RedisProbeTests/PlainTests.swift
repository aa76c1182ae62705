import Facts
import RedisProbe
import TestServers
import Testing

@Suite("What a plain server says of itself", .timeLimit(.minutes(5)))
struct PlainTests {
  @Test("numbers, settings and round trips")
  func numbers() async throws {
    try await withRedis {
      $0.maxclients = 77
      $0.maxmemory = "64mb"
      $0.extra = ["client-output-buffer-limit pubsub 16mb 4mb 30"]
    } _: { server in
      let facts = try await facts(server.url())
      #expect(facts.isComplete)
      let info = try #require(facts.server.value)
      #expect(info.version.split(separator: ".").count == 3)
      #expect(info.product == "redis")
      #expect(info.mode == "standalone")
      #expect(info.lastSaveWorked == true)
      #expect(info.maxmemoryBytes == 64 << 20)
      #expect(info.evictedKeys == 0)
      let numbers = try #require(info.numbers)
      #expect(numbers["maxclients"] == 77)
      #expect(numbers["process_id"] == Int(server.pid))
      #expect(numbers["tcp_port"] == server.port)
      #expect(numbers["loading"] == 0)
      #expect((numbers["used_memory"] ?? 0) > 100_000)
      #expect((numbers["connected_clients"] ?? 0) > 0)
      #expect(numbers["pubsub_channels"] == 0)
      let settings = try #require(facts.settings?.value)
      #expect(settings["maxclients"] == "77")
      #expect(settings["maxmemory-policy"] == "noeviction")
      #expect(settings["notify-keyspace-events"] == "")
      #expect(settings["acl-pubsub-default"] == "resetchannels")
      #expect(settings["client-output-buffer-limit"]?.hasSuffix("pubsub 16777216 4194304 30") == true)
      let roundTrip = try #require(facts.roundTrip?.value)
      #expect(roundTrip.samples == 24)
      #expect(0 < roundTrip.minimum)
      #expect(roundTrip.minimum <= roundTrip.median)
      #expect(roundTrip.median <= roundTrip.p95)
    }
  }

  @Test("INFO counts what was refused")
  func errorStatistics() async throws {
    try await withRedis { server in
      _ = try await server.replies(to: "AUTH app wrong", "AUTH app wrong")
      #expect(try await facts(server.url()).server.value?.numbers?["errorstat_WRONGPASS"] == 2)
    }
  }

  @Test("connections are grouped by name and kind, and the probe's own are left out")
  func clients() async throws {
    try await withRedis { server in
      let commands = ["CLIENT SETNAME worker", "CLIENT SETNAME worker", "CLIENT SETNAME web", "SUBSCRIBE resource.x"]
      try await withConnections(to: server, commands) {
        // Again and again: each time the two connections come in another order.
        for _ in 1...5 {
          let clients = try await facts(server.url()).clients
          #expect(
            clients
              == .seen([
                .init(host: "127.0.0.1", name: "worker", kind: .normal, count: 2),
                .init(host: "127.0.0.1", name: "", kind: .pubsub, count: 1),
                .init(host: "127.0.0.1", name: "web", kind: .normal, count: 1),
              ]))
        }
      }
      #expect(try await facts(server.url()).clients == .seen([]))
    }
  }

  @Test("a user who may not give a connection its name still does not meet himself", arguments: ["+ping", "-ping"])
  func clientsOfOneWithoutName(_ ping: String) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame ~* &* -@all +info +client|list +client|id \(ping)"]
    } _: { server in
      let clients = try await facts(server.url(user: "app", password: "sesame")).clients
      #expect(clients == .seen([]))
    }
  }

  @Test("what is queued for a subscriber that does not read is seen")
  func outputBuffer() async throws {
    try await withRedis { server in
      try await withConnections(to: server, ["SUBSCRIBE resource.slow"]) {
        // More than the system's own buffers take.
        let length = 16 << 20
        let message = "$\(length)\r\n" + String(repeating: "m", count: length)
        let publish = "*3\r\n$7\r\nPUBLISH\r\n$13\r\nresource.slow\r\n\(message)\r\n"
        _ = try await TCPConnection.exchange(port: server.port, publish) { $0 == ":1\r\n" }
        let group = try await facts(server.url()).clients?.value?.first
        #expect((group?.largestOutputBytes ?? 0) > 1 << 20)
      }
    }
  }

  @Test("nothing is written and nothing published", arguments: System.allCases)
  func readsOnly(_ system: System) async throws {
    try await withRedis { server in
      _ = try await server.replies(to: "CONFIG RESETSTAT")
      let facts = try await facts(server.url(password: "unwanted") + "/3") { $0.system = system }
      #expect(facts.isComplete)
      #expect(facts.delivery == nil)
      #expect(facts.expiryEvent == nil)
      let asked: Set = [
        "select", "ping", "info", "client|setname", "client|id", "client|list", "config|get", "acl|whoami", "acl|log",
        "acl|dryrun", "pubsub|numpat", "pubsub|channels", "pubsub|numsub", "multi", "discard", "scan",
      ]
      // What the test itself asks.
      let ours: Set = ["config|resetstat", "auth"]
      let run = Set(try await server.commandCounts().keys)
      #expect(run.subtracting(ours).subtracting(asked) == [])
      #expect(run.contains("info"))
      #expect(try await server.replies(to: "INFO keyspace") == "$12\r\n# Keyspace\r\n\r\n")
    }
  }

  @Test("an active probe times messages on a channel of its own", arguments: System.allCases)
  func delivery(_ system: System) async throws {
    try await withRedis { server in
      let facts = try await facts(server.url()) {
        $0.isActive = true
        $0.system = system
      }
      let delivery = try #require(facts.delivery?.value)
      #expect(delivery.samples == 24)
      #expect(0 < delivery.minimum)
      #expect(delivery.minimum <= delivery.median)
      #expect(delivery.median <= delivery.p95)
      #expect(facts.expiryEvent == nil)
      #expect(try await server.commandCounts()["publish"] == 25)
      #expect(try await server.replies(to: "DBSIZE") == ":0\r\n")
    }
  }

  @Test("an active probe uses the channels that its user may use")
  func deliveryWhereAllowed() async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame resetchannels &flowpanel:* +@all -@admin"]
    } _: { server in
      let facts = try await facts(server.url(user: "app", password: "sesame")) { $0.isActive = true }
      #expect(facts.delivery?.value?.samples == 24)
    }
  }

  @Test("without the permission to publish there is no delivery, and why", arguments: ["publish", "subscribe"])
  func deliveryRefused(_ command: String) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame allchannels +@all -@admin -\(command)"]
    } _: { server in
      let began = ContinuousClock.now
      let facts = try await facts(server.url(user: "app", password: "sesame"), patience: .seconds(250)) {
        $0.isActive = true
      }
      #expect(facts.delivery?.unseen?.kind == .refused)
      #expect(facts.delivery?.unseen?.detail.contains("NOPERM") == true)
      // Nobody waits for messages that were never sent.
      #expect(began.duration(to: .now) < .seconds(200))
    }
  }

  @Test(
    "whether an expired key is announced",
    arguments: [("Ex", true), ("xE", true), ("AKE", true), ("Kx", false), ("", false)])
  func expiryEvent(_ classes: String, _ isAnnounced: Bool) async throws {
    try await withRedis {
      if !classes.isEmpty { $0.notifyKeyspaceEvents = classes }
    } _: { server in
      let facts = try await facts(server.url() + "/2") {
        $0.system = .flock
        $0.isActive = true
        $0.isIntrusive = true
      }
      #expect(facts.expiryEvent == .seen(isAnnounced))
      let setting = facts.settings?.value?["notify-keyspace-events"] ?? "none"
      #expect((setting.contains("E") && (setting.contains("x") || setting.contains("A"))) == isAnnounced)
      #expect(try await server.replies(to: "SELECT 2", "DBSIZE") == "+OK\r\n:0\r\n")
    }
  }

  @Test("keys are written for flock alone, and only by an intrusive probe")
  func notIntrusive() async throws {
    try await withRedis {
      $0.notifyKeyspaceEvents = "Ex"
    } _: { server in
      let active = try await facts(server.url()) {
        $0.system = .flock
        $0.isActive = true
      }
      #expect(active.expiryEvent == nil)
      let other = try await facts(server.url()) { $0.isIntrusive = true }
      #expect(other.expiryEvent == nil)
      #expect(try await server.commandCounts()["set"] == nil)
    }
  }

  @Test("a Unix socket is as good as a port")
  func unixSocket() async throws {
    try await withRedis {
      $0.hasUnixSocket = true
    } _: { server in
      let facts = try await facts("unix:\(try #require(server.unixSocket))?db=2")
      #expect(facts.isComplete)
      #expect(facts.server.value?.numbers?["process_id"] == Int(server.pid))
      #expect(facts.clients == .seen([]))
    }
  }
}
