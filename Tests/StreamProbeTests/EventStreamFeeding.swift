import StreamProbe

/// A token that is kept: its item, and the size on the wire where it is an event.
struct KeptToken: Equatable {
  var item: EventStreamParser.Item
  var wireBytes: Int?

  init(_ token: EventStreamToken) {
    item = EventStreamParser.Item(token)
    if case .event(let event) = token { wireBytes = event.wireBytes }
  }
}

/// What a parser says of `bytes`, cut into pieces of these sizes in turn.
func tokens(_ bytes: [UInt8], chunks sizes: [Int], _ parser: inout EventStreamParser) -> [KeptToken] {
  var found: [KeptToken] = []
  var rest = bytes[...]
  var turn = 0
  while !rest.isEmpty {
    let piece = rest.prefix(sizes[turn % sizes.count])
    // A copy of its own: what is read past its end, or after the call, shows.
    Array(piece).withUnsafeBytes { chunk in parser.feed(chunk) { found.append(KeptToken($0)) } }
    rest = rest.dropFirst(piece.count)
    turn += 1
  }
  return found
}

func tokens(_ bytes: [UInt8], chunk size: Int) -> [KeptToken] {
  var parser = EventStreamParser()
  return tokens(bytes, chunks: [size], &parser)
}

func items(
  _ bytes: [UInt8], chunk size: Int, _ parser: inout EventStreamParser
) -> [EventStreamParser.Item] {
  tokens(bytes, chunks: [size], &parser).map(\.item)
}

func items(_ bytes: [UInt8], chunk size: Int = .max) -> [EventStreamParser.Item] {
  tokens(bytes, chunk: size).map(\.item)
}
