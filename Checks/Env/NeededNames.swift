// Which variables an instance is held to set: what the rules ask for, and what the other instances set.

import Facts

/// The names that instances must set, and those that they may be asked about.
struct NeededNames {
  /// Those that must be set everywhere where they belong: somebody sets them, or a rule asks for them.
  var names: [String] = []
  /// Those that somebody sets and nobody says anything about.
  var others: [String] = []
  /// Those of them that are on some instances alone, where they are too many to be told instance by instance.
  var unlisted: [String] = []
  /// Those that nobody sets, and that would have to be set everywhere if somebody did.
  var unset: [String] = []
  /// Those of them that somebody gives an empty value.
  var empty: [String] = []

  init(_ parity: Parity) {
    // A pattern that nothing matches is missing as it stands.
    names = parity.rules.needs.filter { isPattern($0) && !parity.rules.names.contains($0) }
    for name in parity.names {
      let agreement = parity.rules.agreement(of: name)
      let need = parity.rules.need(of: name)
      let isSet = parity.holderCount(of: name) > 0
      // A pod's name is unique where there are pods; what the manifest calls unique is a setting of its own.
      let isStatedUnique = agreement == .mustBeUnique && parity.rules.statesAgreement(of: name)
      if need == .manifest || need == .example || need == .system || parity.rules.instances(for: name) != nil {
        names.append(name)
      } else if need == .config || agreement == .mustMatch || isStatedUnique {
        // Whether the config starts where nobody sets what it needs is another check's question.
        if isSet {
          names.append(name)
        } else {
          unset.append(name)
          if parity.environments.contains(where: { $0.holdsEmpty(name) }) { empty.append(name) }
        }
      } else if agreement == nil, isSet, !parity.rules.isForbidden(name), parity.rules.deprecation(of: name) == nil {
        others.append(name)
      }
    }
    let count = parity.readable.count
    let partial = others.filter { parity.holderCount(of: $0) < count }
    others = partial.count > 1000 ? [] : partial
    unlisted = partial.count > 1000 ? partial : []
  }
}
