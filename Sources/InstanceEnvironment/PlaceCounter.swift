import Facts

/// Lines and columns of places in a text. They are asked for in ascending order, so that each byte is counted once.
struct PlaceCounter {
  private let path: String
  private var line = 1
  private var column = 1
  private var countedTo = 0

  init(path: String) { self.path = path }

  mutating func location(of index: Int, in text: [UInt8]) -> Location {
    for byte in text[countedTo..<index] {
      if byte == Byte.lineFeed {
        line += 1
        column = 1
      } else if !isContinuation(byte) {
        column += 1
      }
    }
    countedTo = index
    return Location(file: path, line: line, column: column)
  }
}
