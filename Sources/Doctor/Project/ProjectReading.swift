import Facts
import InstanceEnvironment

/// The largest package.json that is read, in bytes.
private let maximumManifestBytes = 1024 * 1024

/// The names under which flowpanel is published, the one that applications depend on first.
private let flowpanelNames = ["@flowpanel/kit", "flowpanel", "@flowpanel/next", "@flowpanel/core"]

/// Reads what the files around a config say of its project: package.json, the lock files and the sources.
///
/// The project is the folder of the nearest package.json, from the config's folder upwards to where its repository
/// begins. Where there is none, nothing was given that could be looked at.
func readProject(around configFile: String) -> Observation<ProjectFacts> {
  let folders = foldersUpwards(from: parent(of: configFile))
  guard let root = folders.first(where: { PathKind(path("package.json", in: $0)) == .file }) else {
    return .unseen(
      Unseen(
        .notGiven,
        "there is no package.json in \(parent(of: configFile)) or above, so the project around the config was not "
          + "looked at"))
  }
  let names = Set(flowpanelNames + ["ioredis"])
  let packageFile = path("package.json", in: root)
  let manifest = readManifest(packageFile, asking: names)
  let packages = manifest.map { manifest in
    let locks = LockFileReading(in: Array(folders.drop { $0 != root }), asking: names)
    func presence(_ name: String) -> PackagePresence {
      PackagePresence(name: name, declaration: manifest.declarations[name], locked: locks.versions[name])
    }
    let candidates = flowpanelNames.map(presence)
    return ProjectPackages(
      ioredis: presence("ioredis"),
      // A lock file may hold the packages of other projects too.
      flowpanel: candidates.first { $0.declaration != nil } ?? candidates.first { $0.locked != nil },
      lockFiles: locks.files)
  }
  let sources = ProjectSources(in: root, scripts: manifest.value)
  return .seen(
    ProjectFacts(
      root: root, packageFile: packageFile, packages: packages, streamRoute: sources.streamRoute(in: root),
      publishImports: sources.publishImports, binders: sources.binders, search: sources.search))
}

private func readManifest(_ file: String, asking names: Set<String>) -> Observation<PackageManifest> {
  let bytes: [UInt8]
  do {
    bytes = try readRegularFile(file, atMost: maximumManifestBytes)
  } catch {
    return .unseen(Unseen(.refused, "\(file) can't be read: \(error.message)", at: Location(file: file)))
  }
  do {
    return .seen(try PackageManifest(bytes, path: file, asking: names))
  } catch {
    return .unseen(
      Unseen(
        .notUnderstood, "\(file) is not JSON: \(error.phrase)",
        at: Location(file: file, offset: error.offset, in: bytes)))
  }
}

extension ProjectSources {
  /// The route, or why there is none.
  fileprivate func streamRoute(in root: String) -> Observation<StreamRoute> {
    if let route { return .seen(route) }
    let linked = ["app", "src", "src/app"].map { path($0, in: root) }.first(where: isSymbolicLink)
    if let shortfall = linked.map({ "\($0) is a symbolic link" }) ?? search.shortfall {
      return .unseen(
        Unseen(
          .notAttempted,
          "no route that serves the stream was found, and not every file was looked at: \(shortfall)"))
    }
    guard ["app", "src/app"].contains(where: { PathKind(path($0, in: root)) == .folder }) else {
      return .unseen(
        Unseen(.notGiven, "\(root) has no app folder, so the application with the stream's route is elsewhere"))
    }
    let places = ["app", "src/app"].map { path("\($0)/api/flowpanel/stream/route.{ts,tsx,js,mjs}", in: root) }
    return .unseen(
      Unseen(
        .missing, "there is no \(places.joined(separator: " and no ")), and no other route calls flowpanel's stream()"))
  }
}
