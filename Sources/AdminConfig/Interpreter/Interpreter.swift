import Facts

/// Runs the modules of a config as JavaScript would, under one environment, on values of which some are unknown. Nothing
/// outside is read or changed. What an unknown value decides is run both ways, and what then differs is unknown.
struct Interpreter: ~Copyable {
  let project: Project
  let environment: ConfigEnvironment
  /// Whether the expressions that led to each value are recorded.
  let isTracing: Bool

  var names: NameTable
  var heap: [HeapObject] = []
  var cells: [Cell] = []
  var scopes: [Scope] = []
  var modules: [ModuleState]
  var taints = TaintTable()
  var reasons: [Reason] = []
  /// The objects that an unknown value may be, by its reason.
  var candidates: [ReasonID: [Tracked]] = [:]
  /// The objects that stand for two others, and where each of those went.
  var joinedPairs: [[ObjectID]: ObjectID] = [:]
  var joinedInto: [ObjectID: [ObjectID]] = [:]
  var traces: [TraceStep] = []

  /// The module and the scope of the expression at hand.
  var code: Code
  var scope: Int32 = 0
  var frame = Frame()
  var returned: Tracked
  var thrown: Tracked
  /// Where the statement stands that threw.
  var thrownPlace: Place
  var journals: [Journal] = []
  var journalCount: Int32 = 0
  var steps = 0
  /// The memory that values have taken, in bytes.
  var memory = 0
  /// The first thing that may keep the config from starting.
  var startDoubt: ReasonID?
  var depth = 0
  /// Where a bound was reached, and which.
  var abandonment: (phrase: String, place: Place)?
  /// How many arms that are not taken surround the statement at hand.
  var shadows = 0
  var shadowSteps = 0
  /// How many expressions of such arms threw, and are taken to be unknown instead.
  var shadowErrors = 0
  /// Whether what throws in such an arm is all taken not to.
  var goesOn = false
  /// The variables that decided on them.
  var shadowTaint = Taint.none
  /// How many objects were taken to depend on what is not followed to its end, and then the variables on which anything
  /// may depend.
  var reached = 0
  var unfollowed = Taint.none
  /// Whether something in a `try` block that is not known may have thrown.
  var throwDoubt: ReasonID?
  /// The variables on which it depends whether something in the innermost `try` block threw.
  var throwTaint = Taint.none
  /// The variables that decided that the last `return`, `break` or `continue` ran.
  var leaveTaint = Taint.none
  var tries = 0
  /// Whether the innermost handler ends the config: then nothing follows that could depend on the error.
  var endsOnErrors = false
  /// Whether the config has ended the process.
  var hasExited = false
  var alternatives = AlternativesTable()
  /// The functions that are being run in arms that are not taken, each as often as it is: recursion has no end there.
  var shadowCalls: [ObjectID: Int] = [:]
  /// The variables without which the config may throw.
  var perhapsRequired: Set<String> = []
  /// The label of the loop that is about to run.
  var label: Key?
  /// How many `throw` statements have run.
  var explicitThrows = 0
  /// The heap's size where the innermost unknown decision began: what is older may have other holders.
  var freshMark = 0
  /// What has been given to something that is not followed: it may be changed or called whenever that runs again.
  var leaked: [ObjectID] = []
  var leakedSet: Set<ObjectID> = []
  /// The functions that are being called for what they may change.
  var escaping: Set<ObjectID> = []
  var builtins: [String: ObjectID] = [:]
  var prototypes: [String: ObjectID] = [:]
  var exportNames: [Int32: Set<String>] = [:]
  var reads: [String: VariableRead] = [:]
  var readOrder: [String] = []
  /// The environment files that gave variables their values, by the variables' names.
  var loadedFrom: [String: String] = [:]
  /// Whether the names of all variables were asked for.
  var readsAll = false

  /// A variable of the program. Imports share the cell of what they import.
  struct Cell {
    var content: Tracked
    var isInitialized = false
    var isConstant = false
    /// What the cell was imported as, where that is not followed.
    var isImport = false
    /// The last journal that keeps what the cell was.
    var journal: Int32 = 0
  }

  /// The names that a function or a block binds.
  struct Scope {
    var parent: Int32
    var keys: [Key] = []
    var cells: [Int32] = []
    var index: [Key: Int32]?
  }

  /// What belongs to one call of a function.
  struct Frame {
    /// The values that an unknown branch may have returned already.
    var alternatives: [Tracked] = []
    /// Set where an unknown branch may have left the function.
    var mayReturn: ReasonID?
    /// Set where an unknown branch may have jumped: how.
    var mayJump: (reason: ReasonID, jumps: [Completion])?
    /// The variables that decided whether the function was called.
    var caller = Taint.none
    /// What decided about the statement at hand since the innermost region began.
    var decided = Decided()
    /// The regions around it.
    var regions: [Region] = []
    /// What the function might have returned before.
    var otherReturns = AlternativesID.none
  }

  struct ModuleState {
    enum Phase { case new, running, done, failed }

    var phase = Phase.new
    var scope: Int32 = -1
    var exports: Int32 = -1
    var namespace: ObjectID?
    /// The object `module` of CommonJS.
    var commonModule: ObjectID?
    var defaultExport: Int32 = -1
  }

  init(_ project: Project, under environment: ConfigEnvironment, isTracing: Bool = false) {
    self.project = project
    self.environment = environment
    self.isTracing = isTracing
    names = project.names
    modules = [ModuleState](repeating: ModuleState(), count: project.modules.count)
    code = project.entry
    let start = Place(module: project.entry.module, offset: 0)
    returned = Tracked(.undefined, at: start)
    thrown = returned
    thrownPlace = start
    scopes.append(Scope(parent: -1))
    // What any module may change is older than whatever runs.
    _ = processEnvironment(at: start)
    _ = bundlerEnvironment(at: start)
    for name in ["process", "globalThis"] { _ = builtin(name, at: start) }
  }

  // MARK: Bounds

  /// Counts a step of the evaluation; throws once there were too many.
  mutating func step(at place: Place) throws(Interruption) {
    if shadows > 0 {
      shadowSteps += 1
      if shadowSteps > Limit.shadowSteps { throw .abandoned }
      return
    }
    steps += 1
    if steps > Limit.evaluationSteps {
      abandonment = ("more steps than are followed (an endless loop?)", place)
      throw .abandoned
    }
    if memory > Limit.evaluationBytes {
      abandonment = ("more values than are kept (an endless loop?)", place)
      throw .abandoned
    }
  }

  /// Counts memory, in bytes, that an evaluation takes and never gives back, and the work of filling it.
  mutating func charge(_ bytes: Int) {
    if shadows > 0 {
      shadowSteps += bytes >> 9
      return
    }
    memory += bytes
    steps += bytes >> 9
  }

  /// Keeps that it is not known whether the config starts at all: for what runs while it does, and that nothing catches.
  mutating func doubtStart(_ reason: ReasonID) {
    if shadows == 0, tries == 0, escaping.isEmpty { startDoubt = startDoubt ?? reason }
  }

  mutating func doubtStart(_ phrase: String, at place: Place) {
    doubtStart(reason(phrase, at: place))
  }

  /// Keeps that it depends on a value whether something throws here, where something would catch it.
  mutating func mayThrow(on taint: Taint) {
    if tries > 0, !endsOnErrors { throwTaint = union(throwTaint, taint) }
  }

  // MARK: Values

  func place(_ offset: Int32) -> Place { Place(module: code.module, offset: offset) }

  mutating func reason(_ phrase: String, at place: Place) -> ReasonID {
    reasons.append(.cause(phrase, place))
    return ReasonID(index: Int32(reasons.count - 1))
  }

  mutating func unknown(_ phrase: String, at place: Place, taint: Taint = .none) -> Tracked {
    Tracked(.unknown(reason(phrase, at: place)), at: place, taint: taint)
  }

  func text(_ key: Key) -> String { names.text(Name(key.index)) }

  mutating func key(_ text: String) -> Key {
    var text = text
    return text.withUTF8 { Key(names.intern(Array($0)[...]).index) }
  }

  func key(_ name: Name) -> Key { code.keys[Int(name.index)] }

  mutating func union(_ left: Taint, _ right: Taint) -> Taint {
    left == right || right.isEmpty ? left : taints.union(left, right)
  }

  /// The value, which depended on more.
  mutating func depending(_ value: Tracked, on taint: Taint) -> Tracked {
    var result = value
    result.taint = union(value.taint, taint)
    return result
  }

  mutating func allocate(_ object: HeapObject) -> ObjectID {
    charge(object.elements.count * 64 + object.keys.count * 96 + 256)
    heap.append(object)
    return ObjectID(index: Int32(heap.count - 1))
  }

  mutating func newObject(_ kind: HeapObject.Kind, at place: Place) -> Tracked {
    Tracked(.object(allocate(HeapObject(kind, at: place))), at: place)
  }

  mutating func newArray(_ elements: [Tracked], at place: Place) -> Tracked {
    var object = HeapObject(.array, at: place)
    object.elements = elements
    return Tracked(.object(allocate(object)), at: place)
  }

  /// An object that is there, of which nothing else is known.
  mutating func external(_ phrase: String, at place: Place) -> Tracked {
    let reason = reason(phrase, at: place)
    return newObject(.external(reason), at: place)
  }

  /// A copy: an access that lends the object would be held while what it holds is run.
  subscript(_ id: ObjectID) -> HeapObject { heap[Int(id.index)] }

  // MARK: Scopes

  mutating func newCell(_ content: Tracked, isInitialized: Bool, isConstant: Bool = false) -> Int32 {
    cells.append(Cell(content: content, isInitialized: isInitialized, isConstant: isConstant))
    return Int32(cells.count - 1)
  }

  mutating func newScope(parent: Int32) -> Int32 {
    scopes.append(Scope(parent: parent))
    return Int32(scopes.count - 1)
  }

  /// Binds a key in a scope to a cell, in place of one that it had.
  mutating func bind(_ key: Key, to cell: Int32, in scope: Int32) {
    let position = Int(scope)
    if scopes[position].index != nil {
      scopes[position].index?[key] = cell
      return
    }
    if let existing = scopes[position].keys.firstIndex(of: key) {
      scopes[position].cells[existing] = cell
      return
    }
    scopes[position].keys.append(key)
    scopes[position].cells.append(cell)
    if scopes[position].keys.count > 12 {
      scopes[position].index = Dictionary(zip(scopes[position].keys, scopes[position].cells)) { _, last in last }
    }
  }

  /// The cell that a scope itself binds a key to.
  func cell(of key: Key, in scope: Int32) -> Int32? {
    let scope = scopes[Int(scope)]
    if let index = scope.index { return index[key] }
    return scope.keys.firstIndex(of: key).map { scope.cells[$0] }
  }

  /// The cell that a key stands for where the expression at hand is.
  func lookup(_ key: Key) -> Int32? {
    var current = scope
    while current >= 0 {
      if let cell = cell(of: key, in: current) { return cell }
      current = scopes[Int(current)].parent
    }
    return nil
  }

  mutating func declare(_ key: Key, _ content: Tracked, in scope: Int32) {
    let cell = newCell(content, isInitialized: true)
    bind(key, to: cell, in: scope)
  }

  /// Writes a cell, for the journal's sake.
  mutating func write(_ cell: Int32, _ content: Tracked) {
    record(cell: cell)
    cells[Int(cell)].content = depending(content, on: control())
    cells[Int(cell)].isInitialized = true
  }

  // MARK: Throwing

  mutating func fail(_ kind: String, _ message: String, at place: Place, taint: Taint = .none) -> Interruption {
    let error = newError(kind, Tracked(.string(message), at: place), at: place)
    thrown = depending(error, on: union(taint, control()))
    thrownPlace = place
    return .thrown
  }

  mutating func newError(_ kind: String, _ message: Tracked, at place: Place) -> Tracked {
    var object = HeapObject(.error(kind), at: place)
    object.set(Key(.message), to: Property(value: message, isEnumerable: false))
    object.prototype = prototype(of: kind)
    return Tracked(.object(allocate(object)), at: place)
  }

  /// The object from which those of a built-in class inherit.
  mutating func prototype(of name: String) -> ObjectID {
    if let id = prototypes[name] { return id }
    let id = allocate(HeapObject(.plain, at: Place(module: 0, offset: 0)))
    prototypes[name] = id
    if name != "Error", name.hasSuffix("Error") { heap[Int(id.index)].prototype = prototype(of: "Error") }
    if name.hasSuffix("Error") {
      let text = Tracked(.string(name), at: Place(module: 0, offset: 0))
      heap[Int(id.index)].set(Key(.name), to: Property(value: text, isEnumerable: false))
    }
    return id
  }
}

/// How a variable was read.
struct VariableRead {
  var place: Place
  var hasFallback = false
  var failsWithout = false
}

/// One of the expressions that led to a value.
struct TraceStep {
  var place: Place
  var previous: [Int32]
  /// The environment variable that was read here.
  var variable: String?
}
