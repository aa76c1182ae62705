import Foundation

extension RedisServer {
  /// Writes a data file whose loading takes about the time, and gives the lines that make it so.
  ///
  /// The format is that of rdb.c in Redis 7.0: the version, a database, keys with values (type, then both strings with
  /// their lengths of 6 or 14 bits), the end, and a checksum of zero, which is not looked at.
  static func writeSlowData(loadingFor time: Duration, in folder: TemporaryFolder) throws -> [String] {
    let pause = Duration.milliseconds(10)
    // A server that loads looks at its connections every 1024 bytes, and no oftener: once a key.
    let value = [UInt8](repeating: 0x76, count: 1024)
    let string: UInt8 = 0
    var data = Array("REDIS0010".utf8) + [0xFE, 0]
    for number in 0..<max(1, Int(time / pause)) {
      let key = Array("key:\(number)".utf8)
      data += [string, UInt8(key.count)] + key + [0x40 | UInt8(value.count >> 8), UInt8(value.count & 0xFF)] + value
    }
    data += [0xFF] + [UInt8](repeating: 0, count: 8)
    try Data(data).write(to: URL(fileURLWithPath: folder.path(of: "dump.rdb")))
    return ["key-load-delay \(Int(pause / .microseconds(1)))", "loading-process-events-interval-bytes 1024"]
  }
}
