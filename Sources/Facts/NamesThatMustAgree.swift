extension Facts {
  /// The variables that must have one value on all instances: the system's own, those the operator declared, and those
  /// that the config's realtime settings read on any instance, without those that the operator declared may differ.
  public var namesThatMustAgree: Set<String> {
    let deployment = self.deployment.value ?? Deployment()
    let read = (config.value?.instances ?? []).flatMap { instance in
      [
        instance.isSet.variables, instance.driver.variables, instance.redis.variables, instance.keyPrefix.variables,
        instance.failure?.variables ?? [],
      ].flatMap { $0.map(\.name) }
    }
    return Set(deployment.system.mustMatchVariables).union(deployment.mustMatch).union(read)
      .subtracting(deployment.mayDiffer)
  }

  /// The variables that every instance must set, to whatever: those without which the config does not start.
  public var namesThatMustBeSet: Set<String> {
    let required = (config.value?.variables ?? []).filter { $0.need == .failsWithout }.map(\.name)
    return Set(required).subtracting(deployment.value?.mayDiffer ?? [])
  }
}
