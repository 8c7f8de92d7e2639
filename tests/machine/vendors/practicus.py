"""Practicus AI's own client, practicuscore: login, both tokens, a new access token, login by token, refusals."""

import base64
import json
import sys
from importlib.metadata import version

import practicuscore as prt

system = json.load(open(sys.argv[1]))["practicus"]
url = system["url"]


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def refused(**credentials):
    try:
        prt.auth.login(url=url, save_config=False, **credentials)
    except Exception:
        return
    raise AssertionError("the login was not refused")


ada, grace = system["users"]
region = prt.auth.login(url=url, email=ada["email"], password=ada["password"])
assert region.key.startswith("ada@127.0.0.1"), region.key
refresh, access = prt.auth.get_refresh_and_access_token()
assert [claims(token)["token_type"] for token in (refresh, access)] == ["refresh", "access"]
assert claims(access)["sub"] == ada["email"]
assert claims(prt.auth.get_access_token())["token_type"] == "access"

prt.auth.login(url=url, refresh_token=refresh, save_config=False)
prt.auth.login(url=url, token=access, save_config=False)
prt.auth.login(
    url=url, email=grace["email"], password=grace["password"], one_time_password=grace["otp_code"], save_config=False)
refused(email=ada["email"], password="wrong")
refused(email=grace["email"], password=grace["password"], one_time_password="000000")

print(f"practicus: practicuscore {version('practicuscore')} logs in three ways, refreshes, and is refused")
