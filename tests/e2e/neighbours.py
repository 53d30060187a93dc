"""Other web servers for end-to-end tests: nginx and Apache, each with a folder, a port or socket of its own."""
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import Skip, free_port, wait_until


class Server:
    """A process with a folder; `with` ends both."""

    def __init__(self, program, paths=("/usr/sbin", "/usr/bin")):
        self.program = next((f"{path}/{program}" for path in paths if pathlib.Path(path, program).exists()), None)
        if not self.program:
            raise Skip(f"{program} is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"bindery-{program}-"))
        self.process = None

    def start(self, *arguments):
        self.process = subprocess.Popen([self.program, *map(str, arguments)], stdout=subprocess.DEVNULL,
                                        stderr=open(self.folder / "stderr", "ab"))
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


NGINX = """
daemon off; worker_processes 1; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off; client_max_body_size 200m; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000;
    {http}
}}
"""


class Nginx(Server):
    """`http`: what stands inside its http block; {folder} is its folder."""

    def __init__(self, http):
        super().__init__("nginx")
        (self.folder / "conf").write_text(NGINX.format(folder=self.folder, http=http.format(folder=self.folder),
                                                       user="user root;" if os.geteuid() == 0 else ""))

    def __enter__(self):
        self.start("-p", self.folder, "-c", self.folder / "conf", "-e", self.folder / "error.log")
        wait_until(lambda: (self.folder / "pid").exists(), what="nginx")
        return self


class Neighbour(Nginx):
    """An application that answers every GET with its name and the path it was asked for, on a Unix socket."""

    def __init__(self, name="neighbour"):
        super().__init__("server {{ listen unix:{folder}/sock; location / {{ default_type text/plain; return 200 \"" +
                         name + " $uri\"; }} }}")
        self.target = f"unix:{self.folder}/sock"


class TlsNginx(Nginx):
    """Terminates TLS and passes everything on to `port`."""

    def __init__(self, certificate, key, port):
        self.port = free_port()
        super().__init__("server {{ listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s;"
                         " location / {{ proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1;"
                         " proxy_set_header Connection \"\"; proxy_set_header Host $http_host;"
                         " proxy_set_header X-Forwarded-Proto https; }} }}" % (self.port, certificate, key, port))


APACHE = """
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
ServerName localhost
Listen 127.0.0.1:{port}
{modules}
SSLEngine on
SSLCertificateFile {certificate}
SSLCertificateKeyFile {key}
ProxyPreserveHost On
RequestHeader set X-Forwarded-Proto https
ProxyPass / http://127.0.0.1:{to}/
"""


class TlsApache(Server):
    """The same as TlsNginx, by Apache."""

    MODULES = ("mpm_event", "authz_core", "ssl", "proxy", "proxy_http", "headers", "socache_shmcb")

    def __init__(self, certificate, key, port):
        super().__init__("apache2")
        self.port = free_port()
        modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in self.MODULES)
        (self.folder / "conf").write_text(APACHE.format(folder=self.folder, port=self.port, modules=modules,
                                                        certificate=certificate, key=key, to=port))

    def __enter__(self):
        self.start("-D", "FOREGROUND", "-d", self.folder, "-f", self.folder / "conf")
        wait_until(lambda: (self.folder / "pid").exists(), what="Apache")
        return self
