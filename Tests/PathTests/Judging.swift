import Checks
import Diagnosis
import Facts
import Foundation

/// What the tool says of a row's streams.
struct PathVerdicts: Sendable {
  /// What judges the instance's own headers, which are as they are in many rows so that proxies do their worst.
  private static let ofTheInstance = ["stream.accel-buffering", "stream.auth-open", "stream.cache-control"]

  /// All verdicts of the checks on streams.
  let all: [Verdict]
  /// The subject of the public URL.
  let publicURL: Subject

  /// Judges what was seen.
  init(_ streams: [StreamFacts]) {
    let direct = streams.first { $0.instance != nil }
    let outside = streams.first { $0.instance == nil }?.url ?? ""
    let deployment = Deployment(
      instances: direct.map { [.init(name: "web-1", directURL: $0.url)] } ?? [], publicURLs: [outside])
    all = judge(
      Facts(deployment: .seen(deployment), streams: .seen(streams)),
      with: Catalogue.all.filter { $0.card.topic == "stream" && !Self.ofTheInstance.contains($0.card.id) })
    publicURL = .stream(outside)
  }

  /// What was found at the public URL.
  var findings: [Verdict] { all.filter { $0.kind == .finding && $0.subject == publicURL } }

  /// What could not be told, at the public URL or at the instance.
  var undetermined: [String] { all.filter { $0.kind == .undetermined }.map { "\($0.check): \($0.message)" } }

  /// The checks that found something at the instance itself.
  var atInstance: [String] { all.filter { $0.kind == .finding && $0.subject != publicURL }.map(\.check) }

  /// The findings that others had not, and those of a check as bad as it had found before.
  func newFindings(since others: PathVerdicts, mended: ExpectedFinding) -> [String] {
    let known = others.findings.filter { $0.check != mended.check }.map(\.check) + atInstance
    return findings.filter { finding in
      finding.check == mended.check ? finding.severity >= mended.severity : !known.contains(finding.check)
    }.map { "\($0.check) \($0.severity)" }
  }

  /// The findings at the public URL as a person would compare them: `stream.buffered error`.
  var summary: [String] { findings.map { "\($0.check) \($0.severity)" }.sorted() }
}

extension Verdict {
  /// What is said of the products on the path.
  var hops: String? { evidence.first { $0.name == "on the path" }?.observed }

  /// The snippets that are printed, in their order.
  var snippets: [String] { remedy.map { [$0] + $0.alternatives }?.compactMap(\.snippet) ?? [] }
}

extension ExpectedFinding {
  /// The expectation as `PathVerdicts.summary` has findings.
  var summary: String { "\(check) \(severity)" }

  /// Whether a finding names the hop that it should, or none where none can be known.
  func isHop(_ hops: String?) -> Bool {
    guard let hop else { return hops == nil }
    return hops?.hasPrefix(hop) == true
  }
}

extension [StreamFacts] {
  /// Keeps what was seen where DOCTOR_PATH_FACTS names a folder.
  func keep(as name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["DOCTOR_PATH_FACTS"] else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try encoder.encode(self).write(to: URL(fileURLWithPath: "\(folder)/\(name).json"))
  }

  /// Whether the machine stood still for so long that nothing can be told from what was late: seen at the instance itself.
  var areUnreliable: Bool {
    contains { stream in
      guard stream.instance != nil else { return false }
      let lags = stream.arrivals.compactMap { arrival in
        arrival.mark.map { arrival.milliseconds - Double($0.elapsedMicroseconds) / 1000 }
      }
      return (lags.max() ?? 0) - (lags.min() ?? 0) > 150
    }
  }
}
