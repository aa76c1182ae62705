import Facts
import Testing

@testable import InstanceEnvironment

/// The values are those of dotenv 16's `parse` and of Node.js' `util.parseEnv`.
@Suite("A # without white space before it cuts a value") struct CutAtHashTests {
  private func read(_ text: String, _ dialect: EnvFileDialect) throws -> EnvironmentVariable? {
    try parseEnvFile(Array(text.utf8), path: ".env", dialect: dialect).variables["A"]
  }

  @Test(
    "in dotenv, Next.js and node --env-file",
    arguments: [
      ("A=abc#def", "abc"), ("A=abc#", "abc"), ("A=abc# x", "abc"), ("A=a b#c", "a b"), ("A=#ff0000", ""),
      ("A=ü#x\nB=1", "ü"), ("export A=b#c", "b"), ("A=  b##", "b"),
    ], [EnvFileDialect.nodeDotenv, .next, .nodeEnvFile])
  func cut(_ example: (text: String, value: String), _ dialect: EnvFileDialect) throws {
    let variable = try read(example.text, dialect)
    #expect(variable?.value == Secret(example.value))
    #expect(variable?.isCutAtHash == true)
  }

  @Test(
    "not in quotes, and not where white space or the line's end shows a comment",
    arguments: [
      ("A=abc", "abc"), ("A=abc #def", "abc"), ("A=abc\t#def", "abc"), ("A='a#b'#c", "a#b"), ("A=\"a#b\" # c", "a#b"),
      ("A= #x", ""), ("A=# x", ""), ("A=#", ""), ("A=#\nB=1", ""), ("A=#\r\nB=1", ""), ("A=\n#x", ""), ("A=", ""),
      ("A=  \n#x", ""),
    ], [EnvFileDialect.nodeDotenv, .next, .nodeEnvFile])
  func whole(_ example: (text: String, value: String), _ dialect: EnvFileDialect) throws {
    let variable = try read(example.text, dialect)
    #expect(variable?.value == Secret(example.value))
    #expect(variable?.isCutAtHash == false)
  }

  @Test func anUnusualSpaceIsSpaceAndABrokenQuoteIsText() throws {
    #expect(try read("A=abc\u{A0}#x", .nodeDotenv)?.isCutAtHash == false)
    #expect(try read("A='a#b' c", .nodeDotenv)?.isCutAtHash == true)
    #expect(try read("A=\"open#x", .nodeDotenv)?.isCutAtHash == true)
    #expect(try read("A=\"open#x", .nodeEnvFile)?.isCutAtHash == false)
  }

  @Test("the others keep such a #", arguments: [EnvFileDialect.compose, .dockerEnvFile, .pythonDotenv, .shell])
  func kept(_ dialect: EnvFileDialect) throws {
    for value in ["abc#def", "abc#", "#ff0000"] {
      let variable = try read("A=\(value)", dialect)
      #expect(variable?.value == Secret(value))
      #expect(variable?.isCutAtHash == false)
    }
  }

  @Test("of several files the one that wins says so", arguments: [EnvFileDialect.nodeDotenv, .next, .nodeEnvFile])
  func severalFiles(_ dialect: EnvFileDialect) throws {
    let folder = try TemporaryFolder()
    let base = try folder.write("base.env", "A=a#b\nB=a#b\nC=1\n")
    let local = try folder.write("local.env", "A=1\nC=a#b\n")
    let read = try readEnvFiles([base, local], dialect: dialect)
    #expect(read.variables.filter(\.value.isCutAtHash).keys.sorted() == ["B", "C"])
  }

  @Test func whatIsSetBeforeIsNotCut() throws {
    let read = try parseEnvFile(
      Array("A=a#b\n".utf8), path: ".env", dialect: .next, inherited: ["A": Secret("whole")])
    #expect(read.variables["A"]?.isCutAtHash == false)
  }

  @Test func itIsAmongTheFlaws() throws {
    let read = try parseEnvFile(Array("A=xxx#b\nB=1\n".utf8), path: ".env", dialect: .nodeDotenv)
    var fingerprinter = Fingerprinter(key: FingerprintKey(bytes: [1]))
    let facts = fingerprinter.facts(instance: "web-1", variables: read)
    #expect(facts.variables.value?.mapValues(\.flaws) == ["A": [.placeholder, .cutAtHash], "B": nil])
  }
}
