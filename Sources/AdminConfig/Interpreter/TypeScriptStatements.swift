/// The part of the interpreter that runs what only TypeScript has: enums and namespaces.
extension Interpreter {
  mutating func runEnumeration(_ name: Name, _ members: Span, at place: Place) throws(Interruption) {
    guard let cell = lookup(key(name)) else { return }
    let object = cells[Int(cell)].content.object ?? allocate(HeapObject(.plain, at: place))
    let outer = scope
    defer { scope = outer }
    scope = newScope(parent: outer)
    var next: Double? = 0
    for position in members.range {
      let member = code.program.members[position]
      guard case .name(let memberName) = member.key else { continue }
      let key = key(memberName)
      let memberPlace = self.place(code.program.expressions[Int(member.value.value)].offset)
      var value: Tracked
      if case .hole = code.program.expressions[Int(member.value.value)].kind {
        value =
          next.map { Tracked(.number($0), at: memberPlace) }
          ?? unknown("a member of an enum without a value", at: memberPlace)
      } else {
        value = try evaluate(member.value)
      }
      next = nil
      if case .number(let number) = value.value {
        next = number + 1
        let reverse = self.key(numberText(number))
        let text = Tracked(.string(text(key)), at: memberPlace)
        change(object) { $0.set(reverse, to: Property(value: text)) }
      }
      change(object) { $0.set(key, to: Property(value: value)) }
      declare(key, value, in: scope)
    }
    write(cell, Tracked(.object(object), at: place))
  }

  mutating func runNamespace(
    _ name: Name, _ body: Span, _ exports: Span, at place: Place
  ) throws(Interruption) {
    guard let cell = lookup(key(name)) else { return }
    let object = cells[Int(cell)].content.object ?? allocate(HeapObject(.plain, at: place))
    let outer = scope
    defer { scope = outer }
    scope = newScope(parent: outer)
    try hoist(body)
    _ = try run(body.range)
    for position in exports.range {
      let exported = key(Name(code.program.lists[position]))
      guard let inner = self.cell(of: exported, in: scope) else { continue }
      let value = cells[Int(inner)].content
      change(object) { $0.set(exported, to: Property(value: value)) }
    }
    write(cell, Tracked(.object(object), at: place))
  }
}
