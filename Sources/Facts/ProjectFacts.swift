/// What the files around the admin config say: its packages, its stream route and where its sources publish events.
public struct ProjectFacts: Codable, Sendable, Equatable {
  /// The folder of the nearest package.json above the config.
  public var root: String
  /// That package.json.
  public var packageFile: String
  /// The packages that matter here; unseen where package.json can't be read or understood.
  public var packages: Observation<ProjectPackages>
  /// The route that serves flowpanel's stream; unseen with kind `missing` where there is none.
  public var streamRoute: Observation<StreamRoute>
  /// Where sources import a function that publishes events, in the order of the files.
  public var publishImports: [PublishImport]
  /// The files that call `bindPublisher`, in order.
  public var binders: [String]
  /// How much of the project's sources was looked at.
  public var search: SourceSearch

  /// A project by folder, with what its files say.
  public init(
    root: String, packageFile: String, packages: Observation<ProjectPackages>, streamRoute: Observation<StreamRoute>,
    publishImports: [PublishImport] = [], binders: [String] = [], search: SourceSearch
  ) {
    self.root = root
    self.packageFile = packageFile
    self.packages = packages
    self.streamRoute = streamRoute
    self.publishImports = publishImports
    self.binders = binders
    self.search = search
  }
}

/// How much of a project's sources was looked at.
public struct SourceSearch: Codable, Sendable, Equatable {
  /// How many source files were looked at.
  public var files: Int
  /// Why some were not; nil where all were.
  public var shortfall: String?

  /// A search of so many files, and why it left some out.
  public init(files: Int, shortfall: String? = nil) {
    self.files = files
    self.shortfall = shortfall
  }

  /// Whether every source file was looked at.
  public var isComplete: Bool { shortfall == nil }
}

/// The route handler that serves flowpanel's stream, with the settings that Next.js reads from it.
public struct StreamRoute: Codable, Sendable, Equatable {
  /// One of the route's exported settings.
  public enum Setting: Codable, Sendable, Equatable {
    /// The route exports nothing of that name.
    case absent
    /// It exports this text.
    case text(value: String, location: Location)
    /// It exports something that only running it would tell.
    case notFollowed(location: Location)
  }

  /// The route's file.
  public var path: String
  /// `export const runtime`: `nodejs` or `edge`.
  public var runtime: Setting
  /// `export const dynamic`: `force-dynamic` keeps the response from being made once and stored.
  public var dynamic: Setting

  /// A route with its settings.
  public init(path: String, runtime: Setting, dynamic: Setting) {
    self.path = path
    self.runtime = runtime
    self.dynamic = dynamic
  }
}

/// One import of a function that publishes events.
public struct PublishImport: Codable, Sendable, Equatable {
  /// Where the import stands.
  public var location: Location
  /// The module that it is taken from: `flowpanel/server`, `@flowpanel/kit/server`.
  public var module: String
  /// The function: `publish` or `publishResource`.
  public var name: String
  /// Whether the same file calls `bindPublisher`.
  public var isBoundInFile: Bool
  /// Whether the file is part of the Next.js application: it stands in `app` or `pages`.
  public var isInApplication: Bool
  /// The script in package.json that starts this file as a process of its own; nil where none names it.
  public var script: String?

  /// An import with what its file does about it.
  public init(
    location: Location, module: String, name: String, isBoundInFile: Bool = false, isInApplication: Bool = false,
    script: String? = nil
  ) {
    self.location = location
    self.module = module
    self.name = name
    self.isBoundInFile = isBoundInFile
    self.isInApplication = isInApplication
    self.script = script
  }
}
