import Foundation
import TestServers
import Testing

private let canary = "CANARY-4e1b7d"

@Suite("Snapshots of environments", .timeLimit(.minutes(5)))
struct SnapshotTests {
  @Test("of two machines are compared anywhere, and hold no value")
  func compared() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("key-of-the-operator-\(canary)\n", to: "doctor.key")
      let first = ["REDIS_URL": "redis://:\(canary)@cache", "AUTH_SECRET": canary, "DEBUG": ""]
      let second = ["REDIS_URL": "redis://:\(canary)@cache:6379/0", "DEBUG": ""]
      for (name, environment) in [("web-1", first), ("web-2", second)] {
        let taken = try await doctor(
          ["env", "snapshot", "--hmac-key-file", "doctor.key", "--name", name, "-o", "\(name).json"],
          environment: environment, in: folder)
        #expect(taken.status == 0, "\(taken)")
        let text = try #require(folder.read("\(name).json"))
        #expect(text.contains("redis URL, ") && text.contains(#""fingerprint""#))
        #expect(!text.contains(canary) && !(taken.standardOutput + taken.standardError).contains(canary))
      }
      let result = try await doctor(["env", "compare", "web-1.json", "web-2.json", "--format", "json"], in: folder)
      #expect(result.status == 1, "\(result)")
      #expect(
        try JSONReport(result).messages == [
          "AUTH_SECRET is not set on web-2; web-1 sets it",
          "REDIS_URL means the same in 2 spellings: a on web-1; b on web-2",
        ])
    }
  }

  @Test("under different keys, and beside what is read now, are not taken for different values")
  func keys() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://cache\n", to: "web.env")
      for number in 1...2 {
        try folder.write("the-key-of-machine-\(number)\n", to: "\(number).key")
        _ = try await doctor(
          ["env", "snapshot", "--hmac-key-file", "\(number).key", "web-\(number)=web.env", "-o", "\(number).json"],
          in: folder)
      }
      let keys = try await doctor(["env", "compare", "1.json", "2.json", "--format", "json"], in: folder)
      #expect(keys.status == 2, "\(keys)")
      #expect(keys.standardOutput.contains("made under another key"))
      let unknown = try await doctor(["env", "web-1=snapshot:1.json", "now=web.env"], in: folder)
      #expect(unknown.status == 2, "\(unknown)")
      #expect(unknown.standardOutput.contains("--hmac-key-file"))
      let known = try await doctor(
        ["env", "web-1=snapshot:1.json", "now=web.env", "--hmac-key-file", "1.key"], in: folder)
      #expect(known.status == 0, "\(known)")
    }
  }

  @Test("of an earlier deploy show what this one changes")
  func drift() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("the-key-of-the-operator\n", to: "key")
      try folder.write("A=\(canary)\nB=2\nREDIS_URL=redis://h\nSAME=1\n", to: "web.env")
      let arguments = ["--hmac-key-file", "key", "web-1=web.env", "web-2=web.env"]
      _ = try await doctor(["env", "snapshot", "-o", "last.json"] + arguments, in: folder)
      let diff = ["env", "diff", "--since", "last.json", "--format", "json"] + arguments
      let same = try await doctor(diff, in: folder)
      #expect(same.status == 0, "\(same)")
      #expect(try JSONReport(same).messages == [])
      try folder.write("A=\(canary)2\nC=3\nREDIS_URL=redis://H:6379/0\nSAME=1\n", to: "web.env")
      let changed = try await doctor(diff, in: folder)
      #expect(changed.status == 0, "drift is what a deploy is for: \(changed)")
      #expect(
        try JSONReport(changed).messages == [
          "C is new on web-1 and web-2", "A has another value on web-1 and web-2",
          "B is not set any more on web-1 and web-2",
          "REDIS_URL has another spelling of the same value on web-1 and web-2",
        ])
      #expect(try await doctor(diff + ["--fail-on", "notice"], in: folder).status == 1)
      try folder.write("another-key-altogether\n", to: "key")
      let foreign = try await doctor(diff, in: folder)
      #expect(foreign.status == 2 && foreign.standardOutput.contains("another key"), "\(foreign)")
      #expect(!(changed.standardOutput + foreign.standardOutput).contains(canary))
    }
  }

  @Test(
    "need a key that can't be guessed, and a file that is one",
    arguments: [
      (["env", "snapshot"], Int32(64), "a key is missing"),
      (["env", "snapshot", "--hmac-key-file", "short"], 78, "fewer than 16 bytes"),
      (["env", "snapshot", "--hmac-key-file", "nowhere"], 66, "nowhere"),
      (["env", "snapshot", "--hmac-key-file", "0123456789CANARY0123"], 66, "which is not shown"),
      (["env", "snapshot", "--hmac-key-file", "key", "web-1=nowhere.env"], 66, "nowhere.env"),
      (["env", "compare", "nowhere.json"], 66, "nowhere.json"), (["env", "compare", "other.json"], 78, "other.json"),
      (["env", "compare", "half.json"], 78, "half.json"), (["env", "compare", "binary.json"], 78, "binary.json"),
      (["env", "compare", "version.json"], 78, "its version is 99"),
      (["env", "web-1=snapshot:other.json", "web-2=web.env"], 78, "other.json"),
      (["env", "web-1=snapshot:two.json#web-3", "web-2=web.env"], 66, "it has a, b"),
      (["env", "compare", "two.json", "two.json"], 64, "name each"),
      (["env", "diff", "--since", "nowhere.json", "web-1=web.env"], 66, "nowhere.json"),
    ])
  func refused(_ arguments: [String], _ status: Int32, _ fragment: String) async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("guess\n", to: "short")
      try folder.write("the-key-of-the-operator\n", to: "key")
      try folder.write("REDIS_URL=redis://cache\n", to: "web.env")
      _ = try await doctor(
        ["env", "snapshot", "--hmac-key-file", "key", "a=web.env", "b=web.env", "-o", "two.json"], in: folder)
      let whole = try #require(folder.read("two.json"))
      try folder.write("{\"services\": {}}", to: "other.json")
      try folder.write(String(whole.prefix(whole.count / 2)), to: "half.json")
      try Data((0...255).map { UInt8($0) }).write(to: URL(filePath: folder.path(of: "binary.json")))
      try folder.write(
        whole.replacing("\"environmentSnapshot\" : 1", with: "\"environmentSnapshot\" : 99"), to: "version.json")
      let result = try await doctor(arguments, in: folder)
      #expect(result.status == status, "\(result)")
      #expect((result.standardOutput + result.standardError).contains(fragment), "\(result)")
      #expect(!(result.standardOutput + result.standardError).contains("CANARY"))
    }
  }

  @Test("read their key from standard input or a variable, which is not among what they hold")
  func keyPlaces() async throws {
    try await TemporaryFolder.with { folder in
      let key = "the-key-of-the-operator"
      try folder.write("A=1\n", to: "web.env")
      let arguments = ["env", "snapshot", "--name", "web-1"]
      let piped = try await doctor(
        arguments + ["--hmac-key-file", "-", "-o", "1.json"], environment: ["A": "1"], in: folder, input: "\(key)\n")
      let named = try await doctor(
        ["env", "snapshot", "--name", "web-2", "--hmac-key-variable", "KEY", "-o", "2.json"],
        environment: ["A": "1", "KEY": key], in: folder)
      #expect(piped.status == 0 && named.status == 0, "\(piped) \(named)")
      #expect(folder.read("2.json")?.contains(#""KEY""#) == false)
      let result = try await doctor(["env", "compare", "1.json", "2.json", "--format", "json"], in: folder)
      #expect(try JSONReport(result).verdicts.filter { $0.kind == "undetermined" }.isEmpty, "one key: \(result)")
    }
  }
}

extension JSONReport {
  /// What the findings say.
  var messages: [String] { verdicts.filter { $0.kind == "finding" }.map(\.message) }
}
