import Facts
import Testing

@Suite("The browser matrix")
struct StreamCellTests {
  @Test("has HTTP/2 over TLS alone, and a browser's own cell first")
  func matrix() {
    #expect(
      StreamCell.matrix(usesTLS: false).map(\.name) == ["HTTP/1.1 with compression", "HTTP/1.1 without compression"])
    #expect(
      StreamCell.matrix(usesTLS: true).map(\.name) == [
        "HTTP/2 with compression", "HTTP/2 without compression", "HTTP/1.1 with compression",
        "HTTP/1.1 without compression",
      ])
  }

  @Test("offers br and zstd over TLS alone, and nothing at all as curl -N")
  func codings() {
    #expect(StreamCell().acceptEncoding(usesTLS: false) == "gzip, deflate")
    #expect(StreamCell().acceptEncoding(usesTLS: true) == "gzip, deflate, br, zstd")
    #expect(StreamCell(coding: .identity).acceptEncoding(usesTLS: true) == "identity")
  }
}
