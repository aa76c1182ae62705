// Verdicts by topic, the part of a check's id before the dot, with the heading that people read.

import Diagnosis

struct TopicGroup {
  var heading: String
  var verdicts: [Verdict]

  subscript(kind: Verdict.Kind) -> [Verdict] { verdicts.filter { $0.kind == kind } }
}

/// Groups in the order in which their topics first appear; within a group the report's order stays.
func topicGroups(_ verdicts: [Verdict]) -> [TopicGroup] {
  var order: [String] = []
  var byTopic: [String: [Verdict]] = [:]
  for verdict in verdicts {
    let topic = String(verdict.check.prefix { $0 != "." })
    if byTopic[topic] == nil { order.append(topic) }
    byTopic[topic, default: []].append(verdict)
  }
  return order.map { TopicGroup(heading: heading(ofTopic: $0), verdicts: byTopic[$0] ?? []) }
}

private func heading(ofTopic topic: String) -> String {
  switch topic {
  case "config": "Admin config"
  case "env": "Environment parity"
  case "pubsub": "Publish and subscribe"
  case "redis": "Redis"
  case "stream": "Event streams"
  default: topic
  }
}

/// Findings that are shown at a level, most severe first, otherwise in the report's order.
func findings(in verdicts: [Verdict], shownAt level: ShowLevel) -> [Verdict] {
  Severity.allCases.sorted(by: >).filter { $0 >= level.threshold }.flatMap { severity in
    verdicts.filter { $0.kind == .finding && $0.severity == severity }
  }
}

/// What belongs together under one label, in the order of first appearance.
func grouped(_ verdicts: [Verdict], by label: (Verdict) -> String) -> [(label: String, verdicts: [Verdict])] {
  var groups: [(label: String, verdicts: [Verdict])] = []
  var positions: [String: Int] = [:]
  for verdict in verdicts {
    let name = label(verdict)
    if let position = positions[name] {
      groups[position].verdicts.append(verdict)
    } else {
      positions[name] = groups.count
      groups.append((name, [verdict]))
    }
  }
  return groups
}
