// What libFuzzer runs: any bytes, read as every source of an environment is. It must end, must not crash, every failure
// must have its place, and no message and no dump may show a value.
//
// An input's first byte says what the others are: a letter of `readers`, or any byte modulo their number.
import Facts
import Foundation

@testable import InstanceEnvironment

private let secret = "s3cr3t+canary"
private let inherited = [
  "A": Secret("$B${C:-x}"), "SECRET": Secret(secret), "N": Secret(""), "HOME": Secret("/nowhere"),
]

/// Readers of whole files take a path: the file is written anew for each input.
private let path = ".build/fuzz/env-input"

private typealias Reader = @Sendable ([UInt8]) throws(EnvFileError) -> InstanceVariables

private func envFile(_ dialect: EnvFileDialect) -> Reader {
  { bytes throws(EnvFileError) in try parseEnvFile(bytes, path: path, dialect: dialect, inherited: inherited) }
}

private let readers: [(letter: Character, read: Reader)] = [
  ("n", envFile(.nodeDotenv)), ("x", envFile(.next)), ("e", envFile(.nodeEnvFile)), ("c", envFile(.compose)),
  ("d", envFile(.dockerEnvFile)), ("p", envFile(.pythonDotenv)), ("s", envFile(.shell)),
  (
    "y",
    { bytes throws(EnvFileError) in
      write(bytes)
      _ = try? composeServices([path])
      return try readCompose([path, path], service: "web", environment: inherited)
    }
  ),
  (
    "k",
    { bytes throws(EnvFileError) in
      write(bytes)
      return try readKubernetes([path], workload: nil, container: nil)
    }
  ),
  (
    "i",
    { bytes throws(EnvFileError) in
      write(bytes)
      return try readDockerInspect(path)
    }
  ),
  (
    "t",
    { bytes throws(EnvFileError) in
      readTable(bytes)
      return InstanceVariables(source: path, variables: [:])
    }
  ),
  ("b", { bytes throws(EnvFileError) in try parseEnvironment(bytes, source: "standard input", path: path) }),
]

private func write(_ bytes: [UInt8]) {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  precondition(file >= 0 && Foundation.write(file, bytes, bytes.count) == bytes.count, "the input can't be written")
  close(file)
}

/// Reads the environments of a snapshot; what was read is the same when it is written and read again.
private func readTable(_ bytes: [UInt8]) {
  guard let table = try? JSONDecoder().decode(InTable<[EnvironmentFacts]>.self, from: Data(bytes)),
    let written = try? JSONEncoder().encode(table)
  else { return }
  let again = try? JSONDecoder().decode(InTable<[EnvironmentFacts]>.self, from: written)
  precondition(again == table, "a table is another when it is read again")
}

/// One input, as libFuzzer hands it over; always 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  guard let first = input.first else { return 0 }
  let named = readers.firstIndex { $0.letter.asciiValue == first }
  let read = readers[named ?? Int(first) % readers.count].read
  do {
    look(at: try read(Array(input.dropFirst())))
  } catch {
    precondition(!error.location.file.isEmpty && !error.message.isEmpty, "a failure without place or words")
    precondition(!"\(error)".contains(secret), "a message shows a value")
  }
  return 0
}

private func look(at read: InstanceVariables) {
  for (name, variable) in read.variables {
    precondition(name == variable.name, "a variable under another name")
    _ = flaws(of: variable.value)
    _ = canonicalURL(variable.value)
  }
  var shown = ""
  dump(read, to: &shown)
  precondition(!shown.contains(secret), "a dump shows a value")
}
