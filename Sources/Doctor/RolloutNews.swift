public import Facts

/// What has just happened while a deploy is watched; all times are milliseconds since the watch began.
public enum RolloutNews: Sendable {
  /// The stream of that index is open.
  case opened(Int, atMilliseconds: Double)
  /// A message of the run's own came on it.
  case heard(Int, number: Int, atMilliseconds: Double)
  /// The open stream ended.
  case ended(Int, atMilliseconds: Double, StreamFacts.End)
  /// An attempt to open it failed.
  case failed(Int, RolloutFacts.Attempt)
  /// It is watched no longer.
  case stopped(Int, RolloutFacts.Stop)
  /// A message is about to be published through the Redis of that index.
  case sending(Int, number: Int, atMilliseconds: Double)
  /// Redis took it; and how many were subscribed just then to the own channel of each stream that has one, by the
  /// streams' indices, empty where Redis does not say.
  case published(Int, number: Int, subscribers: [Int: Int])
  /// Nothing can be published through it just now.
  case publisherFailed(Int, String, atMilliseconds: Double)
}

/// Who looks on while a deploy is watched.
public struct RolloutWatcher: Sendable {
  /// The streams that are watched, before the first is opened.
  public var begin: @Sendable (RolloutFacts) -> Void
  /// What has just happened, in order.
  public var tell: @Sendable (RolloutNews) -> Void

  /// A watcher.
  public init(
    begin: @escaping @Sendable (RolloutFacts) -> Void, tell: @escaping @Sendable (RolloutNews) -> Void
  ) {
    self.begin = begin
    self.tell = tell
  }
}
