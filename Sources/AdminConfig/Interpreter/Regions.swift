/// What decides whether a statement runs: decisions around it, and what may have led away before it.
struct Decided {
  /// The variables of the decisions around it.
  var control = Taint.none
  /// The variables by which the function, the loop or its round might have been left before.
  var left = Taint.none
  var leftLoop = Taint.none
  var leftRound = Taint.none
  /// The same of what has a label.
  var leftLabels: [Key: Taint] = [:]
}

/// A part of a function that a jump may lead out of: a loop, a `switch`, or what has a label.
struct Region {
  enum Kind { case loop, choice, labelled(Key) }

  var kind: Kind
  /// What decided about it within the region around it.
  var outer: Decided
  /// The same as one set, and together with all regions around that.
  var before: Taint
  var around: Taint
  /// On which variables it depended when it began whether an error is on its way.
  var throwTaint: Taint
}

extension Interpreter {
  /// The variables that decided whether what is at hand runs.
  mutating func control() -> Taint { union(frame.caller, ownControl()) }

  /// The same without those that decided about the call.
  mutating func ownControl() -> Taint {
    union(union(frame.regions.last?.around ?? .none, throwTaint), decidedTaint())
  }

  /// The same since the innermost region began, without errors.
  private mutating func decidedTaint() -> Taint {
    let decided = frame.decided
    var taint = union(union(decided.control, decided.left), union(decided.leftLoop, decided.leftRound))
    for label in decided.leftLabels.values { taint = union(taint, label) }
    return taint
  }

  /// Begins a region. What decided that it runs does not decide that it is left.
  mutating func enter(_ kind: Region.Kind) {
    let before = decidedTaint()
    let around = union(frame.regions.last?.around ?? .none, before)
    frame.regions.append(
      Region(kind: kind, outer: frame.decided, before: before, around: around, throwTaint: throwTaint))
    frame.decided = Decided()
  }

  /// Ends the innermost region: jumps that end with it decide nothing any more.
  mutating func exit() {
    guard let region = frame.regions.popLast() else { return }
    var inner = frame.decided
    frame.decided = region.outer
    frame.decided.left = union(region.outer.left, inner.left)
    switch region.kind {
    case .loop: (inner.leftLoop, inner.leftRound) = (.none, .none)
    case .choice: inner.leftLoop = .none
    case .labelled(let label): inner.leftLabels[label] = nil
    }
    frame.decided.leftLoop = union(region.outer.leftLoop, inner.leftLoop)
    frame.decided.leftRound = union(region.outer.leftRound, inner.leftRound)
    for (label, taint) in inner.leftLabels {
      frame.decided.leftLabels[label] = union(region.outer.leftLabels[label] ?? .none, taint)
    }
  }

  /// The variables that decided that a jump or a `return` runs, within what it leads out of.
  mutating func leaveTaint(of completion: Completion) -> Taint {
    var taint = decidedTaint()
    if throwTaint != frame.regions.last?.throwTaint ?? .none { taint = union(taint, throwTaint) }
    for region in frame.regions.reversed() {
      switch (completion, region.kind) {
      case (.broke(nil), .loop), (.broke(nil), .choice), (.continued(nil), .loop): return taint
      case (.broke(let label?), .labelled(let own)) where label == own: return taint
      case (.continued(let label?), .labelled(let own)) where label == own: return taint
      default: taint = union(taint, region.before)
      }
    }
    return taint
  }

  /// Keeps that what follows may have been left already, depending on these variables.
  mutating func noteLeft(_ completion: Completion, _ taint: Taint) {
    switch completion {
    case .normal: break
    case .returned: frame.decided.left = union(frame.decided.left, taint)
    case .broke(nil): frame.decided.leftLoop = union(frame.decided.leftLoop, taint)
    case .continued(nil): frame.decided.leftRound = union(frame.decided.leftRound, taint)
    case .broke(let label?), .continued(let label?):
      frame.decided.leftLabels[label] = union(frame.decided.leftLabels[label] ?? .none, taint)
    }
  }
}
