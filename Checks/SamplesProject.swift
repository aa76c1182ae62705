// Projects around a config that scenarios are told with: a Next.js application with flowpanel, ioredis and its route.

import Facts

extension Samples {
  static let routeFile = "app/api/flowpanel/stream/route.ts"

  /// A project in which everything is in its place, around a config with these instances.
  static func project(
    ioredis: PackagePresence = installed("ioredis", "5.11.1"),
    flowpanel: PackagePresence? = installed("@flowpanel/kit", "0.3.0"),
    lockFiles: [LockFile] = [LockFile(path: "pnpm-lock.yaml")],
    route: Observation<StreamRoute> = .seen(route()), publishing: [PublishImport] = [], binders: [String] = [],
    search: SourceSearch = SourceSearch(files: 40), _ instances: InstanceRealtime...
  ) -> Facts {
    project(
      packages: .seen(ProjectPackages(ioredis: ioredis, flowpanel: flowpanel, lockFiles: lockFiles)), route: route,
      publishing: publishing, binders: binders, search: search, instances)
  }

  /// A project whose package.json can't be understood.
  static func project(packagesUnknown reason: String, _ instances: InstanceRealtime...) -> Facts {
    project(packages: .unseen(Unseen(.notUnderstood, reason, at: Location(file: "package.json", line: 3))), instances)
  }

  /// No project: what stands around the config was not found, for a reason.
  static func noProject(_ reason: Unseen, _ instances: InstanceRealtime...) -> Facts {
    Facts(
      config: .seen(
        ConfigFacts(file: .seen(configFile), searched: [], instances: instances, project: .unseen(reason))))
  }

  private static func project(
    packages: Observation<ProjectPackages>, route: Observation<StreamRoute> = .seen(route()),
    publishing: [PublishImport] = [], binders: [String] = [], search: SourceSearch = SourceSearch(files: 40),
    _ instances: [InstanceRealtime]
  ) -> Facts {
    let project = ProjectFacts(
      root: ".", packageFile: "package.json", packages: packages, streamRoute: route, publishImports: publishing,
      binders: binders, search: search)
    return Facts(
      config: .seen(
        ConfigFacts(file: .seen(configFile), searched: [], instances: instances, project: .seen(project))))
  }

  /// A package that is declared and locked.
  static func installed(_ name: String, _ version: String, in section: String = "dependencies") -> PackagePresence {
    PackagePresence(
      name: name,
      declaration: .init(
        section: section, range: "^\(version)", location: Location(file: "package.json", line: 12, column: 5)),
      locked: .init(version: version, location: Location(file: "pnpm-lock.yaml", line: 20)))
  }

  /// A package that is declared, in a project without a lock file.
  static func declared(_ name: String, _ range: String) -> PackagePresence {
    PackagePresence(
      name: name,
      declaration: .init(
        section: "dependencies", range: range, location: Location(file: "package.json", line: 12, column: 5)),
      locked: nil)
  }

  /// A route that exports these texts; nil for what it does not export.
  static func route(runtime: String? = "nodejs", dynamic: String? = "force-dynamic") -> StreamRoute {
    func setting(_ text: String?, line: Int) -> StreamRoute.Setting {
      text.map { .text(value: $0, location: Location(file: routeFile, line: line, column: 14)) } ?? .absent
    }
    return StreamRoute(path: routeFile, runtime: setting(runtime, line: 5), dynamic: setting(dynamic, line: 6))
  }

  /// An import of `publishResource` in a file.
  static func publishing(
    in file: String, from module: String, bound: Bool = false, inApplication: Bool = false, script: String? = nil
  ) -> PublishImport {
    PublishImport(
      location: Location(file: file, line: 1, column: 10), module: module, name: "publishResource",
      isBoundInFile: bound, isInApplication: inApplication, script: script)
  }
}
