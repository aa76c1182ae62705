import Diagnosis
import Facts

/// flowpanel starts from one config file; where there is none, nothing can be said about its realtime driver.
struct ConfigFileExists: Check {
  static let card = CheckCard(
    id: "config.file-missing",
    title: "The admin config exists",
    severity: .error,
    needs: [.config],
    why: """
      flowpanel takes its realtime driver from flowpanel.config.ts. Without the file the admin does not start, and \
      nothing in this report about drivers, Redis URLs or key prefixes has a base. Most often the doctor runs in \
      another folder than the application.
      """,
    remedy: Remedy(
      "Run from the application's folder, or name the config in the manifest.", snippet: "config: flowpanel.config.ts"),
    references: ["flowpanel documentation: Configuration (flowpanel.config.ts)", "flowpanel-doctor.yaml(5): config"],
    scenarios: [
      .passes("the file was read", Samples.config(.web1, .web2)),
      .finds(
        "none of the paths exists",
        Samples.config(file: .unseen(Unseen(.missing, "no config was found"))), on: "flowpanel.config.ts"),
      .undetermined(
        "the file exists and may not be read",
        Samples.config(file: .unseen(Unseen(.refused, "flowpanel.config.ts can't be read: permission denied")))),
      .undetermined(
        "the file uses syntax that can't be followed",
        Samples.config(
          file: .unseen(
            Unseen(
              .notUnderstood, "the default export is not a call", at: Location(file: "flowpanel.config.ts", line: 3)))),
        on: "flowpanel.config.ts"),
      .notApplicable(
        "the system has no config file",
        Facts(config: .unseen(Unseen(.notGiven, "testplanit is configured by its environment alone")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard case .seen(let config) = facts.config else {
      return facts.config.unseen.map { [card.unseen(.deployment, $0)] } ?? []
    }
    switch config.file {
    case .seen(let path): return [card.pass(.config(path), "\(path) was read")]
    case .unseen(let reason) where reason.kind == .missing:
      let tried = config.searched.isEmpty ? [config.path] : config.searched
      return [
        card.finding(
          .config(config.path),
          tried.count == 1 ? "there is no config at \(tried[0])" : "there is no config at any of the paths tried",
          evidence: tried.map { Evidence("path tried", $0, expected: "a file") }, at: reason.location,
          remedy: Remedy(
            "Run from the application's folder, or name the config in the manifest; "
              + "a project that has none yet gets one from flowpanel init.",
            commands: ["npx flowpanel init"], snippet: "config: path/to/flowpanel.config.ts"))
      ]
    case .unseen(let reason): return [card.unseen(.config(config.path), reason)]
    }
  }
}
