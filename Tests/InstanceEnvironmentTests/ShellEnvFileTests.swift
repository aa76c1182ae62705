import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

@Suite("A file of assignments as a shell sources it") final class ShellEnvFileTests {
  private let folder: TemporaryFolder
  private let inherited = ["GIVEN": "given"]

  init() throws { folder = try TemporaryFolder() }

  private func read(_ text: String) throws -> InstanceVariables {
    try parseEnvFile(
      Array(text.utf8), path: "web.env", dialect: .shell, inherited: inherited.mapValues { Secret($0) })
  }

  /// The environment of a program that this machine's `/bin/sh` starts after sourcing a text, without what is inherited
  /// and what the shell sets itself.
  private func sourced(_ text: String) throws -> [String: String] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "set -a; . \"$0\"; exec env -0", try folder.write("web.env", text)]
    process.environment = inherited
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var variables: [String: String] = [:]
    for entry in bytes.split(separator: 0) {
      let parts = String(decoding: entry, as: UTF8.self).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let (name, value) = (String(parts[0]), String(parts[1]))
      if ["PWD", "OLDPWD", "SHLVL", "_"].contains(name) || inherited[name] == value { continue }
      variables[name] = value
    }
    return variables
  }

  @Test(
    "what needs no running is as the real shell sets it",
    arguments: [
      EnvFileExample("A=1\nexport B=2\nexport C=3 D='4 5'; E=6", ["A": "1", "B": "2", "C": "3", "D": "4 5", "E": "6"]),
      EnvFileExample("# A=1\n  \t# B=2\nC=3 # four\nD=5#6\n\n", ["C": "3", "D": "5#6"]),
      EnvFileExample("A='x\n$B\\'\nB=\"x\ny\"\nC=x\\ y\\\nz", ["A": "x\n$B\\", "B": "x\ny", "C": "x yz"]),
      EnvFileExample("A=\"\\$x \\\\ \\` \\\" \\n \\\n\"'\"'b", ["A": "$x \\ ` \" \\n \"b"]),
      EnvFileExample("A=it\\'s\nB=''\nC=\nD=a=b:c{d,e}*?[f]", ["A": "it's", "B": "", "C": "", "D": "a=b:c{d,e}*?[f]"]),
      EnvFileExample("A=1\nB=$A\nC=${A}x\"$A y\"'$A'\nA=2", ["A": "2", "B": "1", "C": "1x1 y$A"]),
      EnvFileExample("A='x  *'\nB=$A\nC=\"$A\"", ["A": "x  *", "B": "x  *", "C": "x  *"]),
      EnvFileExample("A=\nB=${A:-1}${A-2}${N:-3}${N-4}\nC=${A:+1}${A+2}${N:+3}", ["A": "", "B": "134", "C": "2"]),
      EnvFileExample("A=${B:=x}${B=y}${C:-\"d e\"}${C:-'f g'}${C:-h i}", ["A": "xxd ef gh i", "B": "x"]),
      EnvFileExample("A=\"${N:-${M:-x y}}\"\nB=${N:-\\}}\nC=\"${N:-\\} 'z'}\"", ["A": "x y", "B": "}", "C": "} 'z'"]),
      EnvFileExample("A=${GIVEN:?x}${GIVEN?y}", ["A": "givengiven"]),
      EnvFileExample("A=$\nB=\"$ $\"\nC=a~b\nD='~'", ["A": "$", "B": "$ $", "C": "a~b", "D": "~"]),
      EnvFileExample("A=1 B=$A\nexport A\nunset A C", ["B": "1"]),
      EnvFileExample(
        "A=$GIVEN\nGIVEN=file\nB=$GIVEN\nunset GIVEN\nC=[$GIVEN]", ["A": "given", "B": "file", "C": "[]"]),
      EnvFileExample(
        "set +a\nA=1\nexport B=$A\nGIVEN=x\nC=3\nexport C\nset -e -u -a\nD=4",
        ["B": "1", "GIVEN": "x", "C": "3", "D": "4"]),
      EnvFileExample("set +o allexport\nA=1\nset -o allexport\nB=2", ["B": "2"]),
      EnvFileExample("export 'A=x y' B\\=2 \"C=$GIVEN\"", ["A": "x y", "B": "2", "C": "given"]),
      EnvFileExample("A=x\r\nB='y'\r\n", ["A": "x\r", "B": "y\r"]),
      EnvFileExample("export A=\"1\"\\\n B=2\nN\\\nAME=3\n: x\ntrue", ["A": "1", "B": "2", "NAME": "3"]),
    ])
  func assignments(_ example: EnvFileExample) throws {
    let read = try read(example.text)
    #expect(read.variables.mapValues { $0.value.reveal() } == example.expected)
    #expect(read.unresolved.isEmpty)
    #expect(try sourced(example.text) == example.expected)
  }

  @Test func theListingOfBashIsUnderstood() throws {
    let text = "declare -x A=\"x \\$y\"\ndeclare -x B\ntypeset -x C='z'\n"
    #expect(try read(text).variables.mapValues { $0.value.reveal() } == ["A": "x $y", "C": "z"])
  }

  @Test(
    "what would have to be run, or shells disagree on, is unresolved by name",
    arguments: [
      ("$(cat canary)", "prints"), ("x`cat \\` canary`y", "prints"), ("\"a $(echo \"$(echo ')')\" # )\n)\"", "prints"),
      ("$((1 + (2)))", "arithmetic"), ("(a 'b)' c)", "array"), ("~/x", "`~`"), ("a:~b", "`~`"), ("${N:-~}", "`~`"),
      ("$1", "arguments"), ("$$", "number"), ("\"${#GIVEN}\"", "arguments"), ("${GIVEN%x}", "not worked out"),
      ("${GIVEN/x/'}'}", "not worked out"), ("$'x'", "different ways"), ("$\"x\"", "different ways"),
      ("$[1]", "different ways"), ("\"${N:-\"x\"}\"", "different ways"),
      ("$HOME/x", "a variable that is not set before it"), ("${N?}", "a variable that is not set before it"),
    ])
  func unresolved(_ value: String, _ reason: String) throws {
    let read = try read("B=1\n  A=\(value)\nC=$A\nD=${A:-x}${A+x}\nE=2")
    #expect(read.variables.mapValues { $0.value.reveal() } == ["B": "1", "E": "2"])
    #expect(Set(read.unresolved.keys) == ["A", "C", "D"])
    #expect(read.unresolved["A"]?.detail.contains(reason) == true)
    #expect(read.unresolved["A"]?.detail.contains("canary") == false)
    #expect(read.unresolved["A"]?.location == Location(file: "web.env", line: 2, column: 3))
    #expect(read.unresolved["C"]?.detail.contains("`A`") == true)
  }

  @Test func anArgumentOfExportThatSomeShellsSplitIsUnresolved() throws {
    let read = try read("A='x y'\nB='*'\nexport C=$A D=\"$A\" E={a,b} F=$B G=\"$B\"\nH+=x")
    #expect(Set(read.unresolved.keys) == ["C", "E", "F", "H"])
    #expect(read.variables["D"]?.value == Secret("x y") && read.variables["G"]?.value == Secret("*"))
  }

  @Test func aLaterValueResolvesAVariable() throws {
    let read = try read("A=$(x)\nA=1\nB=1\nB=`x`\nC=$(x)\nunset C")
    #expect(read.variables.mapValues { $0.value.reveal() } == ["A": "1"])
    #expect(Array(read.unresolved.keys) == ["B"])
  }

  @Test func aValueThatIsNotUTF8IsUnresolved() throws {
    let bytes = Array("A=".utf8) + [0xFF] + Array("\nB=1".utf8)
    let read = try parseEnvFile(bytes, path: "web.env", dialect: .shell)
    #expect(Array(read.variables.keys) == ["B"] && read.unresolved["A"]?.kind == .notUnderstood)
  }

  @Test(
    "anything else that is run is refused with its line",
    arguments: [
      "A = canary", "A=canary canary", "canary", "if true; then A=canary; fi", "f() { A=canary; }", ". ./canary",
      "A=1 | canary", "A=1 && B=canary", "A=1 & B=canary", "A=canary > B", "A=b(canary)", "{ A=canary; }",
      "eval A=canary",
      "declare -i A=canary", "export A.B=canary", "export \"$NONE=canary\"", "unset $(canary)", "set -n", "set canary",
      "A[0]=canary", "1A=canary", "A='canary", "A=\"canary", "A=`canary", "A=$(canary", "A=${canary", "A=${N:-canary",
      "A=${}", "A=${E:?canary}", "A=$(case x in canary) esac)", "A=$(cat <<X\n)\nX\n)", "A=$'\\'canary'", ";", "A=1;;",
      "A=\"${N:-'}'}\"", "A=\"${N:-it's}\"", "\u{FEFF}A=canary", "A=\0canary",
    ])
  func refused(_ line: String) {
    let error = #expect(throws: EnvFileError.self) { try read("E=\n\(line)\nZ=1\n") }
    #expect(error?.kind == .malformed)
    #expect(error?.location.line == (line.contains("\0") ? 1 : 2))
    #expect(error?.message.contains("canary") == false)
  }

  @Test(arguments: ["${N:-", "\"${N:-", "$(\"$(", "${N:-$((${N:-"]) func whatStandsTooDeepIsRefused(_ unit: String) {
    #expect(throws: EnvFileError.self) { try read("A=" + String(repeating: unit, count: 100_000)) }
  }

  @Test func everyVariableKnowsItsLineAndColumn() throws {
    let variables = try read("A='1\n2' B=3\n# x\n  export C=4").variables
    #expect(variables["A"]?.location == Location(file: "web.env", line: 1, column: 1))
    #expect(variables["B"]?.location == Location(file: "web.env", line: 2, column: 4))
    #expect(variables["C"]?.location == Location(file: "web.env", line: 4, column: 10))
  }
}
