extension System {
  /// What the system's code makes of its environment variables.
  var variableRules: VariableRules {
    var rules = VariableRules()
    for name in mustMatchVariables { rules.agreements[name] = .mustMatch }
    switch self {
    case .flowpanel, .redisStreams: break
    case .testplanit:
      rules.required = ["DATABASE_URL", "ENCRYPTION_KEY", "NEXTAUTH_SECRET", "NEXTAUTH_URL", "VALKEY_URL"]
      // What is no number becomes NaN, and with it there is no cap.
      for name in Self.testplanitCaps { rules.types[name] = .integer(least: 1, most: nil) }
      rules.types["VALKEY_SENTINELS"] = .list
      // Whatever the build may do without Valkey, a running instance may not.
      rules.types["SKIP_VALKEY_CONNECTION"] = .oneOf(["false", "0", "no", "off"])
      rules.agreements["NOTIFICATION_CONCURRENCY"] = .mayDiffer
      rules.mustDiffer = [["ENCRYPTION_KEY", "NEXTAUTH_SECRET"]]
    case .fluxstack:
      rules.agreements["LIVE_LOGGING"] = .mayDiffer
    case .flock:
      rules.types = [
        "FLOCK_API_KEYS": .list, "FLOCK_PORT": .integer(least: 0, most: 65535),
        "FLOCK_MAX_MESSAGES_PER_SECOND": .integer(least: 1, most: nil),
        "FLOCK_MAX_ROOM_SIZE": .integer(least: 1, most: nil),
        // Clients send a heartbeat every ten seconds.
        "FLOCK_PRESENCE_TTL_SECONDS": .integer(least: 11, most: nil),
      ]
      rules.deprecated["FLOCK_HEARTBEAT_INTERVAL_MS"] = "No version of Flock reads it: take it out."
      for name in ["FLOCK_LOG_LEVEL", "FLOCK_PORT"] { rules.agreements[name] = .mayDiffer }
    }
    return rules
  }

  private static let testplanitCaps = [
    "SSE_ISSUES_PER_TENANT_CAP", "SSE_ISSUES_PER_USER_CAP", "SSE_PER_TENANT_CAP", "SSE_PER_USER_CAP",
  ]

  /// Variables that must have the same value on every instance.
  private var mustMatchVariables: [String] {
    switch self {
    // The auth secrets are not flowpanel's own, but the sessions of its users are signed with them.
    case .flowpanel: ["AUTH_SECRET", "DATABASE_URL", "NEXTAUTH_SECRET", "REDIS_URL"]
    case .redisStreams: ["REDIS_URL"]
    case .testplanit:
      [
        "BULLMQ_PREFIX", "DATABASE_URL", "ENCRYPTION_KEY", "INSTANCE_TENANT_ID", "NEXTAUTH_SECRET", "NEXTAUTH_URL",
        "VALKEY_SENTINELS", "VALKEY_SENTINEL_MASTER", "VALKEY_SENTINEL_PASSWORD", "VALKEY_URL",
      ] + Self.testplanitCaps
    case .fluxstack: ["LIVE_STATE_SECRET", "REDIS_URL"]
    case .flock:
      [
        "FLOCK_ADMIN_PASSWORD", "FLOCK_API_KEYS", "FLOCK_MAX_MESSAGES_PER_SECOND", "FLOCK_MAX_ROOM_SIZE",
        "FLOCK_PRESENCE_TTL_SECONDS", "FLOCK_REDIS_URL",
      ]
    }
  }
}
