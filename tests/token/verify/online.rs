//! `tokscope verify` with keys from the network, against the demo's OpenID provider, and with what a profile remembers.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;
use tokscope::demo::{Options, Server};

use crate::support::server::{Answer, Server as Script};
use crate::verify::binary;

/// A demo server, and an access token of its OpenID provider.
struct World {
    _server: Server,
    issuer: String,
    token: String,
    dir: TempDir,
}

impl World {
    fn start(runtime: &tokio::runtime::Runtime) -> Self {
        let server = runtime.block_on(Server::start(Options::default())).unwrap();
        let issuer = format!("{}/oidc", server.url());
        let dir = tempfile::tempdir().unwrap();
        let profile = format!(
            "[profile.service]\nprovider = \"oauth2\"\nissuer = \"{issuer}\"\ngrant = \"client_credentials\"\n\
             client_id = \"odd:service\"\nclient_secret = \"plain:p@ss:w%rd +/~\"\nscope = \"api\"\n\
             verify_key = \"discovery\"\n"
        );
        fs::write(dir.path().join("profiles.toml"), profile).unwrap();
        let (stdout, stderr, code) = binary::command(&["login", "service", "--json"], "", Some(dir.path()));
        assert_eq!(code, 0, "{stderr}");
        let set: Value = serde_json::from_str(&stdout).unwrap();
        let token = set["access_token"].as_str().unwrap_or_else(|| panic!("{stdout}")).to_owned();
        Self { _server: server, issuer, token, dir }
    }

    fn verify(&self, arguments: &[&str], token: &str) -> (String, String, i32) {
        let all: Vec<_> = ["verify"].iter().chain(arguments).copied().collect();
        binary::command(&all, token, Some::<&Path>(self.dir.path()))
    }
}

#[test]
fn keys_come_from_where_the_options_say() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = World::start(&runtime);
    let issuer = world.issuer.clone();

    let (stdout, stderr, code) = world.verify(&["--discover"], &world.token);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.starts_with("valid"), "{stdout}");
    assert!(stdout.contains("which the token itself names"), "{stdout}");
    let configuration = format!("fetching {issuer}/.well-known/openid-configuration\n");
    assert!(stderr.starts_with(&configuration) && stderr.lines().count() == 2, "{stderr}");
    let jwks = stderr.lines().last().unwrap().trim_start_matches("fetching ").to_owned();

    let (stdout, stderr, code) = world.verify(&["--jwks", &jwks], &world.token);
    assert_eq!((code, stderr), (0, format!("fetching {jwks}\n")), "{stdout}");

    let (stdout, _, code) = world.verify(&["--profile=service", "--json"], &world.token);
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &object["verdict"]), (0, &"valid".into()), "{stdout}");
    let iss = object["checks"].as_array().unwrap().iter().find(|check| check["check"] == "iss").unwrap();
    assert_eq!(iss["outcome"], "passed", "the profile's issuer is expected");

    // Another payload under the same signature.
    let mut parts: Vec<_> = world.token.split('.').collect();
    let other = "eyJzdWIiOiJtYWxsb3J5In0";
    parts[1] = other;
    let (stdout, _, code) = world.verify(&["--jwks", &jwks], &parts.join("."));
    assert_eq!(code, 1);
    assert!(stdout.starts_with("invalid signature"), "{stdout}");

    // Whom the user names is expected.
    let (stdout, _, code) = world.verify(&[&format!("--discover={issuer}")], &parts.join("."));
    assert!(code == 1 && stdout.contains("failed       iss"), "{stdout}");
}

#[test]
fn what_cannot_be_fetched_says_why() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = World::start(&runtime);
    let fails = |arguments: &[&str], words: &str| {
        let (stdout, stderr, code) = world.verify(arguments, &world.token);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(words) && stderr.contains("\nhint: "), "{words:?} in {stderr}");
    };
    let url = world.issuer.trim_end_matches("/oidc");
    fails(&["--jwks", &format!("{url}/fault/500")], "error: ");
    fails(&["--jwks", &format!("{}/.well-known/openid-configuration", world.issuer)], "not a key");
    fails(&["--jwks", "nowhere"], "is not a URL");
    fails(&["--key", &format!("{url}/jwks")], "--jwks");
    fails(&["--jwks", "http://login.example.org/jwks"], "http");
    fails(&[&format!("--discover={url}/nobody")], "publishes no metadata");
    fails(&["--profile=nobody"], "no profile is named nobody");
}

/// Who asks an issuer is told where it leads before that is asked.
#[test]
fn keys_at_another_host_are_announced() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = World::start(&runtime);
    let jwks = format!("{}/jwks", world.issuer);
    let metadata = format!(r#"{{"issuer":"ISS","jwks_uri":"{jwks}"}}"#);
    let script = runtime.block_on(Script::start(move |request| {
        let host = format!("http://{}", request.header("host").unwrap());
        Answer::json(200, &metadata.replace("ISS", &host))
    }));
    let (_, stderr, _) = world.verify(&[&format!("--discover={}", script.url())], &world.token);
    let expected = [
        format!("fetching {}/.well-known/openid-configuration", script.url()),
        format!("the keys of {} are at {jwks}", script.url()),
        format!("fetching {jwks}"),
    ];
    assert_eq!(stderr.lines().collect::<Vec<_>>(), expected);
}
