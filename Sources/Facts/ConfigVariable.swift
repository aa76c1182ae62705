/// One environment variable that the admin config reads: how much it needs it, and who has it.
public struct ConfigVariable: Codable, Sendable, Equatable {
  /// What the config does where the variable is missing.
  public enum Need: String, Codable, Sendable, CaseIterable {
    /// It throws.
    case failsWithout
    /// It takes another value that it names.
    case hasFallback
    /// It goes on with `undefined`.
    case noFallback
  }

  /// How the variable stands for one instance.
  public struct InstanceUse: Codable, Sendable, Equatable {
    /// The instance's name.
    public var instance: String
    /// Set, empty or unset; unknown where the environment could not be read.
    public var state: VariableUse.State

    /// An instance, and how the variable stands for it.
    public init(_ instance: String, _ state: VariableUse.State) {
      self.instance = instance
      self.state = state
    }
  }

  /// The variable's name.
  public var name: String
  /// What the config does where it is missing.
  public var need: Need
  /// Where the config first reads it.
  public var location: Location?
  /// Whether the realtime settings depend on it.
  public var decidesRealtime: Bool
  /// The environment file that gives it a value while the config starts; nil where none does.
  public var loadedFrom: String?
  /// How it stands for each instance before the config starts, in the order of the manifest.
  public var instances: [InstanceUse]

  /// A variable with the need for it, its place and its state for each instance.
  public init(
    name: String, need: Need, location: Location? = nil, decidesRealtime: Bool = false, loadedFrom: String? = nil,
    instances: [InstanceUse] = []
  ) {
    self.name = name
    self.need = need
    self.location = location
    self.decidesRealtime = decidesRealtime
    self.loadedFrom = loadedFrom
    self.instances = instances
  }
}
