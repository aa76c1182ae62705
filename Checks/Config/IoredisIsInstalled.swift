import Diagnosis
import Facts

/// The redis driver loads ioredis when it is first needed, and flowpanel does not bring it along in every version.
struct IoredisIsInstalled: Check {
  static let card = CheckCard(
    id: "config.ioredis-missing",
    title: "ioredis is installed where the redis driver needs it",
    severity: .error,
    needs: [.config],
    why: """
      flowpanel loads ioredis only when the first stream subscribes or the first event is published. Where it is not \
      installed the admin starts, the stream opens and says ready, and the one trace is a line in the log: redis \
      subscribe failed, ioredis is not installed. No event ever arrives.
      """,
    remedy: Remedy("Add ioredis to the project's dependencies, and deploy again.", commands: ["npm install ioredis"]),
    references: ["flowpanel documentation: Realtime with Redis (install Redis support)"],
    scenarios: [
      .passes("declared and locked", Samples.project(.web1, .web2)),
      .passes(
        "brought along by another package",
        Samples.project(
          ioredis: PackagePresence(
            name: "ioredis", locked: .init(version: "5.11.1", location: Location(file: "package-lock.json", line: 90))),
          .web1)),
      .finds(
        "neither declared nor locked", Samples.project(ioredis: PackagePresence(name: "ioredis"), .web1),
        on: "flowpanel.config.ts"),
      .finds(
        "for development alone",
        Samples.project(ioredis: Samples.installed("ioredis", "5.11.1", in: "devDependencies"), .web1),
        on: "flowpanel.config.ts", severity: .warning),
      .undetermined(
        "not declared, and the lock file can't be read",
        Samples.project(
          ioredis: PackagePresence(name: "ioredis"),
          lockFiles: [LockFile(path: "bun.lockb", problem: "it is in bun's binary form")], .web1)),
      .undetermined(
        "not declared, and there is no lock file",
        Samples.project(ioredis: PackagePresence(name: "ioredis"), lockFiles: [], .web1)),
      .undetermined("package.json is damaged", Samples.project(packagesUnknown: "a comma is missing", .web1)),
      .undetermined(
        "not there, and the driver is not known",
        Samples.project(ioredis: PackagePresence(name: "ioredis"), .unknown("web-1", "pickDriver() is not followed"))),
      .notApplicable(
        "the memory driver needs none", Samples.project(ioredis: PackagePresence(name: "ioredis"), .memory("web-1"))),
      .notApplicable(
        "there is no package.json", Samples.noProject(Unseen(.notGiven, "there is no package.json"), .web1)),
      .notApplicable("the project was not looked at", Samples.config(.web1)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.project(facts.config) { config, project in
      let subject = Subject.config(config.path)
      if case .unused = config.redisUse { return [card.notApplicable(subject, "no instance uses the redis driver")] }
      let packages: ProjectPackages
      switch project.packages {
      case .unseen(let reason): return [card.unseen(subject, reason)]
      case .seen(let seen): packages = seen
      }
      let ioredis = packages.ioredis
      if let declaration = ioredis.declaration, declaration.section != "devDependencies" {
        return [
          card.pass(subject, "ioredis \(declaration.range) is in \(declaration.section) of \(project.packageFile)")
        ]
      }
      if ioredis.declaration == nil, let locked = ioredis.locked {
        return [card.pass(subject, "ioredis \(locked.version) is in \(locked.location.file)")]
      }
      guard case .used(let users) = config.redisUse else {
        return [
          card.undetermined(subject, "ioredis is not installed, and whether the redis driver needs it is not known")
        ]
      }
      if let declaration = ioredis.declaration { return [developmentOnly(declaration, subject, users)] }
      if let doubt = doubt(about: packages.lockFiles) {
        return [card.undetermined(subject, "\(project.packageFile) does not ask for ioredis, and \(doubt)")]
      }
      return [missing(project, packages, subject, users)]
    }
  }

  /// Why another package might bring ioredis along unseen.
  private func doubt(about lockFiles: [LockFile]) -> String? {
    if lockFiles.isEmpty { return "there is no lock file to tell whether another package brings it along" }
    return lockFiles.lazy.compactMap { file in
      file.problem.map {
        "\(file.path), which would tell whether another package brings it along, can't be read: \($0)"
      }
    }.first
  }

  private func missing(
    _ project: ProjectFacts, _ packages: ProjectPackages, _ subject: Subject, _ users: [String]
  ) -> Verdict {
    card.finding(
      subject, "ioredis is not installed, and \(listed(users)) \(users.count == 1 ? "uses" : "use") the redis driver",
      evidence: [Evidence("ioredis", "absent", expected: "a dependency", source: project.packageFile)]
        + packages.lockFiles.map { Evidence("ioredis", "absent", expected: "a version", source: $0.path) },
      at: Location(file: project.packageFile), remedy: Remedy(card.remedy.text, commands: [install(packages.lockFiles)])
    )
  }

  private func developmentOnly(
    _ declaration: PackagePresence.Declaration, _ subject: Subject, _ users: [String]
  ) -> Verdict {
    card.finding(
      subject,
      "ioredis is in devDependencies, which an installation for production leaves out, and \(listed(users)) "
        + "\(users.count == 1 ? "uses" : "use") the redis driver",
      severity: .warning,
      evidence: [
        Evidence("ioredis", declaration.section, expected: "dependencies", source: declaration.location.description)
      ], at: declaration.location, remedy: Remedy("Move ioredis from devDependencies to dependencies."))
  }

  /// The command of the package manager that wrote the lock file.
  private func install(_ lockFiles: [LockFile]) -> String {
    let path = lockFiles.first?.path ?? ""
    if path.hasSuffix("pnpm-lock.yaml") { return "pnpm add ioredis" }
    if path.hasSuffix("yarn.lock") { return "yarn add ioredis" }
    if path.hasSuffix("bun.lock") || path.hasSuffix("bun.lockb") { return "bun add ioredis" }
    return "npm install ioredis"
  }
}
