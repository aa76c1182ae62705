import Delivery
import Diagnosis
import Facts

/// When a stream's events were sent and when they came, and how they came to the nearest URL further inside that is well,
/// drawn so that it fits 60 columns; nil where nothing tells when events were sent.
func timelineExhibit(_ stream: StreamFacts, in path: StreamPath, over name: String) -> Exhibit? {
  let own = TimedEvents(stream, drive: path.drive).events
  let inside = path.inner(of: stream).last { inner in
    path.delivery(of: inner).isGood && !TimedEvents(inner, drive: path.drive).events.isEmpty
  }
  // Who delays every event alike is seen on the origin's clock alone, which the other stream tells to be read right.
  let late = inside.flatMap { inside in stream.leastLag.flatMap { lag in inside.leastLag.map { lag - $0 } } } ?? 0
  let delay = (0...10_000).contains(late) ? late : 0
  // On the clock of the stream that is shown.
  let shift = (inside?.beganMilliseconds ?? 0) - stream.beganMilliseconds
  let theirs = inside.map { TimedEvents($0, drive: path.drive).events } ?? []
  guard !own.isEmpty || !theirs.isEmpty else { return nil }

  var rows = [
    TimelineDrawing.Row(
      label: "sent", moments: own.isEmpty ? theirs.map { $0.sent + shift } : own.map { $0.sent - delay }),
    TimelineDrawing.Row(label: "received", moments: own.map(\.arrived)),
  ]
  if let inside {
    rows.append(TimelineDrawing.Row(label: "at \(inside.shortPlace)", moments: theirs.map { $0.arrived + shift }))
  }
  guard let drawing = TimelineDrawing(rows, until: stream.watchedMilliseconds, width: 58) else { return nil }
  return Exhibit(
    key: nil,
    title: "Events over \(name), sent and received"
      + (drawing.rows.contains { $0[1].contains("+") } ? "; + is ten or more" : ""),
    columns: ["", drawing.axis], rows: drawing.rows,
    narrow: Exhibit.Table(columns: ["Events", "When"], rows: rows.map { [$0.label, phrase($0.moments)] }))
}

extension StreamFacts {
  /// How much later than the origin's clock says the least delayed of its marked events came; clocks differ.
  fileprivate var leastLag: Double? {
    arrivals.compactMap { arrival in
      arrival.mark.map { beganMilliseconds + arrival.milliseconds - Double($0.sentAtMicroseconds) / 1000 }
    }.min()
  }

  /// Whose URL it is, in a word or two.
  fileprivate var shortPlace: String {
    guard let instance else { return "the next hop" }
    let isShort = instance.count <= 12 && instance.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
    return isShort ? instance : "the instance"
  }
}

/// The moments of a row where there is no room to draw them.
private func phrase(_ moments: [Double]) -> String {
  guard let first = moments.min(), let last = moments.max() else { return "none" }
  return "\(moments.count) from \(millisecondsText(first)) to \(millisecondsText(last))"
}
