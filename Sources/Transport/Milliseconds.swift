extension Duration {
  /// The duration in milliseconds, the unit of every time in the facts and of libcurl's options.
  public var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
