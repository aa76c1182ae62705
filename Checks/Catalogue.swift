// Every check there is. A test finds the checks that stand in this folder and are missing here.

public import Diagnosis

/// The checks that the tool knows, sorted by id.
public enum Catalogue {
  /// Every check, sorted by id, so that topics stay together.
  public static let all: [any Check] = [
    DriverIsTheSameEverywhere(),
    DriverNeedsNoVariable(),
    DriverReachesEveryInstance(),
    DriverIsKnown(),
    ConfigStarts(),
    ConfigFileExists(),
    IoredisIsInstalled(),
    KeyPrefixIsApplied(),
    KeyPrefixIsTheSameEverywhere(),
    RealtimeIsSet(),
    RedisURLStandsInNoFile(),
    RedisIsNotLocal(),
    RedisDriverHasURL(),
    PublishersAreBound(),
    StreamRouteExists(),
    StreamRouteRunsOnNode(),
    TLSIsInTheURL(),
    VariablesAreSetEverywhere(),
    ValuesAreWhole(),
    VariablesAgree(),
    ChannelNamesHaveOneForm(),
    RedisDeliversInTime(),
    SomebodyIsSubscribed(),
    PublishedEventsAreHeard(),
    SubscribersAreTheInstances(),
    RedisAllowsChannels(),
    RedisAllowsCommands(),
    RedisAllowsKeys(),
    RedisRefusedNothing(),
    RedisAcceptsCredentials(),
    RedisHasRoomForEveryInstance(),
    RedisIsASingleServer(),
    RedisShowsItsSettings(),
    RedisHasRoomForClients(),
    RedisHasLostNoKey(),
    RedisKeepsEveryKey(),
    RedisKeepsIdleConnections(),
    RedisAnnouncesExpiry(),
    ExpiryOutlastsARestart(),
    RedisAnswersQuickly(),
    RedisTakesWrites(),
    RedisHasMemoryToSpare(),
    RedisSurvivesARestart(),
    RedisTurnsNobodyAway(),
    RedisHasRunForAWhile(),
    RedisIsPrimary(),
    RedisURLsLeadToOneServer(),
    RedisSchemeIsKnown(),
    SentinelsNameTheMaster(),
    StreamsHoldEnough(),
    StreamsAreTrimmed(),
    RedisSubscribersKeepUp(),
    RedisCertificateIsValid(),
    RedisPasswordIsEncrypted(),
    RedisServesPlainConnections(),
    RedisServesTLSConnections(),
    RedisServes(),
    RedisIsRecent(),
    StreamIsEventStream(),
    StreamBeginsWithHandshake(),
    StreamStaysOpen(),
    StreamAnswersOK(),
    StreamAnswers(),
  ]

  /// The ids of all checks, sorted.
  public static var ids: [String] { all.map { $0.card.id } }

  /// The check with an id; nil where there is none.
  public static func check(_ id: String) -> (any Check)? { all.first { $0.card.id == id } }
}
