import Foundation
import TestServers
import Testing

@Suite("flowpanel-doctor demo", .timeLimit(.minutes(5)))
struct DemoTests {
  @Test("reports the instance without REDIS_URL and the proxy that withholds the stream, and leaves with 1")
  func broken() async throws {
    try await TemporaryFolder.with { folder in
      let result = try await doctor(["demo", "--format", "json"], environment: ["TMPDIR": folder.path], in: folder)
      let report = try JSONReport(result)
      #expect(result.status == 1, "\(result)")
      #expect(report.findings.contains("config.driver-memory-multi-instance web-2"))
      #expect(report.findings.contains("env.missing-on-instance web-2"))
      // web-2, which has no Redis, and the public URL, which is held back.
      let found = report.findings.filter { $0.hasPrefix("stream.") }.map { $0.split(separator: " ") }
      #expect(found.map { $0[0] }.sorted() == ["stream.buffered", "stream.ready-without-redis"])
      #expect(Set(found.map { $0[1] }).count == 2)
      #expect(!report.findings.contains { $0.hasPrefix("redis.") })
      #expect(report.verdicts.contains { $0.check == "redis.unreachable" && $0.kind == "pass" })
      #expect(result.standardError.contains("demo --mended\n"))
      try expectNothingLeft(in: folder)
    }
  }

  @Test("finds nothing once both faults are mended, and puts reports where they were asked for")
  func mended() async throws {
    try await TemporaryFolder.with { folder in
      let result = try await doctor(
        ["demo", "--mended", "--report", "json=report.json"], environment: ["TMPDIR": folder.path], in: folder)
      #expect(result.status == 0, "\(result)")
      #expect(result.standardOutput.contains("0 undetermined"))
      let report = try JSONReport(try #require(folder.read("report.json")))
      // How its config chooses the driver is worth a notice.
      #expect(report.findings == ["config.driver-env-ternary flowpanel.config.ts"])
      try FileManager.default.removeItem(atPath: folder.path(of: "report.json"))
      try expectNothingLeft(in: folder)
    }
  }

  @Test("says that Redis is left out, and looks at all else", arguments: [false, true])
  func withoutRedis(isBroken: Bool) async throws {
    try await TemporaryFolder.with { folder in
      try await TemporaryFolder.with { programs in
        let path = try programs.write("#!/bin/sh\necho 'Bad directive'\n", to: "redis-server")
        if isBroken { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
        let result = try await doctor(
          ["demo", "--mended", "--format", "json"], environment: ["TMPDIR": folder.path, "PATH": programs.path],
          in: folder)
        let report = try JSONReport(result)
        #expect(result.status == 0, "\(result)")
        #expect(
          result.standardError.contains(
            isBroken
              ? "Redis is left out: \(path) did not start: Bad directive\n"
              : "Redis is left out: there is no redis-server in PATH; to have it looked at too, install it"))
        #expect(!report.verdicts.contains { $0.check.hasPrefix("redis.") || $0.check.hasPrefix("pubsub.") })
        #expect(report.verdicts.count { $0.check == "stream.handshake" && $0.kind == "pass" } == 3)
        try expectNothingLeft(in: folder)
      }
    }
  }

  @Test("serves until Ctrl-C, and the check in its folder is the demo's")
  func serving() async throws {
    try await TemporaryFolder.with { folder in
      let result = try await serve(
        "cd \"$TMPDIR\"/flowpanel-doctor-demo-*/ && \"$0\" check; kill -INT $demo", in: folder)
      #expect(result.status == 130, "\(result)")
      #expect(result.standardOutput.components(separatedBy: " · 0 undetermined · ").count == 3)
      try expectNothingLeft(in: folder)
    }
  }

  @Test("leaves nothing behind, whatever ends it", arguments: [("TERM", 130), ("HUP", 130), ("KILL", 137)])
  func ended(signal: String, status: Int32) async throws {
    try await TemporaryFolder.with { folder in
      let result = try await serve("kill -\(signal) $demo", in: folder)
      #expect(result.status == status, "\(result)")
      // After a SIGKILL others clean up.
      if status == 137 { try await wait(for: "nothing is left") { try leftovers(in: folder).isEmpty } }
      try expectNothingLeft(in: folder)
    }
  }

  @Test("gives what is known when it is interrupted while it checks")
  func interrupted() async throws {
    try await TemporaryFolder.with { folder in
      let script = """
        "$0" demo --format json &
        until ls "$TMPDIR"/flowpanel-doctor-demo-*/flowpanel-doctor.yaml > /dev/null 2>&1; do kill -0 $! || break; done
        kill -INT $!
        wait $!
        """
      let result = try await runBinary(
        "/bin/sh", ["-c", script, builtBinary()], environment: ["TMPDIR": folder.path])
      #expect(result.status == 130, "\(result)")
      #expect(result.standardOutput.contains("\"interrupted\": true"))
      try expectNothingLeft(in: folder)
    }
  }

  @Test("ends at once when it is interrupted while a Redis starts that does not say that it has")
  func interruptedWhileStarting() async throws {
    try await TemporaryFolder.with { folder in
      try await TemporaryFolder.with { programs in
        let path = try programs.write("#!/bin/sh\n: > \"$0.began\"\nexec /bin/sleep 600\n", to: "redis-server")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let script = """
          "$0" demo --format json &
          until [ -e "$1.began" ]; do kill -0 $! || break; done
          kill -INT $!
          wait $!
          """
        let result = try await runBinary(
          "/bin/sh", ["-c", script, builtBinary(), path],
          environment: ["TMPDIR": folder.path, "PATH": programs.path])
        #expect(result.status == 130, "\(result)")
        // It waits for no Redis, and does not look at what there is without one.
        #expect(result.standardOutput.isEmpty && !result.standardError.contains("left out"))
        try expectNothingLeft(in: folder)
      }
    }
  }

  @Test("says where its folder can't be made, and leaves with 66")
  func unwritable() async throws {
    try await TemporaryFolder.with { folder in
      let missing = folder.path(of: "missing")
      let result = try await doctor(["demo", "--format", "json"], environment: ["TMPDIR": missing], in: folder)
      #expect(result.status == 66)
      #expect(
        result.standardError.contains("error: the demo's folder can't be made in \(missing): No such file or directory")
      )
      #expect(result.standardOutput.contains("can't be made in"))
    }
  }

  /// Runs the demo until it serves, and then commands with its process in `$demo`.
  private func serve(_ commands: String, in folder: TemporaryFolder) async throws -> ProcessResult {
    let script = """
      "$0" demo --mended --serve 2> "$1" & demo=$!
      until grep -q 'runs until Ctrl-C' "$1"; do kill -0 $demo || break; sleep 0.02; done
      \(commands)
      wait $demo
      """
    return try await TemporaryFolder.with { talk in
      try await runBinary(
        "/bin/sh", ["-c", script, builtBinary(), talk.path(of: "talk")], environment: ["TMPDIR": folder.path])
    }
  }

  /// What is in a folder, and the processes whose working folder is or was in it.
  private func leftovers(in folder: TemporaryFolder) throws -> [String] {
    let files = FileManager.default
    let processes = try files.contentsOfDirectory(atPath: "/proc").filter { name in
      (try? files.destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd"))?.hasPrefix(folder.path) == true
    }
    return try files.contentsOfDirectory(atPath: folder.path) + processes
  }

  private func expectNothingLeft(in folder: TemporaryFolder) throws {
    #expect(try leftovers(in: folder) == [])
  }
}
