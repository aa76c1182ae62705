// What the checks on parity share: which names must agree, and which instances can be compared. Values are never here,
// only their keyed fingerprints.

import Diagnosis
import Facts

/// The environments of a deployment, side by side.
struct Parity {
  /// The names that must be set everywhere, with the same value, sorted.
  let names: [String]
  /// Those, and the names without which the config does not start, which must be set everywhere; sorted.
  let needed: [String]
  /// The names that nothing is said about.
  let ignored: Set<String>
  /// Every environment that was given, read or not, in the order of the manifest.
  let environments: [EnvironmentFacts]
  private let holdersByName: [String: [EnvironmentFacts]]

  init(_ facts: Facts, _ deployment: Deployment, _ environments: [EnvironmentFacts]) {
    names = facts.namesThatMustAgree.sorted()
    needed = facts.namesThatMustAgree.union(facts.namesThatMustBeSet).sorted()
    ignored = perMachineVariables.union(deployment.mayDiffer)
    self.environments = environments
    var holders: [String: [EnvironmentFacts]] = [:]
    for environment in environments {
      for name in environment.setNames { holders[name, default: []].append(environment) }
    }
    holdersByName = holders
  }

  /// The environments that could be read.
  var readable: [EnvironmentFacts] { environments.filter { $0.variables.value != nil } }

  /// The environments that set a name to something, be it something that is not known.
  func holders(of name: String) -> [EnvironmentFacts] { holdersByName[name] ?? [] }

  /// Names that some instance sets, and that need not agree and are not bound to one machine, sorted.
  var otherNames: [String] {
    Set(environments.flatMap(\.setNames)).subtracting(needed).subtracting(ignored).sorted()
  }
}

extension CheckCard {
  /// Judges the environments side by side; with fewer than two there is nothing to compare.
  func comparingEnvironments(_ facts: Facts, _ judge: (Parity) -> [Verdict]) -> [Verdict] {
    switch (facts.environments, facts.deployment) {
    case (.unseen(let reason), _), (_, .unseen(let reason)): return [unseen(.deployment, reason)]
    case (.seen(let environments), .seen(let deployment)):
      let given = environments.filter { ![.notGiven, .notAsked].contains($0.variables.unseen?.kind) }
      guard given.count >= 2 else {
        return [
          notApplicable(
            .deployment,
            "\(given.isEmpty ? "no environment" : "only one environment") was given; it takes two to compare")
        ]
      }
      return judge(Parity(facts, deployment, environments))
    }
  }
}

extension EnvironmentFacts {
  /// The names that are set to something, be it something that is not known.
  var setNames: Set<String> {
    let known = (variables.value ?? [:]).filter { !$0.value.isEmpty }.keys
    return Set(known).union((unresolved ?? [:]).keys)
  }

  /// Whether the name is set, and to something.
  func sets(_ name: String) -> Bool {
    unresolved?[name] != nil || variables.value?[name].map { !$0.isEmpty } ?? false
  }

  /// Where the name is set: its place, else the environment's source in words.
  func place(of name: String) -> String { variables.value?[name]?.location?.description ?? source }

  /// The file that would have to change for a name that is not there: the one that all of the variables come from.
  var onlyFile: Location? {
    let files = Set(variables.value?.values.compactMap { $0.location?.file } ?? [])
    return files.count == 1 ? files.first.map { Location(file: $0) } : nil
  }
}

/// Names that belong to one process, machine or shell, and so tell nothing when they are on one instance alone.
private let perMachineVariables: Set<String> = [
  "BOARD_PORT", "FLOCK_LOG_LEVEL", "FLOCK_PORT", "FLY_ALLOC_ID", "FLY_MACHINE_ID", "FLY_PRIVATE_IP", "FLY_REGION",
  "HOME", "HOST", "HOSTNAME", "INIT_CWD", "INVOCATION_ID", "JOURNAL_STREAM", "LANG", "LC_ALL", "LIVE_LOGGING",
  "LOGNAME", "MAIL", "NODE_NAME", "NODE_OPTIONS", "NOTIFICATION_CONCURRENCY", "OLDPWD", "PATH", "POD_IP", "POD_NAME",
  "PORT", "PWD", "SHELL", "SHLVL", "SSH_AUTH_SOCK", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "TERM", "TMPDIR", "TZ",
  "USER", "XDG_RUNTIME_DIR", "XDG_SESSION_ID", "_",
]
