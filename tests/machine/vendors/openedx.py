"""Open edX's own client, edx-rest-api-client: OAuthAPIClient and the functions beneath it."""

import json
import sys

import django
import requests
from django.conf import settings

system = json.load(open(sys.argv[1]))["openedx"]
settings.configure(
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, OPENEDX_TELEMETRY=[])
django.setup()

import jwt
from edx_rest_api_client.client import OAuthAPIClient, get_oauth_access_token

service = next(c for c in system["clients"] if c["client_id"] == "grades-service")
client = OAuthAPIClient(system["url"], service["client_id"], service["client_secret"])
assert client.get(system["me"]).json() == {"username": "grades_worker"}

# The documented way to check a token: HS256, `lms-secret`, audience `lms-key`.
token = client.get_jwt_access_token()
claims = jwt.decode(token, "lms-secret", algorithms=["HS256"], audience="lms-key", issuer=system["url"] + "/oauth2")
assert claims["grant_type"] == "client-credentials", claims

# A refresh by the client's own function; a second one with the same token must fail.
user, public = system["users"][0], next(c for c in system["clients"] if c["client_secret"] is None)
login = requests.post(system["token_endpoint"], data={
    "grant_type": "password", "client_id": public["client_id"], "token_type": "JWT",
    "username": user["username"], "password": user["password"],
}).json()
refresh = lambda: get_oauth_access_token(
    system["url"], public["client_id"], None, grant_type="refresh_token", refresh_token=login["refresh_token"])
access, _ = refresh()
me = requests.get(system["me"], headers={"Authorization": f"JWT {access}"}).json()
assert me == {"username": user["username"]}, me
for call, status in [(refresh, 400), (lambda: get_oauth_access_token(system["url"], "grades-service", "wrong"), 401)]:
    try:
        call()
    except requests.HTTPError as error:
        assert error.response.status_code == status, error
    else:
        raise AssertionError(f"no HTTP {status}")

bearer, _ = get_oauth_access_token(system["url"], service["client_id"], service["client_secret"], token_type="bearer")
assert requests.get(system["me"], headers={"Authorization": f"Bearer {bearer}"}).status_code == 200

print("openedx: edx-rest-api-client logs in, refreshes, is refused, and calls the API")
