import Facts
import RedisProbe
import Testing

@Suite("Redis URLs lead where clients go")
struct RedisURLTests {
  @Test(
    "endpoints",
    arguments: [
      ("redis://cache", RedisEndpoint(host: "cache")),
      ("redis://cache:6380/2", RedisEndpoint(host: "cache", port: 6380, database: 2)),
      ("rediss://cache/", RedisEndpoint(host: "cache", usesTLS: true)),
      ("REDISS://cache", RedisEndpoint(host: "cache", usesTLS: true)),
      ("valkey://cache", RedisEndpoint(host: "cache")),
      ("valkeys://cache", RedisEndpoint(host: "cache", usesTLS: true)),
      ("redis://:6380", RedisEndpoint(host: "localhost", port: 6380)),
      ("redis://[::1]:7000/3", RedisEndpoint(host: "::1", port: 7000, database: 3)),
      ("redis://cache?db=4", RedisEndpoint(host: "cache", database: 4)),
      ("redis://cache/1?db=4", RedisEndpoint(host: "cache", database: 1)),
      ("redis://cache/1/2/3", RedisEndpoint(host: "cache", database: 1)),
      ("unix:/run/redis.sock", RedisEndpoint(host: "/run/redis.sock", port: 0, isUnixSocket: true)),
      ("unix:///run/redis.sock?db=2", RedisEndpoint(host: "/run/redis.sock", port: 0, database: 2, isUnixSocket: true)),
      ("/run/redis.sock", RedisEndpoint(host: "/run/redis.sock", port: 0, isUnixSocket: true)),
      ("cache:6380", RedisEndpoint(host: "cache", port: 6380)),
      ("6380", RedisEndpoint(host: "localhost", port: 6380)),
    ])
  func endpoint(_ url: String, _ expected: RedisEndpoint) throws {
    #expect(try redisTarget(Secret(url)).endpoint == expected)
  }

  @Test(
    "credentials are percent-decoded, up to the last @ of the authority",
    arguments: [
      ("redis://:pw@h", nil, "pw"),
      ("redis://user:pw@h", "user", "pw"),
      ("redis://user@h", "user", nil),
      ("redis://us%40er:p%2Fw%23%3A@h", "us@er", "p/w#:"),
      ("redis://user:p@w@h", "user", "p@w"),
      ("redis://user:@h", "user", ""),
      ("redis://user:a:b@h", "user", "a:b"),
    ] as [(String, String?, String?)])
  func credentials(_ url: String, _ user: String?, _ password: String?) throws {
    let target = try redisTarget(Secret(url))
    #expect(target.username?.reveal() == user)
    #expect(target.password?.reveal() == password)
    #expect(target.endpoint.host == "h")
  }

  @Test(
    "text that leads nowhere, or not where it says, is refused without repeating it",
    arguments: [
      ("", "empty"), ("canary", "scheme"), ("redis://x%2Fcanary", "characters"),
      ("redis://u%3Acanary%40h", "characters"),
      ("http://cache", "http://"), ("redis://cache:0", "port"), ("redis://cache:66000", "port"),
      ("redis://cache:six", "port"), ("redis://cache/x", "database"), ("redis://[::1", "bracket"),
      ("redis://[::1]x", "IPv6"), ("redis://:canary/word@cache", "unencoded"), ("redis://:canary#1@cache", "unencoded"),
      ("redis://:canary%zz@cache", "%25"), ("redis://cache canary", "white space"), ("unix:relative", "absolute"),
    ])
  func refused(_ url: String, _ fragment: String) {
    let error = #expect(throws: RedisURLError.self) { try redisTarget(Secret(url)) }
    #expect(error?.reason.contains(fragment) == true, "\(error?.reason ?? "")")
    #expect(error?.reason.contains("canary") == false)
  }
}
