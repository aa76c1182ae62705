import Diagnosis
import Facts

/// What a process publishes through a publisher that was never bound to the config stays in that process.
struct PublishersAreBound: Check {
  static let card = CheckCard(
    id: "config.server-publish-import",
    title: "Processes that publish events are bound to the config's driver",
    severity: .error,
    needs: [.config],
    why: """
      `publish` from flowpanel/server goes to a store in memory that not even the streams of the same process read. In \
      @flowpanel/kit the store is shared, and still in memory until something in that process calls bindPublisher with \
      the config: a worker or a cron job that does not is heard by nobody. Publishing succeeds either way.
      """,
    remedy: Remedy(
      "Bind the publisher once when the process starts.",
      snippet: """
        import { bindPublisher, publishResource } from "@flowpanel/kit/server";
        import config from "./flowpanel.config";

        bindPublisher(config);
        """),
    references: [
      "flowpanel documentation: Realtime with Redis (publish from an external worker)",
      "flowpanel documentation: Next.js runtime (realtime helpers)",
    ],
    scenarios: [
      .passes("nothing publishes by hand", Samples.project(.web1)),
      .passes(
        "a worker that binds",
        Samples.project(
          publishing: [
            Samples.publishing(in: "src/worker.ts", from: "@flowpanel/kit/server", bound: true, script: "worker")
          ], binders: ["src/worker.ts"], .web1)),
      .passes(
        "a route of the application, whose process flowpanel's own routes bind",
        Samples.project(
          publishing: [Samples.publishing(in: "app/hook/route.ts", from: "@flowpanel/kit/server", inApplication: true)],
          .web1)),
      .finds(
        "flowpanel/server, which is always memory",
        Samples.project(publishing: [Samples.publishing(in: "src/worker.ts", from: "flowpanel/server")], .web1),
        on: "flowpanel.config.ts"),
      .finds(
        "a worker that does not bind",
        Samples.project(
          publishing: [Samples.publishing(in: "src/worker.ts", from: "@flowpanel/kit/server", script: "worker")], .web1)
      ),
      .finds(
        "a module that may run in a worker, and nothing binds",
        Samples.project(publishing: [Samples.publishing(in: "src/events.ts", from: "@flowpanel/kit/server")], .web1),
        severity: .notice),
      .undetermined(
        "not every source was looked at",
        Samples.project(search: SourceSearch(files: 5000, shortfall: "there are more than 5000 source files"), .web1)),
      .notApplicable(
        "a module whose process some other file binds",
        Samples.project(
          publishing: [Samples.publishing(in: "src/events.ts", from: "@flowpanel/kit/server")],
          binders: ["src/worker.ts"], .web1)),
      .notApplicable("the project was not looked at", Samples.config(.web1)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.project(facts.config) { config, project in
      let subject = Subject.config(config.path)
      let verdicts = project.publishImports.map { verdict($0, project, subject) }
      if let shortfall = project.search.shortfall {
        return verdicts.filter { $0.kind == .finding } + [
          card.undetermined(subject, "not every source file was looked at for publishers: \(shortfall)")
        ]
      }
      return verdicts.isEmpty
        ? [card.pass(subject, "no source file publishes by hand (\(counted(project.search.files, "file")) looked at)")]
        : verdicts
    }
  }

  private func verdict(_ publishing: PublishImport, _ project: ProjectFacts, _ subject: Subject) -> Verdict {
    let file = publishing.location.file
    if publishing.module == "flowpanel/server" {
      return finding(
        publishing, subject, "publishes through flowpanel/server, which reaches no stream in any process", .error,
        expected: "flowpanel/next after bindPublisher",
        remedy: Remedy(
          "Publish from a process that serves the admin, or move to @flowpanel/kit and bind the publisher.",
          snippet: card.remedy.snippet))
    }
    if publishing.isBoundInFile { return card.pass(subject, "\(file) binds the publisher before it publishes") }
    if let script = publishing.script {
      return finding(
        publishing, subject,
        "is started by the script \(script) and publishes without bindPublisher, so its events stay in that process",
        .error, expected: "bindPublisher(config)")
    }
    if publishing.isInApplication {
      return card.pass(subject, "\(file) publishes in the application's process, which flowpanel's own routes bind")
    }
    if let binder = project.binders.first {
      return card.notApplicable(
        subject, "\(file) publishes as the process that loads it is bound, and \(binder) calls bindPublisher")
    }
    return finding(
      publishing, subject,
      "publishes, and no source file calls bindPublisher: loaded by a worker or a cron job, its events stay there",
      .notice, expected: "bindPublisher(config) in every process of its own")
  }

  private func finding(
    _ publishing: PublishImport, _ subject: Subject, _ fault: String, _ severity: Severity, expected: String,
    remedy: Remedy? = nil
  ) -> Verdict {
    card.finding(
      subject, "\(publishing.location.file) \(fault)", severity: severity,
      evidence: [
        Evidence(
          "import", "\(publishing.name) from \(publishing.module)", expected: expected,
          source: publishing.location.description)
      ], at: publishing.location, remedy: remedy)
  }
}
