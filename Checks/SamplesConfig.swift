// Small configs and deployments that scenarios are told with: two instances, web-1 and web-2, and one Redis.

import Facts

/// Facts for the scenarios of the checks.
enum Samples {
  static let configFile = "flowpanel.config.ts"
  static let cache = RedisEndpoint(host: "cache", port: 6379)

  /// Two instances behind one public URL.
  static func deployment(
    _ system: System = .flowpanel, mustMatch: [String] = [], mayDiffer: [String] = []
  ) -> Observation<Deployment> {
    deployment(system) { rules in
      for name in mustMatch { rules.agreements[name] = .mustMatch }
      for name in mayDiffer { rules.agreements[name] = .mayDiffer }
    }
  }

  /// The same with rules on variables.
  static func deployment(
    _ system: System = .flowpanel, _ state: (inout VariableRules) -> Void
  ) -> Observation<Deployment> {
    var rules = VariableRules()
    state(&rules)
    return .seen(
      Deployment(
        system: system, manifest: "flowpanel-doctor.yaml",
        instances: ["web-1", "web-2"].map { Deployment.Instance(name: $0) },
        publicURLs: [publicURL], variables: rules))
  }

  /// A config as evaluated for some instances.
  static func config(
    file: Observation<String> = .seen(configFile), variables: [ConfigVariable] = [], _ instances: InstanceRealtime...
  ) -> Facts {
    config(file: file, variables: variables, instances)
  }

  /// The same in a deployment whose instances are reached at these URLs.
  static func located(at urls: [String] = [], _ instances: InstanceRealtime...) -> Facts {
    var facts = config(file: .seen(configFile), variables: [], instances)
    facts.deployment = deployment().map { deployment in
      var deployment = deployment
      deployment.instances = instances.enumerated().map { offset, realtime in
        Deployment.Instance(name: realtime.instance, directURL: offset < urls.count ? urls[offset] : nil)
      }
      return deployment
    }
    return facts
  }

  /// The same with any number of instances.
  static func fullyConfigured(_ instances: [InstanceRealtime]) -> Facts {
    config(file: .seen(configFile), variables: [], instances)
  }

  private static func config(
    file: Observation<String>, variables: [ConfigVariable], _ instances: [InstanceRealtime]
  ) -> Facts {
    Facts(
      config: .seen(
        ConfigFacts(
          file: file, searched: [configFile, "src/\(configFile)"], instances: instances, variables: variables)))
  }
}

extension InstanceRealtime {
  /// Healthy: the redis driver with a URL from REDIS_URL.
  static let web1 = redis("web-1", .endpoint(Samples.cache), variables: [VariableUse("REDIS_URL", .set)])
  /// The same on the second instance.
  static let web2 = redis("web-2", .endpoint(Samples.cache), variables: [VariableUse("REDIS_URL", .set)])

  /// The redis driver as a literal, with a URL that depends on `variables`.
  static func redis(_ instance: String, _ address: RedisAddress, variables: [VariableUse] = []) -> InstanceRealtime {
    InstanceRealtime(
      instance: instance, isSet: Evaluated(.seen(true), at: line(6)), driver: Evaluated(.seen("redis"), at: line(7)),
      redis: Evaluated(.seen(address), at: line(8), variables: variables), keyPrefix: Evaluated(.seen(nil)))
  }

  /// The redis driver with a URL that is not known.
  static func redisUnknown(_ instance: String, _ reason: String) -> InstanceRealtime {
    var realtime = redis(instance, .none)
    realtime.redis = Evaluated(
      .unseen(Unseen(.notReachable, reason)), at: line(8), variables: [VariableUse("REDIS_URL", .unknown)])
    return realtime
  }

  /// The memory driver, chosen by a literal or because of `variables`.
  static func memory(_ instance: String, variables: [VariableUse] = []) -> InstanceRealtime {
    driver(instance, "memory", variables: variables)
  }

  /// A driver by name.
  static func driver(_ instance: String, _ name: String, variables: [VariableUse] = []) -> InstanceRealtime {
    InstanceRealtime(
      instance: instance, isSet: Evaluated(.seen(true), at: line(6)),
      driver: Evaluated(.seen(name), at: line(7), variables: variables), redis: Evaluated(.seen(.none)),
      keyPrefix: Evaluated(.seen(nil)))
  }

  /// No realtime settings, by their absence or because of `variables`.
  static func unset(_ instance: String, variables: [VariableUse] = []) -> InstanceRealtime {
    InstanceRealtime(
      instance: instance, isSet: Evaluated(.seen(false), at: line(5), variables: variables),
      driver: Evaluated(.seen("memory")), redis: Evaluated(.seen(.none)), keyPrefix: Evaluated(.seen(nil)))
  }

  /// A config that throws because of `variables`.
  static func failing(
    _ instance: String, variables: [VariableUse] = [VariableUse("REDIS_URL", .unset)]
  ) -> InstanceRealtime {
    let failure = StartFailure(message: "REDIS_URL is required", location: line(3), variables: variables)
    var realtime = unknown(instance, "the config throws")
    realtime.failure = failure
    return realtime
  }

  /// An instance that may not start, for this reason.
  static func doubtful(_ instance: String, _ phrase: String) -> InstanceRealtime {
    var realtime = redis(instance, .endpoint(Samples.cache))
    realtime.doubt = Unseen(.notUnderstood, phrase, at: line(3))
    return realtime
  }

  /// The redis driver with a URL whose text is made like this.
  static func redis(
    _ instance: String, _ address: RedisAddress = .endpoint(Samples.cache), url: URLOrigin,
    variables: [VariableUse] = [], at location: Location? = nil
  ) -> InstanceRealtime {
    var realtime = redis(instance, address, variables: variables)
    realtime.url = url
    if let location { realtime.redis.location = location }
    return realtime
  }

  /// The redis driver as the operator states it.
  static func stated(_ instance: String, by what: String) -> InstanceRealtime {
    var realtime = redis(instance, .endpoint(Samples.cache))
    realtime.driverStatedBy = what
    return realtime
  }

  /// The redis driver with a key prefix that may depend on `variables`.
  static func prefixed(
    _ instance: String, _ prefix: String?, on endpoint: RedisEndpoint = Samples.cache, variables: [VariableUse] = []
  ) -> InstanceRealtime {
    var realtime = redis(instance, .endpoint(endpoint))
    realtime.keyPrefix = Evaluated(.seen(prefix), at: line(9), variables: variables)
    return realtime
  }

  /// The redis driver with or without a `tls` key.
  static func withTLSKey(_ instance: String, _ isSet: Observation<Bool>) -> InstanceRealtime {
    var realtime = redis(instance, .endpoint(Samples.cache))
    realtime.tls = Evaluated(isSet, at: line(9))
    return realtime
  }

  /// Settings that can't be followed.
  static func unknown(_ instance: String, _ reason: String) -> InstanceRealtime {
    let unseen = Unseen(.notUnderstood, reason, at: line(6))
    return InstanceRealtime(
      instance: instance, isSet: Evaluated(.unseen(unseen)), driver: Evaluated(.unseen(unseen)),
      redis: Evaluated(.unseen(unseen)), keyPrefix: Evaluated(.unseen(unseen)))
  }

  private static func line(_ number: Int) -> Location { Location(file: Samples.configFile, line: number, column: 3) }
}
