import Facts
import Foundation
import TestServers
import Testing

@Suite("flowpanel-doctor stream", .timeLimit(.minutes(5)))
struct StreamCommandTests {
  /// Runs the binary in an empty folder.
  private func stream(_ arguments: [String], in folder: TemporaryFolder? = nil) async throws -> ProcessResult {
    guard let folder else { return try await TemporaryFolder.with { try await stream(arguments, in: $0) } }
    return try await runBinary(builtBinary(), ["stream"] + arguments, workingFolder: folder.path)
  }

  @Test("tells in a pipe each thing as it happens, cell by cell, and then the report")
  func lines() async throws {
    try await withOrigin {
      $0.eventInterval = .milliseconds(20)
    } _: { origin in
      let result = try await stream(["--events", "3", origin.url])
      #expect(result.status == 0, "\(result)")
      let (live, report) = try #require(result.standardOutput.splitOnce(at: "\n1 event stream\n"))
      for cell in ["HTTP/1.1 with compression", "HTTP/1.1 without compression"] {
        // The time, the cell, what came, and by how much it was late.
        let lines = live.split(separator: "\n").compactMap { line in
          String(line).splitOnce(at: cell)?.1.split(separator: "  ").first?.drop { $0 == " " }
        }
        #expect(lines.first == "headers: HTTP/1.1 200")
        #expect(lines.dropFirst().first == "event ready: {}")
        #expect(lines.count(where: { $0.hasPrefix("event ") }) == 3)
        #expect(lines.last == "closed by the probe")
      }
      #expect(report.contains("asked for in 2 ways"))
      #expect(result.standardError.isEmpty)
    }
  }

  @Test("a capture that was recorded gives the same report anywhere, and holds nothing of the machine or the session")
  func recorded() async throws {
    try await withOrigin {
      $0.requiredCookie = "session=canary-7f3a"
    } _: { origin in
      try await TemporaryFolder.with { folder in
        let file = folder.path(of: "capture.json")
        let arguments = ["stream", "--events", "1", "--header-variable", "Cookie=SESSION", "--format", "json"]
        let first = try await runBinary(
          builtBinary(), arguments + ["--record", file, origin.url],
          environment: ["SESSION": "session=canary-7f3a", "MACHINE_NAME": "canary-host"])
        #expect(first.status == 0, "\(first)")
        let saved = try #require(folder.read("capture.json"))
        #expect(saved.contains("\"reads\""))
        #expect(!saved.contains("canary") && !saved.contains("MACHINE_NAME"))
        let again = try await stream(["--replay", file, "--format", "json"])
        #expect(again.standardOutput == first.standardOutput)
        #expect(again.status == first.status)
      }
    }
  }

  @Test(
    "opens the cells that are asked for, and one for the system that closes a user's other streams",
    arguments: [
      ([], ["negotiated browser"], ["1.1 browser", "1.1 identity"]),
      (["--cells", "all"], ["1.1 browser", "1.1 identity"], ["1.1 browser", "1.1 identity"]),
      (["--cells", "curl"], ["negotiated identity"], ["negotiated identity"]),
    ])
  func cells(_ options: [String], testPlanIt: [String], others: [String]) async throws {
    try await withOrigin { origin in
      for (system, expected) in [("testplanit", testPlanIt), ("flowpanel", others)] {
        let result = try await stream(
          options + ["--system", system, "--events", "1", "--format", "json", origin.url])
        #expect(try JSONReport(result).streams?.map(\.cell) == expected)
      }
    }
  }

  @Test("opens with the verdict in one sentence for each URL, and draws when events were sent and when they came")
  func sentenceAndTimeline() async throws {
    try await withOrigin {
      // nginx withholds what is small where the origin does not ask it to send on at once.
      ($0.eventInterval, $0.accelBuffering) = (.milliseconds(200), nil)
    } _: { origin in
      try await NginxServer.withServer(serverBlock: "location / { proxy_pass http://127.0.0.1:\(origin.port); }") {
        server in
        try await TemporaryFolder.with { folder in
          let file = folder.path(of: "capture.json")
          let url = "\(server.origin)/api/flowpanel/stream"
          let result = try await stream(
            ["--for", "4s", "--cells", "browser", "--record", file, "--direct", "web-1=\(origin.url)", url])
          let report = try #require(result.standardOutput.splitOnce(at: "\n2 event streams\n")).1
          let opening = report.prefix(while: { $0 != "\n" })
          #expect(opening.hasPrefix("  \(url): the public URL brings nothing"), "\(report)")
          #expect(report.contains("not so at web-1's own URL, so what stands between does it"))
          #expect(report.contains("events come through at once, none more than "))
          #expect(
            report.firstMatch(of: /\n +0 s .*\n  sent +[·1-9+]+\n  received +·+\n  at web-1 +[·1-9+]+[1-9+][·1-9+]*\n/)
              != nil)
          #expect(report.split(separator: "of the reference origin").count <= 11, "at most ten events are listed")
          #expect(result.standardOutput.split(separator: "\n").last?.contains("not applicable") == true)
          let again = try await stream(["--replay", file])
          #expect(again.standardOutput.hasSuffix(report))
        }
      }
    }
  }

  @Test("URLs that differ only in what may not be shown are judged apart")
  func hiddenDifference() async throws {
    let block = """
      if ($arg_topic = b) { return 502; }
      default_type text/event-stream; return 200 "event: ready\\ndata: {}\\n\\n";
      """
    try await NginxServer.withServer(serverBlock: block) { server in
      let result = try await stream(
        ["--only", "stream.status", "--format", "json"] + ["a", "b"].map { "\(server.origin)/s?topic=\($0)" })
      let report = try JSONReport(result)
      #expect(report.verdicts.map(\.kind).filter { $0 != "suppressed" }.sorted() == ["finding", "pass"])
      #expect(report.streams?.count == 4)
    }
  }

  @Test("Ctrl-C ends the watch though nobody reads what it writes")
  func blockedOutput() async throws {
    // Nothing reads the pipe, which holds 64 KiB, until the program was told to end and has closed its connections.
    let script = """
      mkfifo pipe
      "$0" stream --for 100s "$1" > pipe &
      doctor=$!
      exec 3< pipe
      until [ "$(sed -n 's/^wchar: //p' /proc/$doctor/io)" -ge 60000 ]; do kill -0 $doctor || exit 9; done
      kill -INT $doctor
      while ls -l /proc/$doctor/fd | grep -q socket:; do kill -0 $doctor || exit 9; done
      tail -n 1 <&3
      wait $doctor
      """
    try await withOrigin {
      $0.sendsAsFastAsRead = true
    } _: { origin in
      try await TemporaryFolder.with { folder in
        let result = try await runBinary(
          "/bin/sh", ["-c", script, builtBinary(), origin.url], workingFolder: folder.path, timeout: .seconds(240))
        #expect(result.status == 130, "\(result.status) \(result.standardOutput.suffix(300))")
        #expect(result.standardOutput.contains("suppressed"))
      }
    }
  }

  @Test("--raw writes the stream's own bytes, and the report elsewhere")
  func raw() async throws {
    try await withOrigin {
      $0.heartbeatInterval = .milliseconds(30)
      $0.closesAfterHandshake = true
    } _: { origin in
      let result = try await stream(["--raw", origin.url])
      #expect(result.standardOutput == "event: ready\ndata: {}\n\n")
      #expect(result.standardError.contains("stream.ended"))
      #expect(result.status == 1)
    }
  }

  @Test("a terminal shows a line for each cell, drawn in place, and nothing that a server could steer it with")
  func terminal() async throws {
    let evil = #"return 200 "data: \#u{1B}]0;evil\#u{07}\#u{1B}[2J\n\n";"#
    try await NginxServer.withServer(serverBlock: "default_type text/event-stream; \(evil)") { server in
      try await withOrigin { origin in
        // script(1) of util-linux gives the program a terminal.
        let command = "\(try builtBinary()) stream --for 1500ms \(origin.url) \(server.origin)/x"
        let result = try await runBinary(
          "/usr/bin/script", ["-qec", command, "/dev/null"], environment: ["TERM": "xterm"])
        #expect(result.standardOutput.contains("\u{1B}[J"), "drawn in place: \(result)")
        #expect(result.standardOutput.contains("Ctrl-C ends it with the report"))
        #expect(!result.standardOutput.contains("\u{1B}]0;") && !result.standardOutput.contains("\u{1B}[2J"))
        #expect(result.standardOutput.contains("\\u{1B}[2J"))
        #expect(result.status == 1)
      }
    }
  }

  @Test(
    "what can't be understood is refused with what to try",
    arguments: [
      (["--events", "0", "http://127.0.0.1:1"], 64, "from 1 on"),
      (["--raw"], 64, "one URL"),
      (["--raw", "--format", "json", "http://127.0.0.1:1"], 64, "--report json=FILE"),
      (["--replay", "nowhere.json"], 66, "nowhere.json"),
      (["--replay", "nowhere.json", "http://127.0.0.1:1"], 64, "--replay"),
      (["--replay", "broken.json"], 78, "broken.json"),
      (["--replay", "broken.json", "--save-facts", "facts.json"], 64, "--save-facts"),
      (["--record", "/dev/null/x", "http://127.0.0.1:1"], 64, "/dev/null/x"),
      (["--resolve", "admin:443", "http://127.0.0.1:1"], 64, "admin.example.com:443:127.0.0.1"),
      (["--resolve", "admin:443:cache", "http://127.0.0.1:1"], 64, "HOST:PORT:ADDRESS"),
      (["--connect-to", "admin:443:127.0.0.1", "http://127.0.0.1:1"], 64, "HOST:PORT:HOST:PORT"),
      (["--proxy", "http://user:canary@proxy:3128", "http://127.0.0.1:1"], 64, "--proxy-variable"),
      (["--proxy", "proxy:3128", "http://127.0.0.1:1"], 64, "http://proxy:3128"),
      (["--proxy-variable", "NOWHERE", "http://127.0.0.1:1"], 66, "NOWHERE"),
      (["--key-file", "x.pem", "http://127.0.0.1:1"], 64, "--cert-file"),
      (["--cert-file", "nowhere.pem", "http://127.0.0.1:1"], 66, "nowhere.pem"),
      (["-4", "-6", "http://127.0.0.1:1"], 64, "exclude"),
      (["--cells", "none", "http://127.0.0.1:1"], 64, "browser"),
      (["--last-event-id", "a\nb", "http://127.0.0.1:1"], 64, "one line"),
      (["--origin", "admin.example.com", "http://127.0.0.1:1"], 64, "https://admin.example.com"),
    ] as [([String], Int32, String)])
  func refused(_ arguments: [String], _ status: Int32, _ fragment: String) async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("{\"facts\":", to: "broken.json")
      let result = try await stream(arguments, in: folder)
      #expect(result.status == status, "\(result)")
      #expect((result.standardError + result.standardOutput).contains(fragment), "\(result)")
      #expect(!result.standardError.contains("canary"))
    }
  }
}

extension String {
  /// What stands before and after a text.
  fileprivate func splitOnce(at text: String) -> (String, String)? {
    firstRange(of: text).map { (String(self[..<$0.lowerBound]), String(self[$0.upperBound...])) }
  }
}
