#!/usr/bin/env bash
# The recipes of the README, each taken from there and run with the program that it is for, against the demo's server.
# Usage: recipes.sh PATH_OF_TOKSCOPE
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'kill "${server:-}" "${proxy:-}" 2>/dev/null || true; tmux -L "tokscope-$$" kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir -m 700 "$folder/bin" "$folder/config" "$folder/home"
ln -s "$(realpath "$1")" "$folder/bin/tokscope"
export PATH=$folder/bin:$PATH HOME=$folder/home TOKSCOPE_CONFIG_DIR=$folder/config TOKSCOPE_IDENTITY=plain
export LMS_PASSWORD=analytical-engine

fail() { echo "FAILED: $1" >&2; shift; printf '%s\n' "$@" >&2; exit 1; }
# What stands in the code block behind the mark, with our server in the place of the README's.
recipe() {
  local text
  text=$(awk -v mark="<!-- recipe $1 -->" '$0 == mark { found = 1; next } found && /^```/ { if (inside) exit; inside = 1; next } inside' \
    README.md)
  [ -n "$text" ] || fail "the README has no recipe $1"
  printf '%s\n' "${text//https:\/\/lms.example.org/$url}"
}
told=""
check() {
  case $2 in *"$3"*) told="$told $1" ;; *) fail "$1: no $3 in" "$2" ;; esac
}

exec 3< <(exec tokscope --config-dir "$folder/demo" demo --serve --access-ttl 3600 2>/dev/null)
server=$!
read -r line <&3
url=$(jq -r .url <<<"$line")
add() { tokscope profile add "$@" --set username=ada --set password=env:LMS_PASSWORD --quiet; }
add lms --provider openedx --set "url=$url" --set client_id=login-service-client-id

# CI comes first: it logs in.
check ci "$(bash -euc "$(recipe ci)" 2>/dev/null)" '"username"'
check curl "$(bash -euc "$(recipe curl)" 2>/dev/null)" '"username"'
check httpie "$(bash -euc "$(recipe httpie)")" '"ada"'

mkdir "$folder/home/project"
recipe direnv >"$folder/home/project/.envrc"
(cd "$folder/home/project" && direnv allow . 2>/dev/null)
check direnv "$(direnv exec "$folder/home/project" sh -c 'echo "$TOKSCOPE_ACCESS_TOKEN"' 2>/dev/null)" "$(tokscope token lms)"

git init -q "$folder/home/repository"
helper=$(recipe git)
(cd "$folder/home/repository" && bash -euc "$helper")
filled=$(cd "$folder/home/repository" && printf 'protocol=https\nhost=git.example.org\n\n' | GIT_TERMINAL_PROMPT=0 git credential fill)
check git "$filled" "password=$(tokscope token lms)"

# kubectl sends nothing of the user's but over TLS: what arrives there is printed back.
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
exec 4< <(exec python3 - "$folder" <<'PY'
import http.server, json, ssl, sys
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"authorization": self.headers["Authorization"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("localhost", 0), Echo)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + "/cert.pem", sys.argv[1] + "/key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
PY
)
proxy=$!
read -r port <&4
{
  printf 'apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- name: c\n  cluster: {server: "https://localhost:%s", certificate-authority: %s}\n' \
    "$port" "$folder/cert.pem"
  printf 'contexts:\n- name: c\n  context: {cluster: c, user: me}\nusers:\n'
  recipe kubectl
} >"$folder/kubeconfig"
check kubectl "$(kubectl --kubeconfig "$folder/kubeconfig" get --raw /api </dev/null)" "Bearer $(tokscope token lms)"

line=$(tokscope status --format line)
command=$(recipe starship | python3 -c 'import sys, tomllib; print(tomllib.loads(sys.stdin.read())["custom"]["tokscope"]["command"])')
check starship "$(bash -euc "$command")" "lms"
recipe tmux >"$folder/tmux.conf"
tmux -L "tokscope-$$" -f "$folder/tmux.conf" new-session -d -x 80 -y 24 'sleep 600'
TERM=xterm script -qfc "tmux -L tokscope-$$ attach" "$folder/screen" </dev/null >/dev/null 2>&1 &
for _ in $(seq 400); do
  if grep -qa lms "$folder/screen" 2>/dev/null; then break; fi
  sleep 0.05
done
check tmux "$(tr -d "\0" <"$folder/screen")" "lms"

headers=$(bash -euc "$(recipe mcp | jq -r '.mcpServers.lms.headersHelper')" </dev/null)
jq -r 'to_entries[] | .key + ": " + .value' <<<"$headers" >"$folder/headers"
check mcp "$(curl -sS -H "@$folder/headers" "$url/api/user/v1/me")" '"username"'

grep -o '<!-- recipe [a-z]* -->' README.md | while read -r _ _ name _; do
  case "$told " in *" $name "*) ;; *) fail "the recipe $name was not tried" ;; esac
done
echo "the recipes:$told, all well; the line of a prompt: $line"
