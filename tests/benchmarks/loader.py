"""Asks a model server over kept connections and writes what it measured as JSON: `loader.py PORT CASE N SECONDS`."""

import asyncio
import json
import sys
import time

ROW = [number / 100 for number in range(100)]
CASES = {
    "modelyard": ("/invocations", [ROW]),
    "mlflow": ("/invocations", {"inputs": [ROW]}),
    "mlserver": (
        "/v2/models/m/infer",
        {"inputs": [{"name": "x", "shape": [1, 100], "datatype": "FP64", "data": ROW}]},
    ),
}


async def _ask(port: int, request: bytes, until: float, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"refused: {head!r}")
        length = next(it for it in head.lower().split(b"\r\n") if it.startswith(b"content-length"))
        await reader.readexactly(int(length.split(b":")[1]))
        latencies.append(time.perf_counter() - started)
    writer.close()


async def _main(port: int, case: str, concurrency: int, seconds: float) -> None:
    path, content = CASES[case]
    body = json.dumps(content).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    latencies: list[float] = []
    started = time.perf_counter()
    asks = [_ask(port, head.encode() + body, started + seconds, latencies) for _ in range(concurrency)]
    await asyncio.gather(*asks)
    rate = len(latencies) / (time.perf_counter() - started)
    latencies.sort()
    print(json.dumps({"rate": rate, "p99_ms": 1000 * latencies[int(len(latencies) * 0.99)]}))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
