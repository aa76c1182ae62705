import AdminConfig
import Facts
import Glibc
import InstanceEnvironment

/// What a project's source files do with flowpanel: the route that serves the stream, and who publishes events.
struct ProjectSources {
  /// The route that serves the stream, if one was found.
  private(set) var route: StreamRoute?
  /// The imports of functions that publish, in the order of the files.
  private(set) var publishImports: [PublishImport] = []
  /// The files that call `bindPublisher`.
  private(set) var binders: [String] = []
  /// How much was looked at.
  private(set) var search = SourceSearch(files: 0)

  /// What bounds the reading, in bytes.
  struct Bounds {
    var file = 1024 * 1024
    var total = 64 * 1024 * 1024
  }

  private let root: String

  /// Reads the sources of the project in `root`.
  init(
    in root: String, scripts: PackageManifest?, within bounds: Bounds = Bounds(),
    tree: SourceTree.Bounds = SourceTree.Bounds()
  ) {
    self.root = root
    let tree = SourceTree(root, within: tree)
    search.shortfall = tree.shortfall
    var bytesLeft = bounds.total
    for file in tree.files {
      guard bytesLeft > 0 else {
        fallShort("the source files have more than \(bounds.total) bytes together")
        break
      }
      do {
        let bytes = try readRegularFile(path(file, in: root), atMost: min(bounds.file, bytesLeft))
        bytesLeft -= bytes.count
        search.files += 1
        look(at: file, bytes, scripts)
      } catch {
        // What was deleted meanwhile is no part of the project.
        if error.kind != .missing { fallShort("\(path(file, in: root)) can't be read: \(error.message)") }
      }
    }
  }

  private mutating func look(at file: String, _ bytes: [UInt8], _ scripts: PackageManifest?) {
    let isRoute = file.isRouteModule
    let isStreamRoute = isRoute && file.isAtStreamPath
    let namesFlowpanel = bytes.contains(text: "flowpanel")
    let mayPublish = namesFlowpanel && (bytes.contains(text: "publish") || bytes.contains(text: "bindPublisher"))
    guard isStreamRoute || namesFlowpanel && isRoute && bytes.contains(text: "stream") || mayPublish else { return }
    let shown = path(file, in: root)
    let outline: ModuleOutline
    do {
      outline = try ModuleOutline(source: bytes, path: shown)
    } catch {
      // The route is where it belongs, whatever it says.
      if isStreamRoute {
        keep(
          StreamRoute(
            path: shown, runtime: .notFollowed(location: error.location),
            dynamic: .notFollowed(location: error.location)))
      }
      if mayPublish { fallShort("\(error.location) can't be understood: \(error.message)") }
      return
    }
    if isStreamRoute || isRoute && outline.calls("stream") {
      keep(StreamRoute(path: shown, runtime: outline.setting("runtime"), dynamic: outline.setting("dynamic")))
    }
    if mayPublish, !file.isTest { notePublishing(in: file, outline, scripts) }
  }

  private mutating func notePublishing(in file: String, _ outline: ModuleOutline, _ scripts: PackageManifest?) {
    let binds = outline.calls("bindPublisher") || outline.callees.contains("bindPublisher")
    if binds { binders.append(path(file, in: root)) }
    for imported in outline.imports
    where imported.module.isFlowpanel && ["publish", "publishResource"].contains(imported.name) {
      publishImports.append(
        PublishImport(
          location: imported.location, module: imported.module, name: imported.name, isBoundInFile: binds,
          isInApplication: file.isInApplication, script: scripts?.script(starting: file)))
    }
  }

  /// Keeps the route at the path that browsers open by default before one elsewhere.
  private mutating func keep(_ found: StreamRoute) {
    if let route, route.path.isAtStreamPath || !found.path.isAtStreamPath { return }
    route = found
  }

  private mutating func fallShort(_ reason: String) {
    search.shortfall = search.shortfall ?? reason
  }
}

extension ModuleOutline {
  /// Whether a function that is imported from flowpanel under this name is called.
  fileprivate func calls(_ name: String) -> Bool {
    imports.contains { $0.name == name && $0.module.isFlowpanel && callees.contains($0.local) }
  }

  /// What the module exports under a name, as one of the route's settings.
  fileprivate func setting(_ name: String) -> StreamRoute.Setting {
    guard let export = exports[name] else { return .absent }
    let (text, location) = (export.text, export.location)
    return text.map { .text(value: $0, location: location) } ?? .notFollowed(location: location)
  }
}

extension String {
  /// Whether a module name is one of flowpanel's packages or a part of one.
  fileprivate var isFlowpanel: Bool {
    self == "flowpanel" || hasPrefix("flowpanel/") || hasPrefix("@flowpanel/")
  }

  /// Whether a path relative to the project is a route handler of Next.js's app folder.
  fileprivate var isRouteModule: Bool {
    let name = split(separator: "/").last?.split(separator: ".") ?? []
    return (hasPrefix("app/") || hasPrefix("src/app/")) && name.count == 2 && name[0] == "route"
  }

  /// Whether a route's path ends as flowpanel's own does.
  fileprivate var isAtStreamPath: Bool { contains("/api/flowpanel/stream/route.") }

  fileprivate var isInApplication: Bool {
    ["app/", "src/app/", "pages/", "src/pages/"].contains { hasPrefix($0) }
  }

  /// Whether a file is a test: what it publishes reaches nobody on purpose.
  fileprivate var isTest: Bool {
    let parts = split(separator: "/")
    let name = parts.last ?? ""
    return parts.contains { ["__tests__", "__mocks__", "test", "tests", "e2e"].contains($0) } || name.contains(".test.")
      || name.contains(".spec.")
  }
}

extension [UInt8] {
  /// Whether a text stands anywhere in these bytes.
  fileprivate func contains(text: StaticString) -> Bool {
    withUnsafeBytes { bytes in
      let length = text.utf8CodeUnitCount
      guard var rest = bytes.baseAddress else { return false }
      var left = bytes.count
      while left >= length, let found = memchr(rest, Int32(text.utf8Start.pointee), left - length + 1) {
        if memcmp(found, text.utf8Start, length) == 0 { return true }
        left -= rest.distance(to: found) + 1
        rest = UnsafeRawPointer(found) + 1
      }
      return false
    }
  }
}
