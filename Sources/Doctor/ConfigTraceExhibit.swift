import Diagnosis
import Facts

/// How a setting came about for each instance: the expressions that led to it, each below what it led to.
func configTraceExhibit(_ config: ConfigFacts) -> Exhibit? {
  guard let path = config.traces.first?.path else { return nil }
  return Exhibit(
    key: "trace", title: "How \(path) came about",
    columns: ["Instance", "Where", "Source", "What it is"],
    rows: config.traces.flatMap { trace in
      trace.expressions.isEmpty
        ? [[trace.instance, "-", "-", "no expression leads to it"]]
        : trace.expressions.map { expression in
          [
            trace.instance, expression.location.description,
            String(repeating: "  ", count: min(expression.depth, 10)) + expression.source, expression.meaning,
          ]
        }
    },
    value: .array(
      config.traces.map { trace in
        [
          "instance": .string(trace.instance), "path": .string(trace.path),
          "expressions": .array(
            trace.expressions.map { expression in
              [
                "depth": .integer(expression.depth), "location": .location(expression.location),
                "source": .string(expression.source), "outcome": .optional(expression.outcome),
                "variable": expression.variable.map {
                  ["name": .string($0.name), "state": .string($0.state.rawValue)]
                } ?? .null,
              ]
            }),
        ]
      }))
}

extension TracedExpression {
  fileprivate var meaning: String {
    [outcome, variable.map { "reads \($0.name), which is \($0.state.rawValue)" }].compactMap { $0 }.joined(
      separator: "; ")
  }
}
