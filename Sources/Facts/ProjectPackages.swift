/// The npm packages that the checks ask about, as package.json and the lock files have them.
public struct ProjectPackages: Codable, Sendable, Equatable {
  /// ioredis, which flowpanel's redis driver loads.
  public var ioredis: PackagePresence
  /// flowpanel under the first of its names that is declared or locked; nil where none is.
  public var flowpanel: PackagePresence?
  /// The lock files that were found, nearest first.
  public var lockFiles: [LockFile]

  /// The packages, and the lock files that were looked into for them.
  public init(ioredis: PackagePresence, flowpanel: PackagePresence?, lockFiles: [LockFile]) {
    self.ioredis = ioredis
    self.flowpanel = flowpanel
    self.lockFiles = lockFiles
  }
}

/// A lock file, and whether it could be looked into.
public struct LockFile: Codable, Sendable, Equatable {
  /// Its path.
  public var path: String
  /// Why it could not be looked into; nil where it could.
  public var problem: String?

  /// A lock file by path, and why it could not be looked into.
  public init(path: String, problem: String? = nil) {
    self.path = path
    self.problem = problem
  }
}

/// Where one package is asked for, and which version of it is installed.
public struct PackagePresence: Codable, Sendable, Equatable {
  /// What package.json says of it.
  public struct Declaration: Codable, Sendable, Equatable {
    /// The section: `dependencies`, `devDependencies`, `optionalDependencies` or `peerDependencies`.
    public var section: String
    /// The range: `^5.10.1`.
    public var range: String
    /// Where it stands.
    public var location: Location

    /// A declaration in a section of package.json.
    public init(section: String, range: String, location: Location) {
      self.section = section
      self.range = range
      self.location = location
    }
  }

  /// What a lock file says of it.
  public struct Locked: Codable, Sendable, Equatable {
    /// The version: `5.11.1`; the highest where there are several.
    public var version: String
    /// Where the lock file names it.
    public var location: Location

    /// A version in a lock file.
    public init(version: String, location: Location) {
      self.version = version
      self.location = location
    }
  }

  /// The package's name.
  public var name: String
  /// What package.json says of it; nil where it says nothing.
  public var declaration: Declaration?
  /// What the lock files say of it; nil where none that could be looked into has it.
  public var locked: Locked?

  /// A package, where it is asked for and what is installed.
  public init(name: String, declaration: Declaration? = nil, locked: Locked? = nil) {
    self.name = name
    self.declaration = declaration
    self.locked = locked
  }
}
