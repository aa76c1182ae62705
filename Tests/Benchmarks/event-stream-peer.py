"""Counts the events of a file with a library, as Tests/Benchmarks/event-stream asks: httpx-sse or sseclient-py."""

import sys

library, path = sys.argv[1:]


def chunks():
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(65536):
            yield chunk


if library == "httpx-sse":
    import httpx
    import httpx_sse

    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=chunks())
    events = httpx_sse.EventSource(response).iter_sse()
else:
    import sseclient

    events = sseclient.SSEClient(chunks()).events()
print(sum(1 for _ in events))
