import Diagnosis
import Facts

/// Redis lets nobody in who can't show the right password, and flowpanel's stream says ready all the same.
struct RedisAcceptsCredentials: Check {
  static let card = CheckCard(
    id: "redis.auth-failed",
    title: "Redis accepts the credentials",
    severity: .error,
    needs: [.redis],
    why: """
      With a wrong or missing password no instance can publish or subscribe. The streams still answer 200 and say \
      ready, so the only signs are a line in the log and events that never come. A password that was rotated on the \
      server and not in every environment is the usual cause.
      """,
    remedy: Remedy("Put the server's present user name and password into the URL."),
    references: [
      "Redis: AUTH, https://redis.io/docs/latest/commands/auth/",
      "Redis: ACL, https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/",
      "RFC 3986 section 2.1: percent-encoding",
    ],
    scenarios: [
      .passes("no password, and none wanted", Samples.redis()),
      .passes(
        "the password is right", Samples.redis(steps: Samples.steps(.nameLookup, .connect, .authenticate, .ping))),
      .passes(
        "let in, and not allowed to PING", Samples.redis(.ping, .commandRefused, "NOPERM no permission to run 'ping'")),
      .finds(
        "the password is wrong",
        Samples.redis(
          .authenticate, .wrongCredentials, "WRONGPASS invalid username-password pair or user is disabled."),
        on: "redis://cache:6379/0"),
      .finds("there is none in the URL", Samples.redis(.ping, .credentialsRequired, "NOAUTH Authentication required.")),
      .finds(
        "a user name for a Redis that knows no users",
        Samples.redis(.authenticate, .serverError, "ERR wrong number of arguments for 'auth' command")),
      .finds("AUTH was renamed", Samples.redis(.authenticate, .commandRefused, "ERR unknown command 'AUTH'")),
      .undetermined("the port is closed", Samples.redis(.connect, .connectionRefused, "connection refused")),
      .undetermined(
        "no room for another client", Samples.redis(.authenticate, .serverError, "ERR max number of clients reached")),
      .undetermined("still loading, and never asked", Samples.redis(.ping, .serverError, "LOADING Redis is loading")),
      .notApplicable("no Redis was named", Facts(redis: .unseen(Unseen(.notGiven, "no Redis URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if let refusal = redis.credentialRefusal, let failure = refusal.failure {
        return finding(redis, refusal.step, failure)
      }
      if redis.result(of: .authenticate)?.note != nil {
        return card.pass(subject, "it lets clients in without credentials, and the URL has some\(redis.users)")
      }
      if redis.succeeded(.authenticate) { return card.pass(subject, "AUTH was accepted\(redis.users)") }
      // Redis checks who asks before it checks whether they may: NOPERM is said to users that are in.
      let isIn = redis.commands.contains { $0.failure == nil || $0.failure?.kind == .commandRefused }
      return isIn
        ? card.pass(subject, "it lets clients in without credentials\(redis.users)")
        : card.undetermined(subject, "credentials were not tried: \(redis.failureInWords)", at: redis.location)
    }
  }

  private func finding(_ redis: RedisFacts, _ step: RedisFacts.Step, _ failure: RedisFacts.StepFailure) -> Verdict {
    let name = "\(redis.endpoint)"
    let fault: String
    let remedy: Remedy
    switch failure.kind {
    case .credentialsRequired:
      fault = "\(name) wants credentials, and the URL has none"
      remedy = Remedy("Put user name and password into the URL, percent-encoded.", snippet: url(redis, "USER:PASSWORD"))
    case .commandRefused:
      fault = "\(name) does not accept the AUTH command"
      remedy = Remedy("Give clients the AUTH command back (rename-command in redis.conf), or use a server that has it.")
    case .serverError:
      fault = "\(name) is too old for user names"
      remedy = Remedy("Leave the user name out, or update Redis to 6 or later.", snippet: url(redis, ":PASSWORD"))
    default:
      fault = "\(name) refuses the credentials in the URL"
      remedy = Remedy(
        "Compare user name and password with the server's; in a URL, @ : / ? # and % in a password must be written as "
          + "%40 %3A %2F %3F %23 %25.", commands: [redis.cli("ACL LIST")], snippet: url(redis, "USER:PASSWORD"))
    }
    return card.finding(
      .redis(redis.endpoint), "\(fault)\(redis.users): \(failure.detail)",
      evidence: [Evidence(step.title, failure.detail, expected: "OK", source: redis.address)], at: redis.location,
      remedy: remedy)
  }

  /// The URL with a placeholder for its credentials.
  private func url(_ redis: RedisFacts, _ userInfo: String) -> String {
    let parts = "\(redis.endpoint)".split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    return parts.count == 3 ? "\(parts[0])//\(userInfo)@\(parts[2])" : "\(redis.endpoint)"
  }
}
