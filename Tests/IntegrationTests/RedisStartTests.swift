import TestServers
import Testing

@Suite("What starts Redis", .timeLimit(.minutes(5)))
struct RedisStartTests {
  @Test(
    "is read for the events of keys, however it is written",
    arguments: [
      ("notify-keyspace-events Ex\n", "pass"),
      ("notify-keyspace-events \"KEA\"\r\n", "pass"),
      ("notify-keyspace-events Ex\nnotify-keyspace-events \"\"\n", "finding"),
      ("# notify-keyspace-events Ex\nsave 60 1\n", "finding"),
      ("save 60 1\r\n# notify-keyspace-events Ex\r\n", "finding"),
      ("# Redis\r\nNotify-Keyspace-Events Ex\r\n", "pass"),
      ("command: redis-server  # add --notify-keyspace-events Ex\n", "finding"),
      ("notify-keyspace-events \"\"\nset-max-intset-entries 512\n", "finding"),
      ("command: redis-server --notify-keyspace-events ${EVENTS:-Ex}\n", "undetermined"),
      (
        "command: redis-server --notify-keyspace-events Ex\ntest: redis-cli config get notify-keyspace-events | grep x\n",
        "pass"
      ),
      ("notify-keyspace-events Kg\n", "finding"),
      ("services:\n  redis:\n    command: redis-server --notify-keyspace-events Ex --save ''\n", "pass"),
      ("command: [\"redis-server\", \"--notify-keyspace-events\", \"Ex\"]\n", "pass"),
      ("command:\n  - redis-server\n  - --notify-keyspace-events\n  # for Flock\n  - \"xE\"\n", "pass"),
      ("command: redis-server --save ''\n", "finding"),
      ("ExecStart=/usr/bin/redis-server --notify-keyspace-events AKE\n", "pass"),
    ])
  func events(_ text: String, _ kind: String) async throws {
    try await RedisServer.withServer { redis in
      _ = try await redis.replies(to: "CONFIG SET notify-keyspace-events Ex")
      try await TemporaryFolder.with { folder in
        try folder.write(text, to: "start")
        try folder.write(
          "system: flock\nredis:\n  url: \(redis.url())\n  startedBy: start\n", to: "flowpanel-doctor.yaml")
        let result = try await doctor(["redis", "--format", "json"], in: folder)
        let verdict = try JSONReport(result).verdicts.first { $0.check == "redis.keyspace-events-not-persisted" }
        #expect(verdict?.kind == kind, "\(String(describing: verdict))")
        if kind == "finding" { #expect(verdict?.location?.file.hasSuffix("start") == true) }
      }
    }
  }

  @Test("a file that is not there is said with the line that names it, exit 66")
  func missing() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("system: flock\nredis:\n  startedBy: nowhere.conf\n", to: "flowpanel-doctor.yaml")
      let result = try await doctor(["redis"], in: folder)
      #expect(result.status == 66)
      #expect(result.standardError.contains("flowpanel-doctor.yaml:3:"), "\(result)")
      #expect(result.standardError.contains("nowhere.conf"))
    }
  }
}
