import Diagnosis
import Facts

/// Each Redis connection step by step: how long it took, or how it failed.
func redisExhibit(_ servers: [RedisFacts]) -> Exhibit {
  Exhibit(
    key: "redis", title: "Redis, step by step", columns: ["Server", "Step", "Time", "Result"],
    rows: servers.flatMap { server in
      server.steps.enumerated().map { index, step in
        [
          index == 0 ? server.endpoint.description : "", step.step.title, millisecondsText(step.milliseconds),
          step.failure?.detail ?? detail(of: step.step, server),
        ]
      }
        + (server.unfinished.map { [[server.steps.isEmpty ? server.endpoint.description : "", "", "", $0.detail]] }
          ?? [])
    },
    value: .array(servers.map(json)))
}

private func detail(of step: RedisFacts.Step, _ server: RedisFacts) -> String {
  switch step {
  case .sentinels: "ok"
  case .connect: server.proxy.map { "through \($0)" } ?? server.address ?? "ok"
  case .info:
    server.server.value.map { known in
      let policy = server.policy.value.map { "maxmemory-policy \($0.name)" }
      return ["\(known.product) \(known.version)", known.role, policy].compactMap { $0 }.filter { !$0.isEmpty }
        .joined(separator: ", ")
    } ?? "ok"
  default: "ok"
  }
}

private func json(_ server: RedisFacts) -> JSONValue {
  [
    "url": .string(server.endpoint.description),
    "endpoint": endpointJSON(server.endpoint),
    "usedBy": .array(server.usedBy.map { .string($0) }),
    "location": .location(server.location),
    "address": .optional(server.address),
    "proxy": .optional(server.proxy),
    "steps": .array(
      server.steps.map { step in
        [
          "step": .string(step.step.rawValue), "milliseconds": .number(step.milliseconds),
          "failure": step.failure.map { ["kind": .string($0.kind.rawValue), "detail": .string($0.detail)] } ?? .null,
        ]
      }),
    "otherSide": observed(server.otherSide) { .string($0.rawValue) },
    "server": observed(server.server) { known in
      [
        "product": .string(known.product), "version": .string(known.version), "runID": .string(known.runID),
        "mode": .string(known.mode), "role": .string(known.role), "masterAddress": .optional(known.masterAddress),
        "masterLinkIsUp": known.masterLinkIsUp.map { .bool($0) } ?? .null,
        "maxmemoryBytes": .optional(known.maxmemoryBytes), "evictedKeys": .optional(known.evictedKeys),
      ]
    },
    "unfinished": .optional(server.unfinished?.detail),
    "policy": observed(server.policy) { ["name": .string($0.name), "source": .string($0.source)] },
  ]
}

/// `{"value": …}`, or `{"undetermined": "why"}`.
func observed<Value>(_ observation: Observation<Value>, _ value: (Value) -> JSONValue) -> JSONValue {
  switch observation {
  case .seen(let known): ["value": value(known)]
  case .unseen(let reason): ["undetermined": .string(reason.detail)]
  }
}
