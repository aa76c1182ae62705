import Diagnosis
import Facts

/// The instances with the driver that each would start with, where it connects, its key prefix and where that comes from.
func instancesExhibit(_ config: ConfigFacts) -> Exhibit {
  Exhibit(
    key: "instances", title: "Realtime driver by instance",
    columns: ["Instance", "Driver", "Redis", "Key prefix", "From"],
    rows: config.instances.map { instance in
      [
        instance.instance, cell(instance.driver) { $0 }, cell(instance.redis, redisCell),
        cell(instance.keyPrefix) { $0 ?? "-" },
        [instance.driverStatedBy, instance.driver.source].compactMap { $0 }.filter { !$0.isEmpty }
          .joined(separator: ", "),
      ]
    },
    value: instancesJSON(config))
}

/// The driver that each instance would start with, beside their variables: instances with the same are one row.
func driversExhibit(_ config: ConfigFacts) -> Exhibit? {
  guard config.instances.contains(where: { $0.failure != nil || $0.driver.value != nil }) else { return nil }
  var rows: [(driver: String, source: String, instances: [String])] = []
  for instance in config.instances {
    let driver = instance.failure == nil ? cell(instance.driver) { $0 } : "none, it fails at start"
    if let row = rows.firstIndex(where: { $0.driver == driver && $0.source == instance.driver.source }) {
      rows[row].instances.append(instance.instance)
    } else {
      rows.append((driver, instance.driver.source, [instance.instance]))
    }
  }
  return Exhibit(
    key: "instances", title: "Realtime driver that each would run", columns: ["Driver", "Instances", "From"],
    rows: rows.map { [$0.driver, drawnTogether($0.instances).joined(separator: ", "), $0.source] },
    value: instancesJSON(config))
}

private func instancesJSON(_ config: ConfigFacts) -> JSONValue {
  .array(
    config.instances.map { instance in
      [
        "name": .string(instance.instance),
        "realtime": [
          "driver": json(instance.driver) { .string($0) },
          "redis": redisJSON(instance.redis),
          "keyPrefix": json(instance.keyPrefix) { .optional($0) },
        ],
      ]
    })
}

private func cell<Value>(_ evaluated: Evaluated<Value>, _ text: (Value) -> String) -> String {
  evaluated.value.map(text) ?? "undetermined"
}

private func redisCell(_ address: RedisAddress) -> String {
  switch address {
  case .none: "-"
  case .empty: "(empty URL)"
  case .endpoint(let endpoint): endpoint.description
  case .malformed: "(not a Redis URL)"
  }
}

/// `{"value": …, "source": {…}}`, or `{"undetermined": "why", "source": {…}}`.
private func json<Value>(_ evaluated: Evaluated<Value>, _ value: (Value) -> JSONValue) -> JSONValue {
  let outcome =
    switch evaluated.outcome {
    case .seen(let known): JSONValue.Member("value", value(known))
    case .unseen(let reason): JSONValue.Member("undetermined", .string(reason.detail))
    }
  return .object([outcome, JSONValue.Member("source", sourceJSON(evaluated))])
}

/// As every setting, and beside the URL its parts; a URL that leads nowhere is null with the problem beside it.
private func redisJSON(_ redis: Evaluated<RedisAddress>) -> JSONValue {
  let plain = json(redis) { address in
    if case .endpoint(let endpoint) = address { .string(endpoint.description) } else { .null }
  }
  guard case .object(var members) = plain else { return plain }
  switch redis.value {
  case .endpoint(let endpoint)?: members.append(JSONValue.Member("endpoint", endpointJSON(endpoint)))
  case .empty?: members.append(JSONValue.Member("problem", "the URL is empty"))
  case .malformed(let reason)?: members.append(JSONValue.Member("problem", .string(reason)))
  case .some(.none), nil: break
  }
  return .object(members)
}

/// Host, port, database and TLS of an endpoint.
func endpointJSON(_ endpoint: RedisEndpoint) -> JSONValue {
  [
    "host": .string(endpoint.host), "port": .integer(endpoint.port), "database": .integer(endpoint.database),
    "tls": .bool(endpoint.usesTLS), "unixSocket": .bool(endpoint.isUnixSocket),
  ]
}

private func sourceJSON<Value>(_ evaluated: Evaluated<Value>) -> JSONValue {
  [
    "location": .location(evaluated.location),
    "variables": .array(
      evaluated.variables.map { ["name": .string($0.name), "state": .string($0.state.rawValue)] }),
  ]
}

extension Evaluated {
  /// Where the value comes from, in a phrase: `flowpanel.config.ts:14, REDIS_URL (unset)`.
  fileprivate var source: String {
    let place = location.map { place in [place.file, place.line.map(String.init)].compactMap { $0 } }
    let uses = variables.map { $0.state == .set ? $0.name : "\($0.name) (\($0.state.rawValue))" }
    return ([place?.joined(separator: ":")].compactMap { $0 } + uses).joined(separator: ", ")
  }
}
