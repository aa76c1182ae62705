// The states in which Redis answers whoever asks and refuses the work: the first word of its error names them.

import Facts

/// A state of the server in which it refuses PING.
enum RefusingState: String {
  /// The data set is being read.
  case loading = "LOADING"
  /// A replica without its primary that may not serve what it has.
  case masterDown = "MASTERDOWN"
  /// A snapshot or the append-only file can't be written, and writes are refused until it can.
  case misconfigured = "MISCONF"
  /// A script or function runs and does not end.
  case busy = "BUSY"
}

extension RedisFacts {
  /// The state that the server named when it refused a command, with its words.
  var refusingState: (state: RefusingState, step: Step, words: String)? {
    for result in commands {
      guard let failure = result.failure, failure.kind == .serverError,
        let state = RefusingState(rawValue: String(failure.detail.prefix { $0 != " " }))
      else { continue }
      return (state, result.step, failure.detail)
    }
    return nil
  }
}
