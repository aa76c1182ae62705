import Diagnosis
import Facts

/// A stream that Next.js runs at the edge, or makes once and stores, is no stream.
struct StreamRouteRunsOnNode: Check {
  static let card = CheckCard(
    id: "config.stream-route-runtime",
    title: "The stream's route says that it runs on Node.js and is made for each request",
    severity: .warning,
    needs: [.config],
    why: """
      The edge runtime has no sockets for ioredis and ends long responses early, and a route that is made at build time \
      gives every browser the same stored bytes. Next.js decides by version and platform where the route does not say; \
      two exported constants settle it.
      """,
    remedy: Remedy(
      "Export both settings from the route.",
      snippet: """
        export const runtime = "nodejs";
        export const dynamic = "force-dynamic";
        """),
    references: [
      "flowpanel documentation: Next.js runtime (stream)",
      "Next.js documentation: Route Segment Config (runtime, dynamic)",
    ],
    scenarios: [
      .passes("both are there", Samples.project(.web1)),
      .finds(
        "runtime is missing", Samples.project(route: .seen(Samples.route(runtime: nil)), .web1),
        on: "flowpanel.config.ts"),
      .finds("dynamic is missing", Samples.project(route: .seen(Samples.route(dynamic: nil)), .web1)),
      .finds(
        "the edge runtime", Samples.project(route: .seen(Samples.route(runtime: "edge")), .web1), severity: .error),
      .finds(
        "a route made at build time", Samples.project(route: .seen(Samples.route(dynamic: "force-static")), .web1),
        severity: .error),
      .undetermined(
        "the runtime is computed",
        Samples.project(
          route: .seen(
            StreamRoute(
              path: Samples.routeFile, runtime: .notFollowed(location: Location(file: Samples.routeFile, line: 4)),
              dynamic: Samples.route().dynamic)), .web1)),
      .undetermined(
        "the search ended early",
        Samples.project(route: .unseen(Unseen(.notAttempted, "the search ended after 5000 files")), .web1)),
      .notApplicable(
        "no route at all: another check's finding",
        Samples.project(route: .unseen(Unseen(.missing, "no route serves the stream")), .web1)),
      .notApplicable("the project was not looked at", Samples.config(.web1)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.project(facts.config) { config, project in
      let subject = Subject.config(config.path)
      switch project.streamRoute {
      case .seen(let route): return [verdict(route, subject)]
      case .unseen(let reason) where reason.kind == .missing:
        return [card.notApplicable(subject, "no route serves the stream, which config.stream-route-missing judges")]
      case .unseen(let reason): return [card.unseen(subject, reason)]
      }
    }
  }

  private func verdict(_ route: StreamRoute, _ subject: Subject) -> Verdict {
    let settings = [
      ("runtime", route.runtime, "nodejs", ["edge", "experimental-edge"]),
      ("dynamic", route.dynamic, "force-dynamic", ["force-static", "error"]),
    ].map { name, setting, wanted, fatal in
      Judged(name: name, setting: setting, wanted: wanted, isFatal: setting.text.map(fatal.contains) ?? false)
    }
    let wrong = settings.filter { $0.setting.text != $0.wanted && $0.unknownAt == nil }
    if let fatal = wrong.first(where: \.isFatal) {
      let effect =
        fatal.name == "runtime"
        ? "where ioredis can't connect and long responses end early"
        : "so every browser gets the same stored response"
      return finding(route, subject, "has \(fatal.words), \(effect)", .error, wrong, at: fatal.setting.location)
    }
    if let unknown = settings.first(where: { $0.unknownAt != nil }) {
      return card.undetermined(
        subject, "what \(route.path) exports as \(unknown.name) is not followed", at: unknown.unknownAt)
    }
    guard let first = wrong.first else {
      return card.pass(subject, "\(route.path) runs on Node.js and is made for each request")
    }
    return finding(
      route, subject, "has \(listed(wrong.map(\.words)))", .warning, wrong,
      at: first.setting.location ?? Location(file: route.path))
  }

  private func finding(
    _ route: StreamRoute, _ subject: Subject, _ fault: String, _ severity: Severity, _ wrong: [Judged],
    at location: Location?
  ) -> Verdict {
    card.finding(
      subject, "the stream's route \(route.path) \(fault)", severity: severity,
      evidence: wrong.map {
        Evidence(
          $0.name, $0.setting.text ?? "not exported", expected: $0.wanted, source: $0.setting.location?.description)
      }, at: location)
  }
}

/// One setting of the route beside what it should be.
private struct Judged {
  var name: String
  var setting: StreamRoute.Setting
  var wanted: String
  /// Whether this text breaks the stream, rather than leaving it to chance.
  var isFatal: Bool

  var words: String { setting.text.map { "\(name) \"\($0)\"" } ?? "no \(name)" }
  var unknownAt: Location? { if case .notFollowed(let location) = setting { location } else { nil } }
}

extension StreamRoute.Setting {
  fileprivate var text: String? { if case .text(let value, _) = self { value } else { nil } }

  fileprivate var location: Location? {
    switch self {
    case .absent: nil
    case .text(_, let location), .notFollowed(let location): location
    }
  }
}
