"""The other end in the lab: takes HL7 v2 messages, acknowledges them and may pass them on; or gives
out pages over HTTP. Every success goes into a ledger, a line of JSON each.

MLLP and HL7 are those of the package `hl7`, so that the lab's senders talk with another's
implementation. Refuses to lose a message in silence: what cannot be passed on is written down.

    receiver.py hl7 NAME LEDGER PORT [HOST PORT NAME]
    receiver.py web NAME LEDGER PORT KIND
"""

import asyncio
import http.server
import json
import sys
import time

import hl7
import hl7.mllp


class Ledger:
    """What this end did."""

    def __init__(self, who, path):
        self.who, self.file, self.number = who, open(path, "a", encoding="utf-8"), 0

    def write(self, other, kind, key):
        self.number += 1
        entry = {
            "at": time.time_ns() // 1000,
            "number": self.number,
            "who": self.who,
            "with": other,
            "kind": kind,
            "key": key,
        }
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()


class Forward:
    """Passes messages on, one after the other, over one session that stays open."""

    def __init__(self, ledger, host, port, name):
        self.ledger, self.host, self.port, self.name = ledger, host, port, name
        self.queue, self.session = asyncio.Queue(), None

    async def run(self):
        while True:
            message = await self.queue.get()
            key = str(message.segment("MSH")[10])
            try:
                await asyncio.wait_for(self.send(message, key), timeout=5)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
                self.session = None
                self.ledger.write(self.name, "hl7.unacknowledged", key)
                self.ledger.write(self.name, "hl7.broken", key)

    async def send(self, message, key):
        if self.session is None:
            self.session = await hl7.mllp.open_hl7_connection(self.host, self.port, encoding="utf-8")
            self.ledger.write(self.name, "hl7.connected", "")
        reader, writer = self.session
        writer.writemessage(message)
        await writer.drain()
        answer = await reader.readmessage()
        good = str(answer.segment("MSA")[1]) in ("AA", "CA") and str(answer.segment("MSA")[2]) == key
        self.ledger.write(self.name, "hl7.acknowledged" if good else "hl7.unacknowledged", key)


async def receive(name, ledger, port, forward):
    async def session(reader, writer):
        other = writer.get_extra_info("peername")[0]
        try:
            while not reader.at_eof():
                message = await reader.readmessage()
                header = message.segment("MSH")
                ledger.write(other, "hl7.received", str(header[10]))
                # Enhanced mode asks for a commit acknowledgement (HL7 2.6, 2.9.3).
                asks = len(header) > 15 and str(header[15]) == "AL"
                code = "CA" if asks else "AA"
                writer.writemessage(message.create_ack(code, application=name.upper()))
                await writer.drain()
                if forward:
                    await forward.queue.put(message)
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        finally:
            writer.close()

    server = await hl7.mllp.start_hl7_server(session, "0.0.0.0", port, encoding="utf-8")
    tasks = [server.serve_forever()] + ([forward.run()] if forward else [])
    await asyncio.gather(*tasks)


def web(ledger, port, kind):
    class Pages(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = ("entry %s\n" * 2000 % tuple(range(2000))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
            ledger.write(self.client_address[0], kind, self.headers.get("X-Request-Id", ""))

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("0.0.0.0", port), Pages).serve_forever()


def main():
    what, name, path, port = sys.argv[1:5]
    ledger = Ledger(name, path)
    if what == "web":
        web(ledger, int(port), sys.argv[5])
        return

    async def run():
        onward = sys.argv[5:8]
        forward = Forward(ledger, onward[0], int(onward[1]), onward[2]) if onward else None
        await receive(name, ledger, int(port), forward)

    asyncio.run(run())


main()
