import Facts
import Testing

@testable import InstanceEnvironment

@Suite("What is printed is read again as it was") struct PrintedEnvironmentTests {
  @Test("a .env file", arguments: EnvFileDialect.allCases)
  func printedFilesAreReadAgain(_ dialect: EnvFileDialect) throws {
    var environments = RandomEnvironments(seed: 11)
    let printer = EnvironmentPrinter(dialect: dialect)
    var count = 0
    for _ in 0..<300 {
      let (text, printed) = printer.print(environments.next())
      let inherited = ["A": Secret("inherited")]
      let read = try parseEnvFile(Array(text.utf8), path: ".env", dialect: dialect, inherited: inherited)
      // By bytes: two texts that look the same are different values.
      #expect(
        read.variables.mapValues { Array($0.value.reveal().utf8) } == printed.mapValues { Array($0.utf8) },
        "\(text.debugDescription)")
      #expect(read.unresolved.isEmpty && !read.variables.values.contains(where: \.isCutAtHash))
      let again = printer.print(read.variables.mapValues { $0.value.reveal() })
      #expect(again.text == text)
      count += printed.count
    }
    #expect(count > 300, "hardly any value can be printed")
  }

  @Test("a block as of env -0") func printedBlocksAreReadAgain() throws {
    var environments = RandomEnvironments(seed: 12)
    for _ in 0..<300 {
      let environment = environments.next()
      let block = environment.map { "\($0.key)=\($0.value)\0" }.joined()
      let read = try parseEnvironment(Array(block.utf8), source: "s", path: "p")
      #expect(read.variables.mapValues { Array($0.value.reveal().utf8) } == environment.mapValues { Array($0.utf8) })
    }
  }
}
