"""An HTTP/2 client that does exactly what it is told, also what no client should. HPACK is read by the system's nghttp2
and written without compression."""
import ctypes
import socket
import ssl
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, REFUSED_STREAM, CANCEL, CALM = 0, 1, 2, 3, 7, 8, 11
MAX_FRAME_SIZE, INITIAL_WINDOW_SIZE = 5, 4

nghttp2 = ctypes.CDLL("libnghttp2.so.14")


class Pair(ctypes.Structure):
    _fields_ = [("name", ctypes.POINTER(ctypes.c_char)), ("value", ctypes.POINTER(ctypes.c_char)),
                ("name_size", ctypes.c_size_t), ("value_size", ctypes.c_size_t), ("flags", ctypes.c_uint8)]


class Inflater:
    def __init__(self):
        self.inner = ctypes.c_void_p()
        assert nghttp2.nghttp2_hd_inflate_new(ctypes.byref(self.inner)) == 0

    def fields(self, block):
        result, pair, flags = [], Pair(), ctypes.c_int()
        while True:
            used = nghttp2.nghttp2_hd_inflate_hd2(self.inner, ctypes.byref(pair), ctypes.byref(flags), block,
                                                  ctypes.c_size_t(len(block)), 1)
            assert used >= 0, used
            block = block[used:]
            if flags.value & 2:
                result.append((pair.name[:pair.name_size].decode("latin-1"),
                               pair.value[:pair.value_size].decode("latin-1")))
            if flags.value & 1:
                nghttp2.nghttp2_hd_inflate_end_headers(self.inner)
                return result


def integer(value, bits, first=0):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = bytearray([first | limit]), value - limit
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out) + bytes([value])


def text(value):
    value = value.encode("latin-1") if isinstance(value, str) else value
    return integer(len(value), 7) + value


def literal(name, value):
    """One field, without a place in the table."""
    return b"\0" + text(name) + text(value)


def request(path="/a/x?y", method="GET", authority="one.example", scheme="https", *fields):
    pseudo = ((":method", method), (":scheme", scheme), (":authority", authority), (":path", path))
    return [pair for pair in pseudo if pair[1] is not None] + list(fields)


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def settings(**values):
    names = {"window": INITIAL_WINDOW_SIZE, "frame": MAX_FRAME_SIZE, "table": 1}
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", names[k], v) for k, v in values.items()))


class Response:
    def __init__(self):
        self.fields, self.interim, self.body, self.status = {}, [], b"", None
        self.ended, self.reset, self.trailers = False, None, []
        self.window = 65536 # what may be sent of the request's body


class Http2:
    """`window` is what the client lets come on each stream; `greedy`: windows are opened again as bytes come."""

    def __init__(self, port, name="one.example", window=65535, greedy=True, context=None, **more):
        self.context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.context.set_alpn_protocols(["h2"])
        self.socket = self.context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20),
                                               server_hostname=name)
        assert self.socket.selected_alpn_protocol() == "h2"
        self.inflater, self.buffer, self.responses = Inflater(), b"", {}
        self.last, self.goaways, self.greedy, self.seen = -1, [], greedy, []
        self.block, self.window = b"", 65535
        self.raw(PREFACE + settings(window=window, **more))

    def raw(self, data):
        self.socket.sendall(data)
        return self

    def open(self):
        self.last += 2
        self.responses[self.last] = Response()
        return self.last

    def head(self, fields=None, end=True, stream=None):
        stream = stream or self.open()
        block = b"".join(literal(*pair) for pair in (fields or request()))
        first, rest = block[:16384], block[16384:]
        data = frame(HEADERS, (END_STREAM if end else 0) | (0 if rest else END_HEADERS), stream, first)
        while rest:
            first, rest = rest[:16384], rest[16384:]
            data += frame(CONTINUATION, 0 if rest else END_HEADERS, stream, first)
        self.raw(data)
        return stream

    def data(self, stream, payload, end=True):
        self.window -= len(payload)
        self.responses[stream].window -= len(payload)
        return self.raw(frame(DATA, END_STREAM if end else 0, stream, payload))

    def upload(self, payload, *fields):
        """A request with a body, as the windows allow; what is left when it is answered early is not sent."""
        stream = self.head(request("/a/x?y", "POST", "one.example", "https", *fields), end=False)
        response = self.responses[stream]
        while payload and not response.ended and response.reset is None:
            size = min(len(payload), self.window, response.window, 16384)
            if size == 0:
                self.step()
                continue
            self.data(stream, payload[:size], end=size == len(payload))
            payload = payload[size:]
        return stream

    def read_frame(self):
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            more = self.socket.recv(65536)
            if not more:
                return None
            self.buffer += more
        size = int.from_bytes(self.buffer[:3], "big")
        kind, flags, stream = self.buffer[3], self.buffer[4], int.from_bytes(self.buffer[5:9], "big")
        payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
        return kind, flags, stream, payload

    def step(self):
        """Read a frame and keep what it says; False at the end of the connection."""
        got = self.read_frame()
        if not got:
            return False
        kind, flags, stream, payload = got
        self.seen.append(got)
        response = self.responses.get(stream)
        if kind == SETTINGS and not flags & ACK:
            self.raw(frame(SETTINGS, ACK))
        elif kind in (HEADERS, CONTINUATION):
            self.block += payload
            if flags & END_HEADERS:
                fields, self.block = self.inflater.fields(self.block), b""
                status = int(dict(fields).get(":status", 0))
                if status == 0:
                    response.trailers = fields
                elif status < 200:
                    response.interim.append(status)
                else:
                    response.status, response.fields = status, dict(fields)
        elif kind == DATA:
            response.body += payload
            if self.greedy and payload:
                size = struct.pack(">I", len(payload))
                self.raw(frame(WINDOW_UPDATE, 0, 0, size) + frame(WINDOW_UPDATE, 0, stream, size))
        elif kind == WINDOW_UPDATE:
            if stream == 0:
                self.window += struct.unpack(">I", payload)[0]
            elif response:
                response.window += struct.unpack(">I", payload)[0]
        elif kind == RST_STREAM and response:
            response.reset, = struct.unpack(">I", payload)
        elif kind == GOAWAY:
            self.goaways.append(struct.unpack(">II", payload[:8]))
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            response.ended = True
        return True

    def response(self, stream):
        """All of it, or until it is reset."""
        response = self.responses[stream]
        while not response.ended and response.reset is None:
            assert self.step(), f"the connection ended; {self.goaways}"
        return response

    def ask(self, *arguments):
        return self.response(self.head(request(*arguments)))

    def ping(self):
        """Everything sent so far has been read by the other end, and answered where that does not take long."""
        for _ in range(2): # the first answer overtakes other frames
            if not self.pong():
                return False
        return True

    def pong(self):
        self.raw(frame(PING, 0, 0, b"12345678"))
        while self.step():
            kind, flags, _, payload = self.seen[-1]
            if kind == PING and flags & ACK and payload == b"12345678":
                return True
        return False

    def rest(self):
        """Read to the end of the connection; the code of the last GOAWAY, or None."""
        try:
            while self.step():
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        return self.goaways[-1][1] if self.goaways else None

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
