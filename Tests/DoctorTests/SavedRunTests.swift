import Facts
import TestServers
import Testing

@testable import Doctor

@Suite("Saved facts that can't be judged")
struct SavedRunTests {
  private func problem(with text: String) async throws -> String? {
    try await TemporaryFolder.with { folder in
      let path = try folder.write(text, to: "facts.json")
      do throws(RunError) {
        _ = try SavedRun(path: path)
        return nil
      } catch {
        #expect(error.problem.kind == .malformed)
        return error.problem.message
      }
    }
  }

  @Test("of another version, which has other keys, are told by their version")
  func version() async throws {
    let current = Facts.currentSchemaVersion
    for other in [current - 1, current + 1] {
      let problem = try await problem(with: #"{"facts": {"schemaVersion": \#(other), "streams": 7}}"#)
      #expect(
        problem?.contains("facts of version \(other); this build reads version \(current): judge it with the version")
          == true, "\(problem ?? "none")")
    }
  }

  @Test("of this version, or none, are no such file, or are cut off")
  func another() async throws {
    let whole = try SavedRun(topics: [], facts: Facts()).encoded()
    #expect(try await problem(with: whole) == nil)
    let ofThisVersion = #"{"facts": {"schemaVersion": \#(Facts.currentSchemaVersion)}}"#
    for text in [String(whole.dropLast(9)), ofThisVersion, "{}", "[", ""] {
      #expect(try await problem(with: text)?.contains("is not what --save-facts or --record writes") == true)
    }
  }
}
