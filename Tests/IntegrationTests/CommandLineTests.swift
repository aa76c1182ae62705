import TestServers
import Testing

@Suite("The command line of the built binary", .timeLimit(.minutes(5)))
struct CommandLineTests {
  @Test(
    "exit codes and errors",
    arguments: [
      (["--no-such-flag"], 64, "no-such-flag"),
      (["check", "--format", "xml"], 64, "human"),
      (["check", "--only", "redis.evicton-policy"], 64, "did you mean redis.eviction-policy?"),
      (["check", "--timeout", "30"], 64, "30s"),
      (["check", "--report", "junit"], 64, "junit=doctor.txt"),
      (["check", "--report", "junit=/dev/null/x.xml"], 64, "/dev/null/x.xml"),
      (["explain", "redis.evicton-policy"], 64, "did you mean redis.eviction-policy?"),
      (["redis", "redis://:word@127.0.0.1"], 64, "--url-variable"),
      (["stream", "ftp://x"], 64, "http"),
      (["env", "web-1"], 64, "web-1=web-1.env"),
      (["env", "a=x.env", "a=y.env"], 64, "named twice"),
      (["redis", "http://cache"], 64, "redis://"),
      (["redis", "-"], 64, "standard input"),
      (["redis", "redis://127.0.0.1:1", "--socks", "user:word@127.0.0.1:1080"], 64, "HOST:PORT"),
      (["check", "--save-facts", "/dev/null/facts.json"], 64, "/dev/null/facts.json"),
      (["stream", "http://127.0.0.1:1", "--for", "9223372036854775807ms"], 64, "duration"),
      (["redis", "redis://127.0.0.1:1", "--ca-file", "typo.yaml"], 78, "BEGIN CERTIFICATE"),
      (["env", "a=a.env"], 2, "Nothing was judged"),
      (["redis", "redis://127.0.0.1:1", "--only", "stream"], 2, "Nothing was judged"),
      (["check", "--manifest", "nowhere.yaml"], 66, "nowhere.yaml"),
      (["judge", "nowhere.json"], 66, "nowhere.json"),
      (["redis", "--url-file", "nowhere"], 66, "nowhere"),
      (["redis", "--url-variable", "NOWHERE"], 66, "NOWHERE"),
      (["redis", "redis://127.0.0.1:1", "--ca-file", "nowhere.pem"], 66, "nowhere.pem"),
      (["env", "web-1=nowhere.env", "web-2=nowhere.env"], 66, "nowhere.env"),
      (
        ["redis", "--url-file", "blank.url"], 78,
        "the Redis URL from blank.url can't be used: the URL contains white space"
      ),
      (["check", "--manifest", "typo.yaml"], 78, "typo.yaml:2:1: "),
      (["judge", "broken.json"], 78, "broken.json"),
    ] as [([String], Int32, String)])
  func errors(_ arguments: [String], _ status: Int32, _ fragment: String) async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("system: flowpanel\ninstnaces: []\n", to: "typo.yaml")
      try folder.write("{\"facts\":", to: "broken.json")
      try folder.write("REDIS_URL=redis://a\n", to: "a.env")
      try folder.write("redis://:pass word@cache\n", to: "blank.url")
      let result = try await doctor(arguments, in: folder)
      #expect(result.status == status, "\(result)")
      #expect((result.standardError + result.standardOutput).contains(fragment), "\(result)")
    }
  }

  @Test("a typo in the manifest names line, column and the known key")
  func typo() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("system: flowpanel\ninstnaces: []\n", to: "flowpanel-doctor.yaml")
      let result = try await doctor(["check"], in: folder)
      #expect(result.status == 78)
      #expect(result.standardError.contains("flowpanel-doctor.yaml:2:1: "))
      #expect(result.standardError.contains("did you mean `instances`?"))
      #expect(result.standardOutput.isEmpty)
    }
  }

  @Test("help and version leave with 0, and help leads with examples")
  func help() async throws {
    try await TemporaryFolder.with { folder in
      let help = try await doctor(["--help"], in: folder)
      #expect(help.status == 0)
      let examples = try #require(help.standardOutput.firstRange(of: "EXAMPLES"))
      let usage = try #require(help.standardOutput.firstRange(of: "USAGE"))
      #expect(examples.lowerBound < usage.lowerBound)
      let version = try await doctor(["--version"], in: folder)
      #expect(version.status == 0)
      #expect(version.standardOutput.hasPrefix("flowpanel-doctor "))
    }
  }

  @Test("in an empty folder: the missing config is found, and what was not looked at is said")
  func emptyFolder() async throws {
    try await TemporaryFolder.with { folder in
      let result = try await doctor([], in: folder)
      #expect(result.status == 1)
      #expect(result.standardOutput.contains("config.file-missing"))
      #expect(result.standardOutput.contains("Not looked at:"))
      #expect(result.standardOutput.contains("flowpanel-doctor.yaml"))
    }
  }

  @Test("the exit code is the same in every format", arguments: ["human", "json", "junit", "github"])
  func everyFormat(_ format: String) async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://a\n", to: "a.env")
      try folder.write("PORT=1\n", to: "b.env")
      let result = try await doctor(["env", "a=a.env", "b=b.env", "--format", format], in: folder)
      #expect(result.status == 1)
      #expect(result.standardError.isEmpty)
      #expect(result.standardOutput.contains("REDIS_URL"))
      let equal = try await doctor(["env", "a=a.env", "b=a.env", "--format", format], in: folder)
      #expect(equal.status == 0)
    }
  }

  @Test("one instance's missing .env file leaves the others compared")
  func missingEnvironment() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://a\n", to: "a.env")
      let result = try await doctor(["env", "a=a.env", "b=a.env", "c=nowhere.env"], in: folder)
      #expect(result.status == 66)
      #expect(result.standardOutput.contains("nowhere.env"))
    }
  }

  @Test("reports are written beside standard output")
  func reports() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://a\n", to: "a.env")
      let result = try await doctor(
        ["env", "a=a.env", "b=a.env", "--report", "junit=doctor.xml", "--report", "json=doctor.json"], in: folder)
      #expect(result.status == 0)
      #expect(folder.read("doctor.xml")?.hasPrefix("<?xml") == true)
      #expect(folder.read("doctor.json")?.hasPrefix("{") == true)
    }
  }

  @Test("a report of an earlier run is not left standing when the inputs stop this one")
  func staleReport() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://a\n", to: "a.env")
      let arguments = ["env", "a=a.env", "b=a.env", "--report", "json=doctor.json"]
      #expect(try await doctor(arguments, in: folder).status == 0)
      let second = try await doctor(arguments + ["--manifest", "nowhere.yaml"], in: folder)
      #expect(second.status == 66)
      #expect(folder.read("doctor.json")?.contains("nowhere.yaml") == true)
    }
  }

  @Test("output that can't be written is an error, not a crash")
  func fullDevice() async throws {
    let result = try await runBinary("/bin/sh", ["-c", "exec \"$0\" checks > /dev/full", builtBinary()])
    #expect(result.status == 70)
    #expect(result.standardError.contains("standard output"))
  }
}
