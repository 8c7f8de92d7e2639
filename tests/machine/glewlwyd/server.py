"""Glewlwyd, Debian's package, in a folder of its own: JWT access tokens, a user ada, confidential clients. Prints its issuer
once it answers.
    server.py FOLDER
"""

import json
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

folder = pathlib.Path(sys.argv[1])
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
url = f"http://127.0.0.1:{port}"

database = sqlite3.connect(folder / "glewlwyd.db")
database.executescript(pathlib.Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3").read_text())
database.commit()
database.close()
modules = "/usr/lib/glewlwyd"
(folder / "none").mkdir()
(folder / "glewlwyd.conf").write_text(f"""
port={port}
bind_address="127.0.0.1"
external_url="{url}"
api_prefix="api"
log_mode="console"
log_level="WARNING"
cookie_domain="127.0.0.1"
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
user_middleware_module_path="{folder}/none"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.db" }};
""")
glewlwyd = subprocess.Popen(["glewlwyd", f"--config-file={folder}/glewlwyd.conf"], stdout=sys.stderr)
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: glewlwyd.terminate())

cookie = ""


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Cookie": cookie}
    request = urllib.request.Request(f"{url}/api/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers.get("Set-Cookie", "").split(";")[0]


for _ in range(200):
    try:
        cookie = call("POST", "auth/", {"username": "admin", "password": "password"})
        break
    except urllib.error.HTTPError as error:
        sys.exit(f"login of the administrator: {error} {error.read().decode()}")
    except OSError:
        if glewlwyd.poll() is not None:
            sys.exit("glewlwyd has ended")
        time.sleep(0.05)

try:
    parameters = {
        "iss": f"{url}/api/oidc",
        "jwt-type": "sha",
        "jwt-key-size": "256",
        "key": "not a secret: this server lives for one test run",
        "access-token-duration": 3600,
        "refresh-token-duration": 86400,
        "code-duration": 600,
        "refresh-token-rolling": False,
        "refresh-token-one-use": "always",
        "allow-non-oidc": True,
        "auth-type-code-enabled": True,
        "auth-type-token-enabled": True,
        "auth-type-id-token-enabled": True,
        "auth-type-none-enabled": True,
        "auth-type-password-enabled": True,
        "auth-type-client-enabled": True,
        "auth-type-refresh-enabled": True,
        "introspection-revocation-allowed": True,
        "introspection-revocation-allow-target-client": True,
        "subject-type": "public",
    }
    call("POST", "mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": parameters})
    user = {"username": "ada", "password": "analytical-engine", "enabled": True, "scope": ["openid"]}
    call("POST", "user/", user)
    for name in ("cli", "other"):
        client = {
            "client_id": name,
            "name": name,
            "confidential": True,
            "client_secret": f"{name}-secret",
            "token_endpoint_auth_method": ["client_secret_basic"],
            "authorization_type": ["password", "refresh_token", "delete_token"],
            "scope": ["openid"],
            "enabled": True,
        }
        call("POST", "client/", client)
except urllib.error.HTTPError as error:
    glewlwyd.terminate()
    sys.exit(f"{error.url}: {error} {error.read().decode()}")
print(f"{url}/api/oidc", flush=True)
sys.exit(glewlwyd.wait())
