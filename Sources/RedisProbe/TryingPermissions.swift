import Facts
import Transport

extension RedisProbe {
  /// Asks what the user may do where ACL DRYRUN is refused, on a connection that is closed after it: a transaction that
  /// can't be dropped ends with it.
  func tryPermissions(
    _ permissions: PermissionQuestions, _ target: RedisTarget, over transport: Transport, within timeout: Duration
  ) async -> Observation<RedisFacts.Permissions> {
    switch await transport.openRedisLink(to: linkTarget(target.endpoint), within: timeout) {
    case .failed(let failure, _, _):
      return .unseen(Unseen(.notReachable, "another connection failed: \(failure.detail)"))
    case .open(let link, _, _):
      // Where MULTI is refused, what follows it would be run: it has to be known before.
      let entry = target.entryCommands + [RedisCommand(["CLIENT", "SETNAME", ownClientName])]
      let begin = await link.send(entry + [RedisCommand(["MULTI"])], within: timeout)
      guard begin.reply(entry.count) == .status("OK") else {
        let subscribed = await link.send(permissions.subscriptions.map { RedisCommand($0) }, within: timeout)
        let replies = permissions.subscriptions.indices.map { subscribed.reply($0) }
        let why = unseen("MULTI", begin.reply(entry.count), begin.failure, scrubbing: target)
        guard var answers = permissions.answers(toSubscriptions: replies, scrubbing: target) else {
          return .unseen(why)
        }
        answers.whyUnanswered = why.detail
        return .seen(answers)
      }
      let queued = permissions.transaction
      let result = await link.send((queued + [["DISCARD"]]).map { RedisCommand($0) }, within: timeout)
      // EXEC is asked for nothing, and so only where all that was queued is dropped for certain.
      var exec: RedisReply?
      if permissions.asksForExec, result.reply(queued.count) == .status("OK") {
        let empty = await link.send([RedisCommand(["MULTI"]), RedisCommand(["EXEC"])], within: timeout)
        exec = empty.reply(1)
      }
      guard result.failure == nil else {
        return .unseen(unseen("DISCARD", nil, result.failure, scrubbing: target))
      }
      var answers = permissions.answers(
        toTransaction: queued.indices.map { result.reply($0) }, exec: exec, scrubbing: target)
      let dropped = result.reply(queued.count)
      if answers.unanswered != nil, answers.whyUnanswered == nil, dropped?.isError == true {
        answers.whyUnanswered = unseen("DISCARD", dropped, nil, scrubbing: target).detail
      }
      return .seen(answers)
    }
  }
}
