"""Passwork's own client, passwork-python: the three ways to rotate, and a call after expiry."""

import json
import sys

from passwork_client.exceptions import PassworkError
from passwork_client.passwork_client import PassworkClient

system = json.load(open(sys.argv[1]))["passwork"]
INFO = "/api/v1/users/info"


def client(pair, **options):
    client = PassworkClient(system["url"], **options)
    client.set_tokens(pair["accessToken"], pair["refreshToken"])
    return client


fresh = client(system["fresh"])
assert fresh.call("GET", INFO)["login"] == "ada"
for update in (fresh.update_tokens, fresh.update_access_token, fresh.update_refresh_token, fresh.update_tokens):
    before = (fresh.access_token, fresh.refresh_token)
    update()
    assert before != (fresh.access_token, fresh.refresh_token)
    assert fresh.call("GET", INFO)["login"] == "ada"

# An expired access token: an error without auto_refresh, a renewed pair with it.
try:
    client(system["expired"]).call("GET", INFO)
except PassworkError as error:
    assert error.code == "token_expired", error
else:
    raise AssertionError("the expired access token was accepted")
expired = client(system["expired"], auto_refresh=True)
assert expired.call("GET", INFO)["login"] == "ada"
assert expired.access_token != system["expired"]["accessToken"]

# The old pair is dead.
try:
    client(system["expired"]).update_tokens()
except PassworkError as error:
    assert error.code == "refresh_token_failed", error
else:
    raise AssertionError("a used refresh token was accepted")

print("passwork: passwork-python rotates pairs and single tokens, refreshes by itself, and is refused")
