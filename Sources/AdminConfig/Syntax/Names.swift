/// A name of a module's source, as the index of its text: names are compared as numbers.
struct Name: Hashable, Sendable {
  var index: Int32

  init(_ index: Int32) { self.index = index }
  init(_ word: Word) { index = word.rawValue }
}

/// The names that the grammar gives a meaning to. Every table of names begins with them, in this order.
enum Word: Int32, CaseIterable, Sendable {
  case `as`, satisfies, async, await, function, `class`, const, `let`, `var`, `if`, `else`, `for`, `while`, `do`
  case `switch`, `case`, `default`, `break`, `continue`, `return`, `throw`, `try`, `catch`, finally, with
  case `import`, export, from, type, typeof, void, delete, new, this, `super`, null, `true`, `false`
  case `in`, of, instanceof, yield, get, set, `static`, `enum`, namespace, module, declare, interface, abstract
  case accessor, readonly, `public`, `private`, protected, override, constructor, extends, implements
  case keyof, unique, infer, asserts, `is`, require, exports, meta, target, global, debugger, arguments, undefined
  case using, proto, prototype, name, length, message, env

  static let texts: [String] = allCases.map { $0 == .proto ? "__proto__" : String(describing: $0) }
}

/// The names of one module: each text once, in the order in which they were met.
struct NameTable: Sendable {
  private var pool: [UInt8] = []
  private var places: [(start: Int32, length: Int32)] = []
  /// An open-addressing table of indices; -1 where a slot is free.
  private var slots: [Int32]

  /// The table of the words alone, which every module's table starts as a copy of.
  private static let words: NameTable = {
    var table = NameTable(empty: ())
    for text in Word.texts { _ = table.intern(Array(text.utf8)[...]) }
    return table
  }()

  init() { self = Self.words }

  private init(empty: ()) { slots = [Int32](repeating: -1, count: 512) }

  var count: Int { places.count }

  /// The index of a text, which is added where it is new.
  mutating func intern(_ text: ArraySlice<UInt8>) -> Name {
    text.withUnsafeBufferPointer { intern($0) }
  }

  /// The index of a text, which is added where it is new.
  mutating func intern(_ text: UnsafeBufferPointer<UInt8>) -> Name {
    var hash: UInt32 = 2_166_136_261
    for byte in text { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    var slot = Int(hash ^ (hash >> 15)) & (slots.count - 1)
    while slots[slot] >= 0 {
      let place = places[Int(slots[slot])]
      if Int(place.length) == text.count, matches(text, at: Int(place.start)) { return Name(slots[slot]) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let index = Int32(places.count)
    slots[slot] = index
    places.append((Int32(pool.count), Int32(text.count)))
    pool.append(contentsOf: text)
    if places.count * 2 > slots.count { grow() }
    return Name(index)
  }

  private func matches(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    pool.withUnsafeBufferPointer { pool in
      for position in text.indices where pool[start + position] != text[position] { return false }
      return true
    }
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for (index, place) in places.enumerated() {
      var hash: UInt32 = 2_166_136_261
      for byte in pool[Int(place.start)..<Int(place.start + place.length)] {
        hash = (hash ^ UInt32(byte)) &* 16_777_619
      }
      var slot = Int(hash ^ (hash >> 15)) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(index)
    }
  }

  /// The text of a name.
  func text(_ name: Name) -> String {
    let place = places[Int(name.index)]
    return String(decoding: pool[Int(place.start)..<Int(place.start + place.length)], as: UTF8.self)
  }

  /// All texts, by index.
  var texts: [String] { places.indices.map { text(Name(Int32($0))) } }
}
