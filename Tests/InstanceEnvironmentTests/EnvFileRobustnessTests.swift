import Facts
import Testing

@testable import InstanceEnvironment

@Suite("Every dialect, on files that nobody wrote") struct EnvFileRobustnessTests {
  /// Pieces that the dialects give a meaning to: bytes alone would hardly ever make a reference or a quote in a quote.
  private static let pieces: [[UInt8]] =
    [
      "A", "B", "=", "A=", "\nB=", "$A", "${A}", "${B:-", "${A:=", "${", "}", "$(", ")", "((", "\"", "'", "`", "\\",
      "\\\n",
      "#", " #", "\n", "\r", "\r\n", " ", "\t", ":", ";", "export ", "unset A", "set +a\n", "~", "$'", "\\0123", "é",
      "\u{2028}", "\u{FEFF}", "{", "1", ":-", ":?", "+",
    ].map { Array($0.utf8) } + [[0], [0xFF], [0xC2], [0xE2, 0x80]]

  @Test("no bytes crash a reader, and every failure has its place", arguments: EnvFileDialect.allCases)
  func randomFiles(_ dialect: EnvFileDialect) {
    var generator = SplitMix(state: 5)
    for _ in 0..<4000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...24, using: &generator) {
        bytes += Self.pieces.randomElement(using: &generator) ?? []
        if Int.random(in: 0...9, using: &generator) == 0 { bytes.append(.random(in: .min ... .max, using: &generator)) }
      }
      do {
        let read = try parseEnvFile(bytes, path: "web.env", dialect: dialect, inherited: ["A": Secret("$B${B:-x}")])
        let lines = bytes.count { $0 == Byte.lineFeed || $0 == Byte.carriageReturn } + 1
        for variable in read.variables.values {
          #expect(read.unresolved[variable.name] == nil || [.next, .compose, .pythonDotenv].contains(dialect))
          #expect((1...lines).contains(variable.location?.line ?? 1), "\(bytes)")
        }
      } catch {
        #expect(error.location.file == "web.env" && error.kind == .malformed, "\(bytes)")
      }
    }
  }

  @Test(
    "no repetition takes long", .timeLimit(.minutes(5)),
    arguments: EnvFileDialect.allCases.filter { $0 != .next && $0 != .nodeDotenv })
  func noRepetitionTakesLong(_ dialect: EnvFileDialect) throws {
    let repetitions = [
      ("", "\n"), ("", "A=\"x\n"), ("", "A='\\'"), ("", "A\n"), ("", "\""), ("", "a=`\u{2028}"), ("", "A=$(x)\n"),
      ("A=", " "), ("A=", "$"), ("A=", "${"), ("A=", "${A:"), ("A=", "${A:-"), ("A=", "${A:-{x} "), ("A=", "$("),
      ("A=${B:-x", "}"), ("A=\"", "${A}"), ("A=\"", "\\"),
    ]
    for (start, unit) in repetitions {
      _ = try? values(start + String(repeating: unit, count: (1 << 18) / unit.utf8.count), dialect)
    }
  }

  @Test(
    "values that double each other are refused", .timeLimit(.minutes(5)),
    arguments: [EnvFileDialect.compose, .pythonDotenv, .shell])
  func valuesThatDoubleEachOther(_ dialect: EnvFileDialect) {
    let text = "A0=canary\n" + (1...60).map { "A\($0)=${A\($0 - 1)}${A\($0 - 1)}\n" }.joined()
    let error = #expect(throws: EnvFileError.self) { try values(text, dialect) }
    #expect(error?.kind == .malformed && error?.message.contains("canary") == false)
    #expect((15...25).contains(error?.location.line ?? 0))
  }
}
