"""SeTA's documented way in: sign a random message with PyCryptodome, as its sample code does; then refresh and call."""

import json
import random
import string
import sys

import requests
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

system = json.load(open(sys.argv[1]))["seta"]
url = system["url"]
key = RSA.import_key(system["private_key"])


def login(provider):
    message = "".join(random.choice(string.ascii_lowercase) for _ in range(20))
    signature = pkcs1_15.new(key).sign(SHA256.new(message.encode()))
    payload = {
        "username": "ada",
        "provider": provider,
        "rsa_original_message": message,
        "rsa_message_signature": signature.hex(),
    }
    headers = {"Content-Type": "application/json"}
    return requests.post(f"{url}/authentication/v1/token", data=json.dumps(payload), headers=headers)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


assert login("ECAS").status_code == 400
pair = login("ecas").json()
for _ in range(2):
    user = requests.get(f"{url}/authentication/v1/user-info", headers=bearer(pair["access_token"])).json()
    assert user["email"] == "ada@example.org", user
    corpus = requests.post(
        f"{url}/seta-search/api/v1/corpus", json={"term": "data"}, headers=bearer(pair["access_token"]))
    assert corpus.status_code == 200, corpus.text
    used = pair["refresh_token"]
    pair = requests.post(f"{url}/authentication/v1/token/refresh", headers=bearer(used)).json()
    again = requests.post(f"{url}/authentication/v1/token/refresh", headers=bearer(used))
    assert (again.status_code, again.json()) == (401, {"msg": "Token has been revoked"}), again.text

print("seta: the documentation's signature logs in, refreshes twice, and calls the API")
