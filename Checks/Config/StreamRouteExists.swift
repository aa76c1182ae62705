import Diagnosis
import Facts

/// Without a route of its own the stream does not exist: flowpanel's catch-all handlers don't serve it.
struct StreamRouteExists: Check {
  static let card = CheckCard(
    id: "config.stream-route-missing",
    title: "The project has a route that serves the event stream",
    severity: .error,
    needs: [.config],
    why: """
      Browsers open /api/flowpanel/stream, and flowpanel's catch-all handlers don't answer there: the stream needs a \
      route file of its own. Without one the request ends in 404 and the browser gives up, while the rest of the admin \
      works. A project that moved its folders or was set up by hand is how it gets lost.
      """,
    remedy: Remedy(
      "Add app/api/flowpanel/stream/route.ts.",
      snippet: """
        import { stream } from "@flowpanel/kit/next";
        import config from "@/flowpanel.config";

        export const GET = stream(config);
        export const runtime = "nodejs";
        export const dynamic = "force-dynamic";
        """),
    references: ["flowpanel documentation: Next.js runtime (stream)"],
    scenarios: [
      .passes("the route is there", Samples.project(.web1)),
      .finds(
        "there is none", Samples.project(route: .unseen(Unseen(.missing, "no route serves the stream")), .web1),
        on: "flowpanel.config.ts"),
      .finds(
        "there is none, and the config has no realtime settings",
        Samples.project(route: .unseen(Unseen(.missing, "no route serves the stream")), .unset("web-1")),
        on: "flowpanel.config.ts", severity: .notice),
      .undetermined(
        "the search ended early",
        Samples.project(route: .unseen(Unseen(.notAttempted, "the search ended after 5000 files")), .web1)),
      .notApplicable(
        "there is no package.json", Samples.noProject(Unseen(.notGiven, "there is no package.json"), .web1)),
      .notApplicable("the project was not looked at", Samples.config(.web1)),
      .notApplicable("the system has no config file", Facts(config: .unseen(Unseen(.notGiven, "testplanit has none")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.project(facts.config) { config, project in
      let subject = Subject.config(config.path)
      switch project.streamRoute {
      case .seen(let route): return [card.pass(subject, "\(route.path) serves the stream")]
      case .unseen(let reason) where reason.kind == .missing:
        let isUnused = !config.instances.isEmpty && config.instances.allSatisfy { $0.isSet.value == false }
        return [
          card.finding(
            subject,
            "no route serves the stream in \(project.root): \(reason.detail)"
              + (isUnused ? "; with no realtime settings the admin may not want one" : ""),
            severity: isUnused ? .notice : .error,
            evidence: [
              Evidence(
                "stream route", "none in \(counted(project.search.files, "source file"))",
                expected: "app/api/flowpanel/stream/route.ts", source: project.root)
            ])
        ]
      case .unseen(let reason): return [card.unseen(subject, reason)]
      }
    }
  }
}
