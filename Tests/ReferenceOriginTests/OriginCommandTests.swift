import Foundation
import TestServers
import Testing

@Suite("flowpanel-doctor origin", .timeLimit(.minutes(5)))
struct OriginCommandTests {
  /// What curl gets of the stream, and what the command says on standard error and leaves with.
  private func serve(
    _ options: [String], curl: String = "--max-time 1 \"$url\"", environment: [String: String] = [:]
  ) async throws -> ProcessResult {
    try await TemporaryFolder.with { folder in
      let script = """
        "$0" origin "$@" > url & origin=$!
        until [ -s url ]; do kill -0 $origin || break; sleep 0.02; done
        url=$(cat url)
        curl -sNi \(curl)
        kill -INT $origin
        wait $origin
        """
      return try await runBinary(
        "/bin/sh", ["-c", script, builtBinary()] + options, environment: environment, workingFolder: folder.path)
    }
  }

  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
  private static let chunked = "Transfer-Encoding: chunked\r\n\r\n"

  @Test("Without options it is flowpanel's stream, on loopback, until it is interrupted")
  func plain() async throws {
    let result = try await serve([])
    #expect(
      result
        == ProcessResult(
          status: 130,
          standardOutput: Self.head + "Cache-Control: no-cache, no-transform\r\nConnection: keep-alive\r\n"
            + "X-Accel-Buffering: no\r\n\(Self.chunked)event: ready\ndata: {}\n\n",
          standardError: ""))
  }

  @Test(
    "Every option of the answer and of the events does what it says",
    arguments: [
      (["--status", "503"], "HTTP/1.1 503 "),
      (["--header", "cache-control: x", "--header", "A:b"], "Cache-Control: x\r\n"),
      (["--header", "A:b"], "X-Accel-Buffering: no\r\nA: b\r\n"),
      (
        ["--no-header", "cache-control", "--no-header", "X-Accel-Buffering"],
        head + "Connection: keep-alive\r\nTransfer"
      ),
      (["--framing", "close-delimited"], "no\r\n\r\nevent: ready\n"),
      (["--answer-after", "100ms", "--no-ready", "--heartbeat", "100ms"], "\(chunked): keep-alive\n\n: keep-alive"),
      (["--status", "301", "--header", "Location: /x"], "HTTP/1.1 301 Moved Permanently\r\nLocation: /x\r\n"),
      (
        ["--echo", "--no-heartbeat"], "\(chunked)\(handshake)event: request\ndata: {\"headers\":[[\"Host\",\"127.0.0.1:"
      ),
      (["--path", "/events"], "data: {}\n\n"),
      (["--event-interval", "10ms", "--events", "3", "--burst", "2"], "\"originMark\":3,"),
      (["--firehose", "--events", "2", "--data-size", "300", "--filling", "random"], "\"last\":true,\"text\":\""),
      (
        ["--event-interval", "1ms", "--events", "1", "--end", "never", "--heartbeat", "100ms"], "}\n\n: keep-alive\n\n:"
      ),
    ])
  func options(_ options: [String], expected: String) async throws {
    let result = try await serve(options)
    #expect(result.standardOutput.contains(expected), "\(result)")
    #expect(result.standardError == "")
  }

  @Test("It can be silent from the opening on, or altogether", arguments: [["--silence", "0=60s"], ["--no-answer"]])
  func silent(_ options: [String]) async throws {
    let result = try await serve(options + ["--heartbeat", "10ms"])
    #expect(!result.standardOutput.contains("\n: keep-alive"))
    #expect(result.standardOutput.contains("data: {}\n\n") == (options.count == 2))
  }

  @Test("An ending is what curl calls it", arguments: [("clean", "0"), ("cut", "18"), ("reset", "56")])
  func ending(_ ending: String, status: String) async throws {
    let result = try await serve(
      ["--event-interval", "1ms", "--events", "1", "--end", ending], curl: "\"$url\"; echo \"curl $?\"")
    #expect(result.standardOutput.hasSuffix("curl \(status)\n"))
  }

  @Test("A firehose's memory does not grow with what a client leaves unread")
  func firehoseMemory() async throws {
    let result = try await serve(
      ["--firehose", "--data-size", "10000"],
      curl: """
        --limit-rate 1 "$url" > got & slow=$!
        until [ -s got ]; do kill -0 $slow || break; sleep 0.02; done
        for bytes in 1000000 100000000; do
          curl -sN "$url" | head -c $bytes | wc -c; grep VmRSS "/proc/$origin/status"
        done
        kill $slow; wait $slow
        """,
      // AddressSanitizer would keep what was freed, up to 256 MB.
      environment: ["ASAN_OPTIONS": "quarantine_size_mb=1:detect_leaks=0"])
    let numbers = result.standardOutput.split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 4, "\(result)")
    #expect(numbers[0] == 1_000_000 && numbers[2] == 100_000_000)
    // The two streams take turns: unread, one would have grown with the other.
    #expect(numbers[3] - numbers[1] < 50_000, "kB resident")
  }

  @Test("A proxy in front holds back what is less than it waits for, and loses it where it cuts the stream")
  func faultyProxy() async throws {
    let numbered = ["--event-interval", "1ms", "--events", "2"]
    for (options, end, status) in [
      (numbered + ["--withhold", "4096"], "\"last\":true}\n\n", 0), (["--cut-after", "3s"], handshake, 18),
      (["--withhold", "4096", "--cut-after", "3s"], "keep-alive\r\n\r\n", 18),
    ] {
      let result = try await serve(options, curl: "\"$url\"; echo \"curl $?\"")
      #expect(result.standardOutput.hasSuffix("\(end)curl \(status)\n"), "\(result)")
    }
  }

  @Test("An address beyond loopback is told")
  func everywhere() async throws {
    let result = try await serve(["--host", "0.0.0.0"])
    #expect(result.standardError.contains("listening on 0.0.0.0: whoever reaches it can"))
    #expect(result.standardOutput.hasPrefix("HTTP/1.1 200 "))
  }

  @Test("A Redis comes from an option, a variable or a file, and its password is never shown")
  func redis() async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = "sw0rdfish"
    try await RedisServer.withServer(configuration) { server in
      try await TemporaryFolder.with { folder in
        let right = server.url(password: "sw0rdfish")
        let file = try folder.write("\(right)\n", to: "url")
        let curl = """
          --max-time 2 "$url?channel=a" > got & \
          until curl -s -d 1 "${url%/stream}/publish?channel=a" | grep -q :1; do sleep 0.02; done; wait $!; cat got
          """
        let options = ["--convention", "documented", "--key-prefix", "adm", "--driver", "redis"]
        for options in [["--url-file", file] + options, ["--url-variable", "R"]] {
          let result = try await serve(options, curl: curl, environment: ["R": right])
          let data = options.count == 2 ? "{\"channel\":\"a\",\"payload\":1}" : "1"
          #expect(result.standardOutput.contains("event: message\ndata: \(data)\n\n"), "\(result)")
          #expect(result.standardError == "")
        }
        let wrong = try await serve(
          ["--url-variable", "R"], curl: "--max-time 1 \"$url?channel=a\"",
          environment: ["R": server.url(password: "c4n4ry")])
        #expect(wrong.standardOutput.hasSuffix("event: ready\ndata: {}\n\n"))
        #expect(wrong.standardError.contains("[flowpanel] redis subscribe failed: ReplyError: WRONGPASS "))
        #expect(!wrong.standardError.contains("c4n4ry"))
        let without = try await serve(["--url", server.url()], curl: "--max-time 1 \"$url?channel=a\"")
        #expect(without.standardError.contains("NOAUTH"))
      }
    }
  }

  @Test("Without fan-out there is nowhere to publish, with memory there is")
  func drivers() async throws {
    for (driver, answer) in [("none", "404 Not Found"), ("memory", "200 OK")] {
      let result = try await serve(
        ["--driver", driver], curl: "-d 1 \"${url%/stream}/publish?channel=a\"")
      #expect(result.standardOutput.hasPrefix("HTTP/1.1 \(answer)\r\n"))
    }
  }

  @Test(
    "What can't be done is refused with what to try",
    arguments: [
      ("--burst 2", "--event-interval 1s"), ("--data-size 9", "--event-interval 1s"), ("--events 2", "--firehose"),
      ("--silence 1=2s", "--event-interval 1s"), ("--silence 3", "5=90s"), ("--silence 0=5", "500ms"),
      ("--firehose --burst 2", "leave --event-interval and --burst out"), ("--end cut", "--events NUMBER"),
      ("--filling random", "--data-size BYTES"), ("--header x", "X-Accel-Buffering: yes"),
      ("--header Content-Length:3", "the framing"), ("--header A:\u{7}", "--header can't be used: a header's value"),
      ("--no-header Via", "Content-Type, Cache-Control"), ("--answer-after 1s --no-answer", "exclude each other"),
      ("--url redis://a:c4n4ry@c", "--url-variable NAME"), ("--url rediss://c", "plain TCP"),
      ("--url redis+sentinel://a/m", "plain TCP"), ("--url unix:/a", "plain TCP"), ("--url x", "redis://"),
      ("--driver redis", "--url redis://127.0.0.1:6379"), ("--driver none --url redis://c", "leave its URL"),
      ("--url redis://a --url-file b", "name one Redis"),
      ("--key-prefix \u{1} --url redis://c", "--key-prefix can't be used"),
      ("--key-prefix a", "--url redis://127.0.0.1:6379"), ("--key-prefix a --driver memory", "needs a Redis"),
      ("--key-prefix a --convention verbatim --url redis://c", "leave one of them out"),
      ("--convention documented --driver none", "leave one of them out"), ("--fault dead", "--fault needs a Redis"),
      ("--fault loses=0 --url redis://c", "loses=10"), ("--fault stalls --url redis://c", "stalls=5s"),
      ("--event-interval 1s --burst 99999999", "--burst can't be used"), ("--port 99999", "0 to 65535"),
      ("--event-interval 1s --data-size 9999999", "give 0 to 1048576"), ("--status 100", "200 to 599"),
      ("--path x", "begin with a slash"), ("--withhold 9999999", "--withhold can't be used: 9999999 bytes; give 0 to"),
    ])
  func refusals(_ line: String, expected: String) async throws {
    let result = try await runBinary(builtBinary(), ["origin"] + line.split(separator: " ").map(String.init))
    #expect(result.status == 64)
    #expect(result.standardError.contains(expected), "\(result.standardError)")
    #expect(!result.standardError.contains("c4n4ry") && result.standardOutput.isEmpty)
  }

  @Test("A port that is taken is told with what to try, and not as a mistake in the options")
  func takenPort() async throws {
    try await withOrigin { first in
      let result = try await runBinary(builtBinary(), ["origin", "--port", "\(first.port)"])
      #expect(
        result
          == ProcessResult(
            status: 64, standardOutput: "",
            standardError: """
              flowpanel-doctor: error: the reference origin could not listen on 127.0.0.1 port \(first.port): Address already in use. \
              Try port 0 for a free one

              """))
    }
  }

  @Test("A URL's place that holds none is an input that is missing or malformed")
  func missingURL() async throws {
    for (options, environment, status) in [
      (["--url-variable", "NOPE"], [:], Int32(66)), (["--url-file", "no-such-folder/url"], [:], 66),
      (["--url-variable", "R"], ["R": "rediss://:c4n4ry@a"], 78),
      (["--url-variable", "R"], ["R": "redis://:c4n4ry@a:x"], 78),
    ] as [([String], [String: String], Int32)] {
      let result = try await runBinary(builtBinary(), ["origin"] + options, environment: environment)
      #expect(result.status == status)
      #expect(!result.standardError.contains("c4n4ry"))
    }
  }
}
