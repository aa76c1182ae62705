/// The part of the interpreter that makes classes and their instances (ECMAScript 15.7, 13.3.5).
extension Interpreter {
  mutating func makeClass(_ id: ClassID, at place: Place) throws(Interruption) -> Tracked {
    let declared = code.program.classes[Int(id.value)]
    if declared.isDecorated { return unknown("a decorated class", at: place) }
    let outer = scope
    defer { scope = outer }
    scope = newScope(parent: outer)
    var parent: Tracked?
    if let superclass = declared.superclass { parent = try evaluate(superclass) }
    var prototype = HeapObject(.plain, at: place)
    if let parent { prototype.prototype = try prototypeOf(parent, at: place) }
    let prototypeID = allocate(prototype)
    var object = HeapObject(.classObject(id, scope, code), at: place)
    object.prototype = parent?.object
    if case .unknown(let reason)? = parent?.value {
      heap[Int(prototypeID.index)].absent = .unknown(reason)
      object.absent = .unknown(reason)
    }
    let prototypeValue = Tracked(.object(prototypeID), at: place)
    object.set(key("prototype"), to: Property(value: prototypeValue, isEnumerable: false))
    if let name = declared.name {
      let text = Tracked(.string(text(key(name))), at: place)
      object.set(Key(.name), to: Property(value: text, isEnumerable: false))
    }
    let classID = allocate(object)
    let value = Tracked(.object(classID), at: place)
    heap[Int(prototypeID.index)].set(Key(.constructor), to: Property(value: value, isEnumerable: false))
    if let name = declared.name { declare(key(name), value, in: scope) }
    try addMembers(declared, to: classID, prototypeID, parent, at: place)
    return value
  }

  private mutating func prototypeOf(_ parent: Tracked, at place: Place) throws(Interruption) -> ObjectID? {
    guard let id = parent.object else { return nil }
    if case .builtin(let name) = self[id].kind { return prototype(of: name) }
    return self[id].property(key("prototype"))?.value.object
  }

  private mutating func addMembers(
    _ declared: Class, to classID: ObjectID, _ prototype: ObjectID, _ parent: Tracked?, at place: Place
  ) throws(Interruption) {
    for position in declared.members.range {
      let member = code.program.classMembers[position]
      let target = member.isStatic ? classID : prototype
      let owner = Tracked(.object(target), at: place)
      switch member.kind {
      case .field where !member.isStatic: continue
      case .field:
        guard let key = try memberKey(member, at: place) else { continue }
        let value = try fieldValue(member, this: owner, at: place)
        let isEnumerable = !isPrivate(key)
        change(classID) { $0.set(key, to: Property(value: value, isEnumerable: isEnumerable)) }
      case .staticBlock:
        guard let expression = member.value else { continue }
        let block = try evaluate(expression)
        _ = try call(block, this: owner, [], at: place)
      case .method, .getter, .setter:
        guard let key = try memberKey(member, at: place), let expression = member.value else { continue }
        let function = try evaluate(expression)
        setHome(of: function, parent, isStatic: member.isStatic)
        var property = self[target].property(key) ?? Property(value: Tracked(.undefined, at: place))
        property.isEnumerable = false
        switch member.kind {
        case .getter: property.getter = function.object
        case .setter: property.setter = function.object
        default: property.value = function
        }
        let changed = property
        change(target) { $0.set(key, to: changed) }
      }
    }
  }

  /// Where `super` leads in a method.
  private mutating func setHome(of function: Tracked, _ parent: Tracked?, isStatic: Bool) {
    guard let parent, let id = function.object else { return }
    var home = parent
    if !isStatic, let owner = parent.object, let prototype = self[owner].property(key("prototype")) {
      home = prototype.value
    }
    heap[Int(id.index)].set(key("[[HomeObject]]"), to: Property(value: home, isEnumerable: false))
  }

  private mutating func memberKey(_ member: ClassMember, at place: Place) throws(Interruption) -> Key? {
    switch member.key {
    case .name(let name): return key(name)
    case .computed(let expression): return try propertyKey(try evaluate(expression), at: place)
    case .spread: return nil
    }
  }

  private mutating func fieldValue(
    _ member: ClassMember, this: Tracked, at place: Place
  ) throws(Interruption) -> Tracked {
    guard let expression = member.value else { return Tracked(.undefined, at: place) }
    let outer = scope
    defer { scope = outer }
    scope = newScope(parent: outer)
    declare(Key(.this), this, in: scope)
    return try evaluate(expression)
  }

  /// `new function(…)` (13.3.5.1).
  mutating func construct(
    _ function: Tracked, _ arguments: [Tracked], at place: Place, callee: ExpressionID? = nil
  ) throws(Interruption) -> Tracked {
    guard let id = function.object else {
      if let reason = function.reason {
        doubt(reason)
        try escape(arguments + [function] + leakedValues(), reason)
        return newObject(.external(reason), at: place)
      }
      throw notCallable(function, callee, "constructor", at: place)
    }
    switch self[id].kind {
    case .classObject:
      let instance = newObject(.plain, at: place)
      guard let object = instance.object else { return instance }
      heap[Int(object.index)].prototype = self[id].property(key("prototype"))?.value.object
      let result = try initialize(instance, as: id, arguments, at: place)
      return depending(result, on: function.taint)
    case .function(_, _, let own):
      let instance = newObject(.plain, at: place)
      if let object = instance.object, case .function(let body, _, _) = self[id].kind,
        !own.program.functions[Int(body.value)].isArrow
      {
        heap[Int(object.index)].prototype = try property(function, key("prototype"), at: place).object
      }
      let result = try call(function, this: instance, arguments, at: place)
      return result.object == nil ? instance : result
    case .builtin(let name):
      for argument in arguments { mayThrow(on: argument.taint) }
      do {
        return try constructBuiltin(name, arguments, at: place)
      } catch {
        if error == .thrown { noteThrown(arguments) }
        throw error
      }
    case .external(let reason):
      doubt(reason)
      try escape(arguments + leakedValues(), reason)
      return newObject(.external(reason), at: place)
    default:
      throw notCallable(function, callee, "constructor", at: place)
    }
  }

  /// Gives an object what a class and those it extends give it. A built-in parent makes the object its own kind.
  private mutating func initialize(
    _ instance: Tracked, as id: ObjectID, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    guard case .classObject(let classID, let classScope, let own) = self[id].kind, let object = instance.object else {
      return instance
    }
    let declared = own.program.classes[Int(classID.value)]
    let saved = (code, scope, frame, label)
    defer { (code, scope, frame, label) = saved }
    code = own
    label = nil
    scope = newScope(parent: classScope)
    let parent = declared.superclass == nil ? nil : self[id].prototype
    guard let constructor = declared.constructor else {
      if declared.superclass != nil { try callParent(parent, instance, arguments, at: place) }
      try addFields(declared, to: object, instance, at: place)
      return instance
    }
    declare(
      key("[[Parent]]"), parent.map { Tracked(.object($0), at: place) } ?? Tracked(.undefined, at: place), in: scope)
    declare(key("[[Class]]"), Tracked(.object(id), at: place), in: scope)
    if declared.superclass == nil { try addFields(declared, to: object, instance, at: place) }
    let function = makeFunction(constructor, at: place)
    setHome(of: function, parent.map { Tracked(.object($0), at: place) }, isStatic: false)
    let result = try call(function, this: instance, arguments, at: place)
    return result.object == nil ? instance : result
  }

  private mutating func addFields(
    _ declared: Class, to object: ObjectID, _ instance: Tracked, at place: Place
  ) throws(Interruption) {
    for position in declared.members.range {
      let member = code.program.classMembers[position]
      guard member.kind == .field, !member.isStatic, let key = try memberKey(member, at: place) else { continue }
      let value = try fieldValue(member, this: instance, at: place)
      let isEnumerable = !isPrivate(key)
      change(object) { $0.set(key, to: Property(value: value, isEnumerable: isEnumerable)) }
    }
  }

  /// Whether a key is a private name, `#name`, which only the class itself sees.
  private func isPrivate(_ key: Key) -> Bool { text(key).utf8.first == UInt8(ascii: "#") }

  /// What a parent's constructor does to an object.
  private mutating func callParent(
    _ parent: ObjectID?, _ instance: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) {
    guard let parent, let object = instance.object else {
      if let object = instance.object { spoil(object, reason("a class that is not followed", at: place)) }
      return
    }
    switch self[parent].kind {
    case .classObject: _ = try initialize(instance, as: parent, arguments, at: place)
    case .builtin(let name) where name.hasSuffix("Error"):
      var message = Tracked(.string(""), at: place)
      if let first = arguments.first { message = try text(of: first, at: place) }
      change(object) {
        $0.kind = .error(name)
        if !arguments.isEmpty { $0.set(Key(.message), to: Property(value: message, isEnumerable: false)) }
      }
    default:
      let reason = reason("a class that is not followed", at: place)
      try escape(arguments, reason)
      spoil(object, reason)
    }
  }

  /// `super(…)`.
  mutating func superCall(_ arguments: Span, at place: Place) throws(Interruption) -> Tracked {
    guard case .known(let values, _) = try list(arguments), let parent = lookup(key("[[Parent]]")),
      let own = lookup(key("[[Class]]")).flatMap({ cells[Int($0)].content.object }),
      let this = lookup(Key(.this)).map({ cells[Int($0)].content }), let object = this.object,
      case .classObject(let classID, let classScope, let classCode) = self[own].kind
    else { return unknown("`super`", at: place) }
    try callParent(cells[Int(parent)].content.object, this, values, at: place)
    let saved = (code, scope)
    defer { (code, scope) = saved }
    code = classCode
    scope = newScope(parent: classScope)
    try addFields(classCode.program.classes[Int(classID.value)], to: object, this, at: place)
    return this
  }

  /// `super.name`.
  mutating func superProperty(
    _ key: Key, at place: Place
  ) throws(Interruption) -> (value: Tracked, this: Tracked?) {
    let this = lookup(Key(.this)).map { cells[Int($0)].content }
    guard let home = lookup(Key(.super)).map({ cells[Int($0)].content }) else {
      return (unknown("`super`", at: place), this)
    }
    guard let id = home.object, let this else { return (try property(home, key, at: place), this) }
    return (try objectProperty(id, this, key, at: place), this)
  }
}
