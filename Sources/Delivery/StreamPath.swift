public import Facts

/// The streams of a run, read together: what one shows is told from what the others show at the same moment.
public struct StreamPath: Sendable {
  /// All streams that the servers offered.
  public let streams: [StreamFacts]
  /// What the run published itself.
  public let drive: StreamDrive?
  /// The cells of each URL.
  private let cells: [Int: [StreamFacts]]
  /// The URLs that enter further inside than the public ones, with their cells, nearest to the instances first.
  private let insides: [(depth: Int, cells: [StreamFacts])]
  /// What was concluded of each cell, once for all that ask.
  private var deliveries: [Key: Delivery] = [:]

  private struct Key: Hashable {
    var target: Int
    var cell: StreamCell
    var isDriven: Bool

    init(_ stream: StreamFacts) {
      target = stream.target
      cell = stream.cell
      isDriven = stream.isDriven
    }
  }

  /// The streams of facts.
  public init(_ streams: [StreamFacts], drive: StreamDrive? = nil) {
    self.streams = streams.filter { stream in
      if case .failure(let failure) = stream.outcome { return failure.kind != .notOffered }
      return true
    }
    self.drive = drive
    let targets = self.streams.byTarget
    cells = Dictionary(targets.map { ($0[0].target, $0) }) { first, _ in first }
    insides = targets.map { (Self.depth($0[0]), $0) }.filter { $0.0 > 0 }
      .sorted { ($0.0, $1.1[0].target) > ($1.0, $0.1[0].target) }
    for stream in self.streams { deliveries[Key(stream)] = conclusion(on: stream) }
  }

  /// How events got through to a cell.
  public func delivery(of stream: StreamFacts) -> Delivery { deliveries[Key(stream)] ?? conclusion(on: stream) }

  /// The same from everything that was observed.
  public init(_ facts: Facts) {
    self.init(facts.streams.value ?? [], drive: facts.drive?.value)
  }

  /// How far inside a stream's URL enters: 0 for the public one, then each hop of --via, then an instance's own.
  static func depth(_ stream: StreamFacts) -> Int { stream.instance != nil ? .max : stream.via ?? 0 }

  /// For each URL that enters further inside than this stream's, the cell that was asked for most like it, nearest to the
  /// instances first: what these show, the path before them can't have done.
  public func inner(of stream: StreamFacts) -> [StreamFacts] {
    let depth = Self.depth(stream)
    return insides.filter { $0.depth > depth }.compactMap { _, cells in
      let alike = cells.filter { $0.cell.coding == stream.cell.coding && $0.isDriven == stream.isDriven }
      return alike.first { $0.cell.version == stream.cell.version } ?? alike.first
    }
  }

  /// The same in groups that lie side by side: the instances, which share the load, and before them each hop of --via. The
  /// one nearest to the stream comes last.
  public func stations(behind stream: StreamFacts) -> [[StreamFacts]] {
    inner(of: stream).reduce(into: []) { stations, next in
      if let last = stations.last?.first, Self.depth(last) == Self.depth(next) {
        stations[stations.count - 1].append(next)
      } else {
        stations.append([next])
      }
    }
  }

  /// The other cells of the same URL.
  func siblings(of stream: StreamFacts) -> [StreamFacts] {
    (cells[stream.target] ?? []).filter { $0.cell != stream.cell || $0.isDriven != stream.isDriven }
  }

  /// The same URL, asked for in the same version of HTTP without compression.
  func uncompressed(_ stream: StreamFacts) -> StreamFacts? {
    guard stream.cell.coding == .browser else { return nil }
    let others = siblings(of: stream).filter { $0.cell.coding == .identity }
    return others.first { $0.cell.version == stream.cell.version } ?? others.first
  }
}
