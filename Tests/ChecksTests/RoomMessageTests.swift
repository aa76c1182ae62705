import Checks
import Diagnosis
import Facts
import Testing

@testable import Checks

@Suite("What is said of rooms that do not span the instances") struct RoomMessageTests {
  private func verdicts(_ instances: Int = 3, _ change: (inout RoomFacts) -> Void) -> [Verdict] {
    judge(Samples.rooms(instances, change), with: [RoomsSpanInstances()])
  }

  private func told(_ verdicts: [Verdict]) -> [String] {
    verdicts.map { "\($0.kind)\($0.explainedBy == nil ? "" : " explained") \($0.subject.name): \($0.message)" }
  }

  @Test("one of three that is cut off is the cause of what a public URL behind it lacks, and nobody else's fault")
  func cutOff() {
    let verdicts = verdicts { $0.part([2, 3], [0, 1]) }
    #expect(
      told(verdicts) == [
        "pass web-1: it sees who joins at web-2 within 12 ms; that it does not see web-3 is not its fault",
        "pass web-2: it sees who joins at web-1 within 12 ms; that it does not see web-3 is not its fault",
        "finding web-3: web-3 does not see who joins at web-1 and web-2, nor is seen there, though it acknowledges every "
          + "join: they have no Redis in common",
        "finding explained https://rooms.example.com/: https://rooms.example.com/ sees who joins at web-3, but "
          + "not at web-1 and web-2: these seem to have another Redis",
      ])
    #expect(
      verdicts[2].evidence == [
        Evidence("NUMSUB flock:broadcast:flowpanel-doctor-x in redis://cache:6379/0", "2", expected: "3")
      ])
  }

  @Test("one that does not listen and one that does not speak are told apart")
  func oneWay() {
    #expect(
      told(verdicts { $0.deafen(2) })[2]
        == "finding web-3: web-3 does not see who joins at web-1 and web-2, though it acknowledges every join: it is not "
        + "subscribed")
    let mute = told(verdicts { $0.mute(2) })
    #expect(
      mute[2]
        == "finding web-3: who joins at web-3 is not seen at web-1 and web-2: what it says of that does not get there")
    #expect(mute[0].hasPrefix("pass web-1"))
  }

  @Test("of two, of which the one does not see the other, either may be at fault")
  func pair() {
    let verdicts = told(verdicts(2) { $0.mute(1) })
    #expect(
      verdicts[0]
        == "finding web-1: web-1 does not see who joins at web-2, though it acknowledges every join: it is not subscribed, "
        + "or web-2 does not publish")
    #expect(verdicts[1] == "pass web-2: it sees who joins at web-1 within 12 ms")
  }

  @Test("two halves are each told whom they see and whom not")
  func halves() {
    #expect(
      told(verdicts(4) { $0.part([0, 1, 4], [2, 3]) })[0]
        == "finding web-1: web-1 sees who joins at web-2, but not at web-3 and web-4: these seem to have another Redis")
  }

  @Test("a wrong key and a full room come with what to do")
  func refusals() {
    #expect(
      told(verdicts { $0.refuse(1) })[1].hasSuffix(
        "INVALID_API_KEY; name a key: --api-key-variable FLOCK_API_KEY, or --api-key-file FILE"))
    let full = verdicts { $0.fail(1, .init(.refused, code: "ROOM_FULL", "ROOM_FULL")) }
    #expect(told(full)[1].contains("FLOCK_MAX_ROOM_SIZE"))
  }
}
