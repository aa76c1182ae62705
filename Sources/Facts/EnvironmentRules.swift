/// What holds for each variable of a deployment. Of what is said about one thing, how values stand to each other or
/// what a value has to be, the first that says anything counts: the manifest; what the config reads; the system's own
/// variables; names that belong to one machine or process wherever they are.
public struct EnvironmentRules: Sendable {
  /// Who says that a variable must be set.
  public enum Need: Sendable, Equatable {
    case manifest, config, example, system
  }

  /// What the manifest says.
  public let stated: VariableRules
  private let system: VariableRules
  /// The names that the config's realtime settings read on some instance.
  private let read: Set<String>
  /// The names without which the config does not start.
  private let failsWithout: Set<String>

  /// The rules of what was observed.
  public init(_ facts: Facts) {
    let deployment = facts.deployment.value ?? Deployment()
    stated = deployment.variables
    system = deployment.system.variableRules
    read = Set(
      (facts.config.value?.instances ?? []).flatMap { instance in
        [
          instance.isSet.variables, instance.driver.variables, instance.redis.variables, instance.keyPrefix.variables,
          instance.failure?.variables ?? [],
        ].flatMap { $0.map(\.name) }
      })
    failsWithout = Set((facts.config.value?.variables ?? []).filter { $0.need == .failsWithout }.map(\.name))
  }

  /// The rules of a deployment whose config is not known.
  public init(_ deployment: Deployment) { self.init(Facts(deployment: .seen(deployment))) }

  /// How the values of a variable stand to each other; nil where nobody says anything.
  public func agreement(of name: String) -> VariableRules.Agreement? {
    stated.agreement(of: name) ?? (read.contains(name) ? .mustMatch : nil) ?? system.agreement(of: name)
      ?? wellKnown.agreement(of: name)
  }

  /// Whether the manifest says how the values of a variable stand to each other.
  public func statesAgreement(of name: String) -> Bool { stated.agreement(of: name) != nil }

  /// What a value has to be; nil where nobody says anything.
  public func type(of name: String) -> ValueType? { stated.type(of: name) ?? system.type(of: name) }

  /// What to do instead of setting a name; nil where it is not deprecated.
  public func deprecation(of name: String) -> String? { stated.deprecation(of: name) ?? system.deprecation(of: name) }

  /// Who says that every instance must set a name, whether another does or not; nil where nobody does.
  public func need(of name: String) -> Need? {
    if stated.required.contains(where: { matches($0, name) }) { return .manifest }
    // What differs as it likes may also be missing.
    if stated.agreement(of: name) == .mayDiffer || stated.instances(for: name) != nil || isForbidden(name) {
      return nil
    }
    if failsWithout.contains(name) { return .config }
    if stated.documented[name] != nil, agreement(of: name) != .mayDiffer { return .example }
    return system.required.contains(name) ? .system : nil
  }

  /// Whether no instance may set a name.
  public func isForbidden(_ name: String) -> Bool { stated.forbidden.contains { matches($0, name) } }

  /// The instances, by name or pattern, that set a name alone; nil where it belongs to all.
  public func instances(for name: String) -> [String]? { stated.instances(for: name) }

  /// Whether a name belongs on an instance.
  public func belongs(_ name: String, on instance: String) -> Bool {
    instances(for: name).map { $0.contains { matches($0, instance) } } ?? true
  }

  /// The names and patterns that every instance must set, or these alone, whatever the others do.
  public var needs: [String] {
    (stated.required + stated.documented.keys + stated.onlyOn.keys + system.required).sorted()
  }

  /// Whether a name is set by the machine, the shell or the process manager for one process.
  public func isPerProcess(_ name: String) -> Bool { perProcess.contains { matches($0, name) } }

  /// Whether anything is deprecated.
  public var deprecatesAnything: Bool { !stated.deprecated.isEmpty || !system.deprecated.isEmpty }

  /// Whether any variable has a type.
  public var hasTypes: Bool { !stated.types.isEmpty || !system.types.isEmpty }

  /// Groups of names whose values must differ from each other on one instance.
  public var mustDiffer: [[String]] { stated.mustDiffer + system.mustDiffer }

  /// The names, without patterns, that somebody names.
  public var names: Set<String> {
    let named =
      stated.required + stated.agreements.filter { $0.value != .mayDiffer }.keys + stated.onlyOn.keys
      + stated.documented.keys + system.required
    return read.union(failsWithout).union(named.filter { !isPattern($0) })
      .union(system.agreements.filter { $0.value != .mayDiffer }.keys)
  }
}

/// Whether a variable's name says that it holds a secret.
public func namesASecret(_ name: String) -> Bool {
  let name = name.uppercased()
  let ends = [
    "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "API_KEY", "API_KEYS", "APIKEY", "PRIVATE_KEY",
    "ENCRYPTION_KEY", "SIGNING_KEY", "SECRET_KEY", "ACCESS_KEY", "CREDENTIALS",
  ]
  if ends.contains(where: { name == $0 || name.hasSuffix("_\($0)") }) { return true }
  return name.hasPrefix("SECRET_") && !["_DIR", "_PATH", "_NAME", "_FILE"].contains(where: name.hasSuffix)
}

/// Names that a machine, a shell or a process manager sets, for one process each.
private let perProcess = [
  "BASH_FUNC_*", "DYNO", "ECS_CONTAINER_METADATA_URI", "ECS_CONTAINER_METADATA_URI_V4", "FLY_ALLOC_ID",
  "FLY_IMAGE_REF", "FLY_MACHINE_ID", "FLY_MACHINE_VERSION", "FLY_PRIVATE_IP", "FLY_PUBLIC_IP", "FLY_REGION",
  "FLY_VM_MEMORY_MB", "HOME", "HOSTNAME", "INIT_CWD", "INVOCATION_ID", "JOURNAL_STREAM", "KUBERNETES_*", "K_REVISION",
  "LISTEN_FDNAMES", "LISTEN_FDS", "LISTEN_PID", "LOGNAME", "MAIL", "MAINPID", "NODE_APP_INSTANCE", "NODE_NAME",
  "NOMAD_ALLOC_*", "NOTIFY_SOCKET", "OLDPWD", "PATH", "PM2_*", "POD_IP", "POD_IPS", "POD_NAME", "POD_UID", "PWD",
  "RAILWAY_REPLICA_ID", "RENDER_INSTANCE_ID", "SHELL", "SHLVL", "SSH_AGENT_PID", "SSH_AUTH_SOCK", "SSH_CLIENT",
  "SSH_CONNECTION", "SSH_ORIGINAL_COMMAND", "SSH_TTY", "SUDO_COMMAND", "SUDO_GID", "SUDO_UID", "SUDO_USER",
  "SYSTEMD_EXEC_PID", "TERM", "TMPDIR", "USER", "WATCHDOG_PID", "WATCHDOG_USEC", "XDG_*", "_", "instance_var",
  "npm_*", "pm_*", "unique_id",
  // What Kubernetes adds for each service that there is when a pod starts.
  "*_PORT_*_TCP", "*_PORT_*_TCP_*",
]

/// Names that may differ wherever they are.
private let wellKnown: VariableRules = {
  var rules = VariableRules()
  let settings = [
    "*_SERVICE_HOST", "*_SERVICE_PORT", "*_SERVICE_PORT_*", "BOARD_PORT", "HOST", "LANG", "LANGUAGE", "LC_*",
    "NODE_OPTIONS", "PORT", "TZ",
  ]
  for name in perProcess + settings { rules.agreements[name] = .mayDiffer }
  for name in ["POD_NAME", "POD_UID", "FLY_ALLOC_ID", "FLY_MACHINE_ID"] { rules.agreements[name] = .mustBeUnique }
  return rules
}()
