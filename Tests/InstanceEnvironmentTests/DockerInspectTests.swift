import Facts
import Testing

@testable import InstanceEnvironment

/// The shapes are those of the Docker Engine API's examples (ContainerInspect, ImageInspect) and of `podman inspect`.
@Suite("What docker inspect prints of a container") final class DockerInspectTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let web =
    #"{"Id": "ba033ac4401106a3", "Name": "/web-1", "State": {"Pid": 7}, "#
    + #""Config": {"Hostname": "x", "Env": ["A=1", "B=", "URL=redis://h?a=b", "GONE", "A=2"]}}"#
  private let worker = #"{"Id": "ba133ac4401106a3", "Name": "worker", "Config": {"Env": ["A=3"]}}"#
  private let image = #"{"Id": "sha256:ec3f0931", "RepoTags": ["app:1", "app:2"], "Config": {"Env": null}}"#

  private func read(_ text: String, _ container: String? = nil) throws -> InstanceVariables {
    try readDockerInspect(folder.write("inspect.json", text), container: container)
  }

  private func failure(_ text: String, _ container: String? = nil) -> EnvFileError? {
    #expect(throws: EnvFileError.self) { try read(text, container) }
  }

  @Test func aContainersVariablesAreRead() throws {
    let variables = try read("[\(web)]")
    #expect(variables.variables.mapValues { $0.value.reveal() } == ["A": "2", "B": "", "URL": "redis://h?a=b"])
    #expect(variables.source == "`web-1` of \(folder.path)/inspect.json")
    #expect(variables.variables["A"]?.location == Location(file: "\(folder.path)/inspect.json"))
    #expect(try read(web).variables.count == 3)
  }

  @Test(arguments: ["web-1", "ba03", "ba033ac4401106a3"])
  func aContainerIsChosenByNameOrTheBeginningOfItsID(_ name: String) throws {
    #expect(try read("[\(worker), \(web)]", name).variables["B"]?.value == Secret(""))
  }

  @Test func aPodmanContainerAndAnImageHaveTheirNamesToo() throws {
    #expect(try read("[\(worker), \(image)]", "worker").variables["A"]?.value == Secret("3"))
    #expect(try read("[\(worker), \(image)]", "app:2").variables.isEmpty)
  }

  @Test func whichContainerIsMeantMustBeClear() {
    let both = "[\(web), \(worker)]"
    #expect(failure(both)?.message.contains("2 containers") == true)
    #expect(failure(both, "ba")?.message.contains("2 of `ba`") == true)
    #expect(failure(both, "db")?.message == "there is no `db` in it; there are `web-1`, `worker`")
    #expect(failure(both, "")?.kind == .missing)
    #expect(failure("[]")?.message.contains("no container") == true)
  }

  @Test(arguments: [
    "", "{", "[1]", "null", "Error: No such object: geheim", #"[{"Config": {"Env": [5, "geheim"]}}]"#,
    #"[{"Name": "n", "Driver": "bridge"}]"#, #"[{"Config": {"Env": ["A\u0000=geheim"]}}]"#,
    #"[{"Config": {"Env": ["=geheim"]}}]"#,
  ])
  func whatIsNoSuchOutputIsMalformed(_ text: String) {
    let error = failure(text)
    #expect(error?.kind == .malformed)
    #expect(error?.message.contains("geheim") == false)
  }

  @Test(.timeLimit(.minutes(5)), arguments: ["[", #"{"Config":"#, #"[{"Id": ["#])
  func deepNestingIsMalformed(_ unit: String) {
    #expect(failure(String(repeating: unit, count: (1 << 20) / unit.utf8.count))?.kind == .malformed)
  }

  @Test func aFileThatIsNotThereIsMissing() {
    let error = #expect(throws: EnvFileError.self) { try readDockerInspect("\(folder.path)/none.json") }
    #expect(error?.kind == .missing)
  }
}
