"""An authority that issues certificates, and a responder that tells what it says of them."""
import datetime
import http.server
import re
import subprocess
import threading


class Issuer:
    """`openssl ca` in a folder, with the extensions of these sections. Who makes ca.crt and ca.key is up to others."""

    def __init__(self, folder, serial, sections, days=10):
        self.folder = folder
        self.folder.mkdir()
        (self.folder / "newcerts").mkdir()
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text(serial + "\n")
        (self.folder / "crlnumber").write_text("01\n")
        (self.folder / "ca.cnf").write_text(f"""[ca]
default_ca = it
[it]
dir = {self.folder}
database = $dir/index.txt
new_certs_dir = $dir/newcerts
serial = $dir/serial
crlnumber = $dir/crlnumber
certificate = $dir/ca.crt
private_key = $dir/ca.key
default_md = sha256
default_days = {days}
default_crl_days = 10
unique_subject = no
policy = any
[any]
commonName = supplied
{sections}""")

    def new_key(self, name):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"

    def openssl(self, *arguments, input=None):
        return subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60, input=input).stdout

    def path(self, name):
        return self.folder / name

    def issue(self, name, extensions="server"):
        self.openssl("req", "-new", *self.new_key(name), "-out", f"{name}.csr", "-subj", f"/CN={name}")
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-in", f"{name}.csr", "-out", f"{name}.crt", "-notext", "-extensions", extensions)
        return self.path(f"{name}.crt"), self.path(f"{name}.key")


class Authority(Issuer):
    """A root, an authority below it that issues, and a certificate that signs answers."""

    def __init__(self, folder, port):
        super().__init__(folder / "authority", "4F3C2B1A09F8E7D6C5B4A39281706F5E", f"""[authority]
basicConstraints = critical,CA:TRUE
keyUsage = keyCertSign,cRLSign,digitalSignature
authorityInfoAccess = caIssuers;URI:http://127.0.0.1:{port}/root.p7b
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
authorityInfoAccess = OCSP;URI:http://127.0.0.1:{port}/,caIssuers;URI:http://127.0.0.1:{port}/ca.der
[must]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
authorityInfoAccess = OCSP;URI:http://127.0.0.1:{port}/
tlsfeature = status_request
[silent]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
tlsfeature = status_request
[signer]
basicConstraints = CA:FALSE
extendedKeyUsage = OCSPSigning
""", days=90)
        self.openssl("req", "-x509", *self.new_key("root"), "-out", "root.crt", "-days", "10", "-subj", "/CN=Test root")
        self.openssl("req", "-new", *self.new_key("ca"), "-out", "ca.csr", "-subj", "/CN=Test authority")
        self.openssl("x509", "-req", "-in", "ca.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-days", "10",
                     "-extfile", "ca.cnf", "-extensions", "authority", "-out", "ca.crt")
        self.issue("signer", "signer")

    def revoke(self, name):
        self.openssl("ca", "-config", "ca.cnf", "-revoke", f"{name}.crt", "-crl_reason", "keyCompromise")

    def answer(self, request, minutes=60):
        """What OpenSSL's responder says."""
        number = threading.get_ident()
        self.path(f"request{number}").write_bytes(request)
        self.openssl("ocsp", "-index", "index.txt", "-CA", "ca.crt", "-rsigner", "signer.crt", "-rkey", "signer.key", "-reqin",
                     f"request{number}", "-respout", f"response{number}", "-nmin", str(minutes))
        return self.path(f"response{number}").read_bytes()

    def brief_answer(self, request, seconds):
        """"Good", for some seconds: OpenSSL's responder counts in minutes. Signed by the authority itself."""
        # SEQUENCE { tbsRequest { requestList { Request { CertID } } } }: the CertID is taken as it is
        identifier = inside(inside(inside(inside(request))))[:]
        now = datetime.datetime.now(datetime.timezone.utc)
        key_hash = self.openssl("x509", "-in", "ca.crt", "-noout", "-ocspid").decode()
        name_hash = bytes.fromhex(re.search(r"Public key OCSP hash: (\w+)", key_hash).group(1))
        single = der(0x30, first(identifier) + der(0x80, b"") + moment(now) + der(0xA0, moment(now + datetime.timedelta(seconds=seconds))))
        data = der(0x30, der(0xA2, der(0x04, name_hash)) + moment(now) + der(0x30, single))
        self.path("data").write_bytes(data)
        signature = self.openssl("dgst", "-sha256", "-sign", "ca.key", "data")
        ecdsa_with_sha256 = bytes.fromhex("300a06082a8648ce3d040302")
        basic = der(0x30, data + ecdsa_with_sha256 + der(0x03, b"\0" + signature))
        kind = bytes.fromhex("06092b0601050507300101")
        return der(0x30, der(0x0A, b"\0") + der(0xA0, der(0x30, kind + der(0x04, basic))))


def der(tag, content):
    size = len(content)
    head = bytes([size]) if size < 128 else bytes([0x80 | (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + head + content


def split(bytes_):
    """(head and content, content) of the first thing in it."""
    size, at = bytes_[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(bytes_[2:at], "big")
    return bytes_[:at + size], bytes_[at:at + size]


def first(bytes_):
    return split(bytes_)[0]


def inside(bytes_):
    return split(bytes_)[1]


def moment(time_):
    return der(0x18, time_.strftime("%Y%m%d%H%M%SZ").encode())


class Responder:
    """Answers with what `say(request)` gives: bytes, or (status, headers, bytes). Counts."""

    def __enter__(self):
        responder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                responder.fetched.append(self.path)
                self.answer(responder.files.get(self.path, (404, {}, b"")))

            def do_POST(self):
                request = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                responder.asked += 1
                self.answer(responder.say(request))

            def answer(self, said):
                status, headers, body = said if isinstance(said, tuple) else (200, {}, said)
                self.send_response(status)
                for name, value in {"Content-Type": "application/ocsp-response", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.asked = 0
        self.files, self.fetched = {}, []  # of GET: path -> what `say` gives
        self.say = lambda request: b""
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def stop(self):
        if self.thread:
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
            self.thread = None

    def __exit__(self, *_):
        self.stop()
