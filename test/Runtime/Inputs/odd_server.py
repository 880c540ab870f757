"""A server of models that answers by what the last message asks for: well, or in each
of the ways in which servers do not.

usage: odd_server.py    prints its URL, then serves until it is ended

The first word of the last message that begins with `#` names the behaviour, as in
`#html Who is there?`; without one it answers as it should. `GET /journal` tells what
came: the requests, in order, and how many were under way at once.
"""

import gzip
import json
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Lock()
journal = {"requests": [], "most": 0, "closed": 0}
active = 0
seen = {}  # how often each message came


def chat(content, finish="stop", **message):
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "odd-1",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }


def embeddings(texts, size):
    data = [
        {"object": "embedding", "index": at, "embedding": [float(len(text) % 7), *([0.5] * (size - 1))]}
        for at, text in enumerate(texts)
    ]
    return {"object": "list", "model": "odd-e", "data": data[::-1], "usage": {"prompt_tokens": 3, "total_tokens": 3}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def reply(self, body, status=200, kind="application/json", headers=(), length=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def drop(self, reset=False):
        """Closes the connection, the rude way if `reset`."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.flush()
        self.connection.close() if reset else self.connection.shutdown(socket.SHUT_RDWR)

    def wait_for_end(self, longest=60):
        """Until the client closes the connection."""
        self.connection.settimeout(longest)
        try:
            while self.connection.recv(1):
                pass
        except OSError:
            pass
        with lock:
            journal["closed"] += 1
        self.close_connection = True

    def do_GET(self):
        with lock:
            self.reply(journal)

    def do_POST(self):
        global active
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = body.get("input", "")
        texts = [texts] if isinstance(texts, str) else texts
        message = body["messages"][-1]["content"] if "messages" in body else texts[0]
        if message.startswith("Answer with one "):  # how a score is asked for
            message = body["messages"][-2]["content"]
        with lock:
            active += 1
            journal["most"] = max(journal["most"], active)
            seen[message] = seen.get(message, 0) + 1
            times = seen[message]
            journal["requests"].append(
                {"path": self.path, "message": message, "n": body.get("n", 1), "key": self.headers["Idempotency-Key"]}
            )
        try:
            word = next((word[1:] for word in message.split() if word.startswith("#")), "well")
            name, _, argument = word.partition("=")
            method = getattr(self, "be_" + name.replace("-", "_"))
            method(body, texts if "input" in body else message, argument, times)
        except OSError:
            with lock:
                journal["closed"] += 1
            self.close_connection = True
        finally:
            with lock:
                active -= 1

    def be_well(self, body, message, argument, times):
        if "input" in body:
            return self.reply(embeddings(message, body.get("dimensions", 4)))
        return self.reply(chat(argument or "Echo: " + message))

    def be_say(self, body, message, argument, times):
        self.reply(chat(argument))

    def be_samples(self, body, message, argument, times):
        """As many choices as are asked for, or `argument` at the most; each another."""
        count = min(body.get("n", 1), int(argument or 1000))
        answer = chat("")
        answer["choices"] = [
            {"index": at, "message": {"role": "assistant", "content": f"sample {times}.{at}"}, "finish_reason": "stop"}
            for at in range(count)
        ]
        self.reply(answer)

    # Slow ones.

    def be_slow(self, body, message, argument, times):
        time.sleep(float(argument) / 1000)
        self.reply(chat("late"))

    def be_never(self, body, message, argument, times):
        self.wait_for_end()

    def be_trickle(self, body, message, argument, times):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)

    def be_endless(self, body, message, argument, times):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            self.wfile.write(b" " * 1000000)

    # Broken connections.

    def be_drop(self, body, message, argument, times):
        if times <= int(argument or 1000):
            return self.drop()
        return self.reply(chat("at last"))

    def be_reset(self, body, message, argument, times):
        self.drop(reset=True)

    def be_half(self, body, message, argument, times):
        if times > int(argument or 1000):
            return self.reply(chat("at last"))
        data = json.dumps(chat("x" * 10000)).encode()
        self.reply(data[: len(data) // 2], length=len(data))
        return self.drop()

    def be_nonsense(self, body, message, argument, times):
        self.wfile.write(b"220 ready to send mail\r\n\r\n")
        self.drop()

    # Statuses.

    def be_status(self, body, message, argument, times):
        """`429*2`: twice status 429, then well."""
        status, _, count = argument.partition("*")
        if times > int(count or 1000):
            return self.reply(chat("at last"))
        return self.reply({"error": {"message": "not now", "type": "odd", "code": None}}, int(status))

    def be_limited(self, body, message, argument, times):
        """The first time too much, with the pause as `Retry-After`."""
        if times > 1:
            return self.reply(chat("at last"))
        return self.reply({"error": {"message": "slow down"}}, 429, headers=[("Retry-After", argument)])

    def be_told(self, body, message, argument, times):
        """Fails with a status that is not tried again, but for the server's word."""
        if times > 1:
            return self.reply(chat("at last"))
        return self.reply({}, 400, headers=[("x-should-retry", "true"), ("retry-after-ms", "20")])

    def be_forbidden(self, body, message, argument, times):
        key = self.headers.get("Authorization", "")
        self.reply({"error": {"message": f"no such key: {key}"}}, 401)

    def be_redirect(self, body, message, argument, times):
        self.reply(b"", 307, headers=[("Location", "/elsewhere")])

    # Bodies.

    def be_html(self, body, message, argument, times):
        page = b"<!DOCTYPE html><html><body>Bad gateway</body></html>"
        self.reply(page, int(argument or 200), "text/html")

    def be_empty(self, body, message, argument, times):
        self.reply(b"")

    def be_broken(self, body, message, argument, times):
        self.reply(json.dumps(chat("x")).encode()[:-20])

    def be_deep(self, body, message, argument, times):
        self.reply(b'{"choices":' + b"[" * 1000000 + b"]" * 1000000 + b"}")

    def be_bytes(self, body, message, argument, times):
        self.reply(json.dumps(chat("caf@")).encode().replace(b"@", b"\xe9"))

    def be_large(self, body, message, argument, times):
        """So many million characters."""
        self.reply(chat("0123456789" * (int(argument) * 100000)))

    def be_bomb(self, body, message, argument, times):
        data = gzip.compress(b" " * 100000000)
        self.reply(data, headers=[("Content-Encoding", "gzip")])

    def be_zipped(self, body, message, argument, times):
        data = gzip.compress(json.dumps(chat("unzipped")).encode())
        self.reply(data, headers=[("Content-Encoding", "gzip")])

    def be_json(self, body, message, argument, times):
        """Whatever JSON."""
        self.reply(argument.encode())

    def be_content(self, body, message, argument, times):
        """Whatever JSON as the content of an answer."""
        self.reply(chat(json.loads(argument)))

    def be_refused(self, body, message, argument, times):
        self.reply(chat(None, refusal="I would rather not."))

    def be_filtered(self, body, message, argument, times):
        self.reply(chat("", finish="content_filter"))

    def be_error(self, body, message, argument, times):
        """`rate_limit*2`: twice an error of that kind, with status 200, then well."""
        kind, _, count = argument.partition("*")
        if times > int(count or 1000):
            return self.reply(chat("at last"))
        return self.reply({"error": {"message": "out of order", "type": kind}})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        pass  # clients that leave


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdout.close()
    server.serve_forever()
