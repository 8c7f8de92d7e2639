//! The real binary without its screen, against the demo server: login, refresh, revoke, probe, profiles, providers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokscope::{
    auth::NoInteraction,
    demo::{Options, Server},
    profile::ProfileName,
    store::{
        identity::{self, Home, Keyring, Site},
        vault::Vault,
    },
};

use crate::support::program::{Done, tokscope};

const PASSWORD: &str = "analytical-engine";

/// A demo server, and a configuration with the profile `lms` in it.
struct World {
    server: Server,
    dir: TempDir,
}

impl World {
    async fn new() -> Self {
        let server = Server::start(Options::default()).await.unwrap();
        let world = Self { server, dir: tempfile::tempdir().unwrap() };
        world.write(&world.profile("lms", world.server.url(), ""));
        world
    }

    fn profile(&self, name: &str, url: &str, more: &str) -> String {
        format!(
            "# by hand\n[profile.{name}]\nprovider = \"openedx\"\nurl = \"{url}\" # mine\nusername = \"ada\"\n\
             client_id = \"login-service-client-id\"\npassword = \"env:LMS_PASSWORD\"\n{more}\n"
        )
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("profiles.toml")
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn run(&self, line: &str) -> Done {
        self.piped(line, "", &[("LMS_PASSWORD", PASSWORD)])
    }

    /// Runs a command whose arguments have no blanks in them, and whose vault is in memory. Whoever runs the tests in a terminal is not asked
    /// anything: questions come in the tests with a terminal of their own.
    fn piped(&self, line: &str, stdin: &str, environment: &[(&str, &str)]) -> Done {
        self.start(line, Some(stdin), environment)
    }

    /// With nothing piped in: it is about what is saved, and the key of the vault is in a file.
    fn saved(&self, line: &str, environment: &[(&str, &str)]) -> Done {
        let plain = [&[("LMS_PASSWORD", PASSWORD), ("TOKSCOPE_IDENTITY", "plain")], environment].concat();
        self.start(line, None, &plain)
    }

    fn start(&self, line: &str, stdin: Option<&str>, environment: &[(&str, &str)]) -> Done {
        let mut command = tokscope(self.dir.path(), line.split_whitespace());
        command.envs(environment.iter().copied());
        match stdin {
            Some(text) => Done::piped(&mut command, text),
            None => Done::of(&mut command),
        }
    }

    /// The token set of a login.
    fn login(&self) -> Value {
        self.run("login lms --json").json()
    }
}

fn secrets(set: &Value) -> [&str; 2] {
    ["access_token", "refresh_token"].map(|key| set[key].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn login_shows_tokens_only_when_asked() {
    let world = World::new().await;
    let set = world.login();
    let keys: Vec<_> = set.as_object().unwrap().keys().map(String::as_str).collect();
    let documented = [
        "profile",
        "provider",
        "access_token",
        "token_type",
        "expires_at",
        "refresh_token",
        "refresh_token_expires_at",
        "id_token",
        "scope",
        "account",
        "received_at",
        "remarks",
    ];
    assert_eq!(keys, documented);
    assert_eq!((&set["profile"], &set["token_type"], &set["id_token"]), (&json!("lms"), &json!("JWT"), &Value::Null));

    let done = world.run("login lms");
    assert_eq!(done.code, 0, "{done:?}");
    for shown in
        ["logged in with lms (Open edX)", "scope ", "access ", "expires in 1m ", "+00:00", "Z\n", "fingerprint"]
    {
        assert!(done.stdout.contains(shown), "{shown:?} in {}", done.stdout);
    }
    assert!(!format!("{done:?}").contains("eyJ") && !format!("{done:?}").contains(PASSWORD), "{done:?}");

    let header = world.run("login lms --show header").stdout;
    assert!(header.starts_with("Authorization: JWT eyJ") && header.ends_with('\n') && header.lines().count() == 1);
    assert!(world.run("login lms --show access").stdout.starts_with("eyJ"));
    world.run("login lms --show id").fails(2, "gave no id token");
    let help = world.run("login --help").stdout;
    assert!(documented.iter().all(|key| help.contains(key)), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_login_names_what_happened_and_changes_nothing() {
    let world = World::new().await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = world.server.url();
    let faults = [
        ("gone", format!("http://{closed}"), 2, "connection refused"),
        ("html", format!("{url}/fault/500"), 2, "HTTP 500"),
        ("page", format!("{url}/fault/login-page"), 2, "Sign in to the network"),
        ("garbage", format!("{url}/fault/garbage"), 2, "is not a token response"),
        ("silent", format!("{url}/fault/slow"), 2, "did not answer within 1 s"),
        ("moved", format!("{url}/fault/redirect"), 2, "redirects"),
        ("busy", format!("{url}/fault/429"), 2, "fewer requests"),
        ("clear", "http://lms.example.org".to_owned(), 2, "plain http"),
    ];
    let profiles: String = faults.iter().map(|(name, url, ..)| world.profile(name, url, "timeout = 1")).collect();
    world.write(&(world.profile("lms", url, "") + &profiles));
    let before = world.text();
    for (name, _, code, words) in &faults {
        let done = world.run(&format!("login {name} --json"));
        done.fails(*code, words);
        assert!(!done.stderr.contains(PASSWORD) && !done.stderr.contains('\u{202e}'), "{done:?}");
    }
    let wrong = world.piped("login lms", "", &[("LMS_PASSWORD", "m4rker!")]);
    wrong.fails(1, "invalid_grant");
    assert!(wrong.stderr.contains("check user name and password") && !wrong.stderr.contains("m4rker"), "{wrong:?}");
    world.piped("login lms", "", &[]).fails(2, "LMS_PASSWORD is not set");
    world.run("login nobody").fails(2, "no profile is named nobody");
    world.run("login ../x").stderr.contains("profile's name").then_some(()).unwrap();
    assert_eq!(world.text(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_fails_instead_of_asking() {
    let world = World::new().await;
    world.write(&world.text().replace("env:LMS_PASSWORD", "prompt"));
    world.run("login lms --no-input").fails(2, "Password is needed, and this run cannot ask for it");
    world.run("profile remove lms --no-input").fails(2, "This run cannot ask");
    assert!(world.text().contains("[profile.lms]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_set_goes_from_command_to_command() {
    let world = World::new().await;
    let first = world.login();
    let second = world.piped("refresh lms - --json", &first.to_string(), &[]).json();
    assert_ne!(secrets(&first), secrets(&second), "the server rotates");
    assert_eq!(first.as_object().unwrap().len(), second.as_object().unwrap().len());

    let dead = world.piped("refresh lms --json", &first.to_string(), &[]);
    dead.fails(1, "invalid_grant");
    assert!(dead.stderr.contains("log in again"));
    secrets(&first).iter().for_each(|secret| assert!(!dead.stderr.contains(secret), "{dead:?}"));

    // The refresh token alone, bare. Where the new one would be lost nothing is sent: it still works afterwards.
    let bare = format!("{}\n", secrets(&second)[1]);
    for lossy in ["refresh lms", "refresh lms --show access"] {
        let done = world.piped(lossy, &bare, &[]);
        done.fails(2, "would be lost");
        assert!(!format!("{done:?}").contains("eyJ"), "{done:?}");
    }
    let done = world.piped("refresh lms --show refresh", &bare, &[]);
    assert!(done.code == 0 && done.stdout.trim() != bare.trim() && !done.stdout.contains("eyJ"), "{done:?}");

    // A file, and the response of a server as it was.
    let third = world.login();
    let file = world.dir.path().join("tokens.json");
    fs::write(&file, json!({"refresh_token": secrets(&third)[1], "expires_in": 3600}).to_string()).unwrap();
    let done = world.run(&format!("refresh lms @{} --json", file.display())).json();
    assert!(done["access_token"].as_str().unwrap().starts_with("eyJ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_do_not_fit_are_sent_nowhere() {
    let world = World::new().await;
    let set = world.login();
    world.write(&(world.text() + &world.profile("other", world.server.url(), "")));
    world.piped("refresh other", &set.to_string(), &[]).fails(2, "tokens of the profile lms, not of other");
    world.piped("refresh lms", "", &[]).fails(2, "standard input is empty");
    world.piped("refresh lms", "{\"access_token\": \"m4rker", &[]).fails(2, "not a complete JSON object");
    let argument = world.run("probe lms m4rker-m4rker-m4rker-m4rker");
    argument.fails(2, "not accepted as arguments");
    assert!(!argument.stderr.contains("m4rker"));
    world.piped("revoke lms", secrets(&set)[1], &[]).fails(2, "access or a refresh token");
    let access = json!({"access_token": secrets(&set)[0]}).to_string();
    world.piped("refresh lms", &access, &[]).fails(2, "no refresh token");
    // None of that has used the tokens up.
    world.piped("refresh lms --json", &set.to_string(), &[]).json();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_whose_end_nobody_knows_says_so() {
    let world = World::new().await;
    world.write(&world.profile("lms", &format!("{}/fault/cut", world.server.url()), ""));
    let set = json!({"refresh_token": "m4rker-refresh-token"}).to_string();
    let done = world.piped("refresh lms --json", &set, &[]);
    done.fails(2, "its state is unknown");
    assert!(!done.stderr.contains("m4rker"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_tells_the_fate_of_each_token() {
    let world = World::new().await;
    let set = world.login();
    let done = world.piped("revoke lms --json", &set.to_string(), &[]);
    assert_eq!(done.code, 1, "the access token was not asked for: {done:?}");
    let done: Value = serde_json::from_str(&done.stdout).unwrap();
    let fates: Vec<_> = done["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (&t["kind"], &t["asked"], &t["status"], &t["verdict"]))
        .collect();
    let (no, yes) = (&json!(false), &json!(true));
    let refresh = (&json!("refresh"), yes, &json!(200), &json!("unknown"));
    assert_eq!(fates, [refresh, (&json!("access"), no, &json!(null), &json!("alive_until"))]);
    assert!(done["tokens"][1]["until"].as_str().unwrap().ends_with('Z') && done["tokens"][0]["until"].is_null());
    assert!(done["tokens"][1]["reason"].as_str().unwrap().contains("a JWT cannot be revoked"));
    world.piped("refresh lms --json", &set.to_string(), &[]).fails(1, "invalid_grant");

    let access = json!({"access_token": secrets(&set)[0], "token_type": "JWT"}).to_string();
    let done = world.piped("revoke lms", &access, &[]);
    assert_eq!(done.code, 1, "it was not asked: {done:?}");
    assert!(done.stdout.starts_with("access    ") && done.stdout.contains("still active: a JWT"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_in_a_protected_environment_needs_its_name() {
    let world = World::new().await;
    world.write(&world.profile("lms", world.server.url(), "environment = \"prod-eu\""));
    let set = world.login().to_string();
    let refused = world.piped("revoke lms --no-input", &set, &[]);
    refused.fails(2, "lms: in the protected environment prod-eu");
    refused.fails(2, "--yes-env prod-eu confirms");
    world.piped("revoke lms --no-input --yes-env prod", &set, &[]).fails(2, "--yes-env names another environment");
    // Nothing was revoked so far: the refresh token still works, and is another one then.
    let set = world.piped("refresh lms --json", &set, &[]).json().to_string();
    assert_eq!(world.piped("revoke lms --no-input --yes-env PROD-EU", &set, &[]).code, 1, "a JWT cannot be asked for");
    world.piped("refresh lms --json", &set, &[]).fails(1, "invalid_grant");
    // A typed name that fits nothing is a mistake elsewhere, too.
    world.write(&world.profile("lms", world.server.url(), ""));
    world.piped("revoke lms --yes-env prod", &set, &[]).fails(2, "lms has no environment");
    // The settings say which environments are protected.
    world.write(&world.profile("lms", world.server.url(), "environment = \"prod-eu\""));
    fs::write(world.dir.path().join("config.toml"), "[environments]\nprotected = [\"live\"]\n").unwrap();
    let set = world.login().to_string();
    assert_eq!(world.piped("revoke lms --no-input", &set, &[]).code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn probe_says_accepted_rejected_or_unclear() {
    let world = World::new().await;
    let set = world.login();
    let accepted = world.piped("probe lms --json", &set.to_string(), &[]).json();
    let expected = json!({"profile": "lms", "acceptance": "accepted", "status": 200, "account": "ada",
        "detail": "the token is accepted"});
    assert_eq!(accepted, expected);
    // A bare JWT finds its scheme, with and without a word before it.
    let raw = secrets(&set)[0];
    for text in [raw.to_owned(), format!("Authorization: JWT {raw}\n")] {
        let done = world.piped("probe lms", &text, &[]);
        assert_eq!((done.code, done.stdout.starts_with("accepted (HTTP 200) · account ada")), (0, true), "{done:?}");
    }
    let altered = format!("{}AAAA", &raw[..raw.len() - 4]);
    let done = world.piped("probe lms", &altered, &[]);
    assert_eq!((done.code, done.stdout.starts_with("rejected (HTTP 401)")), (1, true), "{done:?}");
    assert!(!format!("{done:?}").contains(&altered));

    // There is an object in any case, also where there was no answer.
    for (fault, status) in [("429", json!(null)), ("500", json!(500)), ("cut", json!(null))] {
        world.write(&world.profile("lms", &format!("{}/fault/{fault}", world.server.url()), ""));
        let done = world.piped("probe lms --json", raw, &[]);
        let object: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{fault}: {done:?}"));
        assert_eq!((done.code, &object["acceptance"], &object["status"]), (2, &json!("unclear"), &status), "{fault}");
        assert!(object["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{fault}: {object}");
    }
    let done = world.piped("probe nobody --json", raw, &[]);
    assert!(done.code == 2 && done.stdout.contains("no profile is named nobody"), "{done:?}");

    world.write(&world.profile("lms", &format!("{}/fault/500", world.server.url()), ""));
    let done = world.piped("probe lms", raw, &[]);
    assert_eq!((done.code, done.stdout.starts_with("unclear (HTTP 500)")), (2, true), "{done:?}");
    assert!(done.stderr.contains("hint: "), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_from_add_to_remove() {
    let world = World::new().await;
    let url = world.server.url();
    let add = format!(
        "profile add b --provider openedx --set url={url} --set client_id=login-service-client-id --set username=ada \
         --set password=plain:{PASSWORD} --set timeout=7 --environment prod --tag work --tag lms"
    );
    let done = world.run(&add);
    assert_eq!((done.code, done.stdout.as_str()), (0, ""), "{done:?}");
    assert!(done.stderr.contains("shell's history") && !done.stderr.contains(PASSWORD), "{done:?}");
    assert_eq!(fs::metadata(world.file()).unwrap().permissions().mode() & 0o777, 0o600);
    world.run(&add).fails(2, "the profile b already exists");

    let shown = world.run("profile show b --json").json();
    let keys: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["name", "provider", "environment", "tags", "settings", "problems"]);
    assert_eq!(shown["settings"]["password"], "plain:••••");
    assert_eq!((&shown["tags"], &shown["environment"]), (&json!(["work", "lms"]), &json!("prod")));
    let text = world.run("profile show b").stdout;
    assert!(text.contains("plain:••••") && text.contains("password (default)") && !text.contains(PASSWORD), "{text}");
    world.run("login b --json").json();

    assert_eq!(world.run("profile edit b --set timeout=9 --unset password --untag lms --environment=").code, 0);
    let shown = world.run("profile list --json").json();
    assert_eq!(shown[0]["settings"]["timeout"], "9");
    assert_eq!((&shown[0]["environment"], &shown[0]["tags"]), (&Value::Null, &json!(["work"])));
    assert_eq!(shown[0]["settings"].get("password"), None);
    assert_eq!(world.run("profile list").stdout.lines().count(), 2);
    world.run("profile edit b").fails(2, "nothing to change");
    world.run("profile edit b --unset ca_file").fails(2, "does not set ca_file");

    assert_eq!(world.run("profile duplicate b c").code, 0);
    world.run("profile duplicate b lms").fails(2, "already");
    for name in ["b", "c"] {
        assert_eq!(world.run(&format!("profile remove {name} --yes")).code, 0);
    }
    world.run("profile show b").fails(1, "no profile is named b");
    world.run("profile remove b --yes").fails(1, "no profile is named b");
    let text = world.text();
    assert!(text.contains("# by hand\n[profile.lms]") && text.contains("# mine"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_saved_while_anything_is_wrong() {
    let world = World::new().await;
    let before = world.text();
    let done = world.run("profile add b --provider openedx --set url=x --set password=m4rker --set colour=red");
    done.fails(2, "b is not valid");
    for all in ["url: must be", "client_id: is missing", "username: is missing", "password: write", "colour: Open edX"]
    {
        assert!(done.stderr.contains(all), "{all} in {}", done.stderr);
    }
    assert!(!done.stderr.contains("m4rker"), "{done:?}");
    let done = world.run("profile edit lms --set m4rker");
    done.fails(2, "--set number 1 is not KEY=VALUE");
    assert!(!done.stderr.contains("m4rker"), "{done:?}");
    world.run("profile edit lms --set password=m4rker").fails(2, "password: write prompt");
    world.run("profile add b --provider nonsense").fails(2, "no provider has the id");
    assert_eq!(world.text(), before);

    // A profile that was broken by hand is listed with what is wrong, and its bare secret stays hidden.
    world.write("[profile.x]\nprovider = \"openedx\"\npassword = \"m4rker\"\nsecret = \"m4rker\\u001b[2J\"\n");
    for line in ["profile list", "profile show x", "profile list --json", "login x"] {
        let done = world.run(line);
        assert!(format!("{done:?}").contains("client_id") && !format!("{done:?}").contains("m4rker"), "{done:?}");
    }
    world.write("[profile.x\n");
    world.run("profile list").fails(2, "line 1");
    world.run("profile add b --provider pasted").fails(2, "line 1");
    assert_eq!(world.text(), "[profile.x\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_imported_and_never_overwritten_silently() {
    let world = World::new().await;
    let variables = [("PRT_URL", "https://p.example"), ("PRT_TOKEN", "m4rker")];
    let import = |line: &str, variables: &[(&str, &str)]| world.piped(&format!("profile import {line}"), "", variables);
    let done = import("environment", &variables);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("added practicus") && !world.text().contains("m4rker"), "{done:?}");
    let settings = &world.run("profile show practicus --json").json()["settings"];
    assert_eq!(settings, &json!({"login": "token", "token": "env:PRT_TOKEN", "url": "https://p.example"}));

    let moved = [("PRT_URL", "https://q.example"), ("PRT_TOKEN", "m4rker")];
    let before = world.text();
    let done = import("environment", &moved);
    assert_eq!((done.code, done.stderr.contains("--replace")), (1, true), "{done:?}");
    assert_eq!(world.text(), before);
    assert_eq!(import("environment --replace", &moved).code, 0);
    assert!(world.text().contains("q.example"));

    let file = world.dir.path().join("core.conf");
    let section = "[k8s_config_0]\nhost_url = https://eu.example\nemail = a@b.example\npassword = m4rker\n";
    fs::write(&file, format!("{section}refresh_token = m4rker\n")).unwrap();
    let done = import(&format!("practicus {}", file.display()), &[]);
    assert_eq!((done.code, done.stderr.contains("only obfuscated")), (0, true), "{done:?}");
    assert!(!format!("{done:?}{}", world.text()).contains("m4rker"));

    import("openid https://login.example.org", &[]).fails(2, "client_id: is missing");
    assert!(!world.text().contains("login.example.org"));
    let done = import("openid https://login.example.org/.well-known/openid-configuration --set client_id=x", &[]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(
        world.run("profile show login.example.org --json").json()["settings"]["issuer"],
        "https://login.example.org"
    );
    import("environment", &[]).fails(1, "nothing to import");
    import("practicus /no/such/file", &[]).fails(2, "/no/such/file");
}

/// What is saved goes where the profile goes, in the command line as on the screen.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_follows_the_profile() {
    let world = World::new().await;
    world.write(
        &(world.profile("lms", world.server.url(), "remember_secrets = true")
            + &world.profile("b", "https://b.example", "")),
    );
    assert_eq!(world.run("profile rename b c").code, 0, "nothing is saved of it, so no key is needed");
    assert_eq!(world.saved("login lms", &[]).code, 0);
    world.run("profile rename lms campus").fails(2, "needs the key of the vault");
    world.run("profile rename lms c").fails(2, "needs the key");
    world.saved("profile rename lms c", &[]).fails(2, "the profile c already exists");
    world.saved("profile rename nobody d", &[]).fails(1, "no profile is named nobody");
    world.saved("profile rename lms lms", &[]).fails(2, "already has this name");
    let done = world.saved("profile rename lms campus", &[]);
    assert_eq!((done.code, done.stderr.as_str()), (0, "renamed lms to campus\n"), "{done:?}");
    assert!(world.text().contains("# by hand\n[profile.campus]"), "{}", world.text());
    assert_eq!(world.saved("refresh campus", &[]).code, 0);
    // What the profile does not let be remembered any more is forgotten, which needs the key.
    let (folder, name) = (world.dir.path().join("vault"), ProfileName::new("campus").unwrap());
    let site = Site { folder: &folder, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
    let vault = Vault::open(world.dir.path(), identity::existing(Home::Plain, &site).await.unwrap()).unwrap();
    vault.remember(&name, "password", Some("m4rker".into())).unwrap();
    assert_eq!(world.run("profile edit campus --tag work").code, 0, "that needs none");
    world.run("profile edit campus --unset remember_secrets").fails(2, "needs the key of the vault");
    assert!(vault.secret(&name, "password").unwrap().is_some());
    let done = world.saved("profile edit campus --unset remember_secrets", &[]);
    assert!(done.code == 0 && !done.stderr.contains("remark"), "{done:?}");
    assert!(vault.secret(&name, "password").unwrap().is_none());
    // A profile that comes by that name again has nothing of the old one.
    world.write(&(world.text() + &world.profile("lms", world.server.url(), "")));
    world.saved("refresh lms", &[]).fails(2, "profile lms has no tokens");
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_are_imported_with_their_profile() {
    let world = World::new().await;
    let file = world.dir.path().join("core.conf");
    fs::write(&file, "[k8s_config_0]\nhost_url = https://eu.example\nemail = a@b.example\nrefresh_token = m4rker\n")
        .unwrap();
    let line = format!("profile import practicus {}", file.display());
    let done = world.saved(&line, &[]);
    assert!(done.code == 0 && done.stderr.contains(", with its tokens"), "{done:?}");
    let header = world.saved("copy practicus-eu.example --what refresh --for 1s", &[]);
    assert!(header.stderr.contains("no clipboard") || header.code == 0, "there is one to be copied: {header:?}");
    let done = world.saved(&line, &[]);
    assert!(done.code == 1 && done.stderr.contains("already exists, unchanged\n"), "{done:?}");
    assert!(!format!("{done:?}{}", world.text()).contains("m4rker"));
    for file in fs::read_dir(world.dir.path().join("vault")).unwrap().map(|file| file.unwrap().path()) {
        assert!(!file.is_file() || !String::from_utf8_lossy(&fs::read(file).unwrap()).contains("m4rker"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_are_listed_from_their_descriptors() {
    let world = World::new().await;
    let list = world.run("providers --json").json();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|provider| provider["id"].as_str().unwrap()).collect();
    let all: Vec<_> = tokscope::providers::ALL.iter().map(|provider| provider.descriptor().id).collect();
    assert_eq!(ids, all);
    let openedx = world.run("providers openedx --json").json();
    let grant = openedx[0]["fields"].as_array().unwrap().iter().find(|field| field["key"] == "grant").unwrap();
    assert_eq!(grant["choices"], json!(["password", "client_credentials"]));
    assert_eq!((&grant["kind"], &grant["default"]), (&json!("choice"), &json!("password")));
    assert_eq!(openedx[0]["capabilities"]["revoke"], true);
    let text = world.run("providers").stdout;
    assert!(all.iter().all(|id| text.contains(&format!("{id}  "))), "{text}");
    world.run("providers nonsense").fails(1, "no provider has the id");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_the_browser_prints_its_page() {
    let world = World::new().await;
    let profile = |name: &str, grant: &str| {
        let url = world.server.url();
        format!(
            "[profile.{name}]\nprovider = \"oauth2\"\nissuer = \"{url}/oidc\"\nclient_id = \"tokscope-cli\"\n{grant}\n"
        )
    };
    world.write(&(profile("web", "scope = \"openid\"") + &profile("device", "grant = \"device_code\"")));
    for name in ["web", "device"] {
        world.run(&format!("login {name} --no-input")).fails(2, "this run cannot ask for it");
    }
    let mut child = tokscope(world.dir.path(), ["login", "web", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with("open this page")).unwrap();
    let page = format!("{}&auto=approve", line.split_whitespace().last().unwrap());
    #[allow(clippy::disallowed_methods, reason = "this one plays the browser")]
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(browser.get(page).send().await.unwrap().status().is_success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let set: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(set["id_token"].as_str().unwrap().starts_with("eyJ"), "{set}");
    assert_eq!(world.piped("probe web", &set.to_string(), &[]).code, 0);
    assert_eq!(world.piped("revoke web", &set.to_string(), &[]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_login_brings_is_saved_and_found_by_the_other_commands() {
    let world = World::new().await;
    world.saved("refresh lms", &[]).fails(2, "profile lms has no tokens");
    let done = world.saved("login lms", &[]);
    assert!(done.code == 0 && done.stderr.contains("saved in ") && done.stderr.contains("(key: plain)"), "{done:?}");
    let vault = world.dir.path().join("vault");
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(vault.clone()), mode(vault.join("identity.txt"))), (0o700, 0o600));
    let done = world.saved("probe lms", &[]);
    assert_eq!((done.code, done.stdout.starts_with("accepted")), (0, true), "{done:?}");
    // The server rotates: each refresh needs what the one before it saved.
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(secrets(&world.saved("refresh lms --json", &[]).json())[1].to_owned());
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
    let done = world.saved("refresh lms", &[]);
    assert!(done.code == 0 && done.stderr.contains("saved in "), "{done:?}");
    assert!(!format!("{done:?}").contains("eyJ"));

    // Piped tokens are nobody's but the pipe's.
    let piped = world.login();
    world.piped("refresh lms --json", &piped.to_string(), &[("TOKSCOPE_IDENTITY", "plain")]).json();
    assert_eq!(world.saved("refresh lms", &[]).code, 0);
    let before = secrets(&world.saved("refresh lms --json", &[]).json())[0].to_owned();
    world.saved("login lms --no-store --json", &[]).json();
    assert!(!world.saved("login lms --no-store", &[]).stderr.contains("saved"));
    assert_eq!(world.saved("probe lms", &[]).code, 0);
    assert!(!before.is_empty());

    assert_eq!(world.saved("revoke lms", &[]).code, 1, "the server cannot be asked for a JWT");
    world.saved("refresh lms", &[]).fails(1, "invalid_grant");
    let unasked = world.saved("token lms --min-ttl 1h", &[]);
    assert!(unasked.code != 0 && unasked.stderr.contains("log in again"), "{unasked:?}");
    // Whoever logs in first can still end what was there before.
    assert_eq!(world.saved("login lms", &[]).code, 0);
    world.saved("revoke lms --generation 99", &[]).fails(2, "generations: ");
    let kept = world.saved("revoke lms --generation all --json", &[]);
    assert_eq!(kept.code, 1, "access tokens cannot be asked for: {kept:?}");
    let kept: Value = serde_json::from_str(&kept.stdout).unwrap();
    let generations: std::collections::BTreeSet<_> =
        kept["tokens"].as_array().unwrap().iter().map(|token| token["generation"].as_u64().unwrap()).collect();
    assert!(generations.len() > 2, "{kept}");
    for entry in fs::read_dir(&vault).unwrap() {
        let text = String::from_utf8_lossy(&fs::read(entry.unwrap().path()).unwrap()).into_owned();
        assert!(seen.iter().all(|token| !text.contains(token)) && !text.contains("eyJ"));
    }
}

/// Who types a command wants it sent, whatever became of the ones before, and whether or not they can be asked something.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_by_hand_is_sent_however_often_there_was_no_answer() {
    let world = World::new().await;
    assert_eq!(world.saved("login lms", &[]).code, 0);
    let well = world.profile("lms", world.server.url(), "");
    world.write(&world.profile("lms", &format!("{}/fault/cut", world.server.url()), ""));
    for _ in 0..4 {
        let done = world.saved("refresh lms --no-input", &[]);
        assert!(done.code == 2 && done.stderr.contains("so its state is unknown"), "{done:?}");
    }
    world.write(&well);
    let done = world.saved("refresh lms --no-input", &[]);
    assert_eq!(done.code, 0, "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_home_for_the_key_nothing_is_sent_and_it_says_how_to_choose() {
    let world = World::new().await;
    let bus = format!("unix:path={}", world.dir.path().join("no-bus").display());
    let mut command = tokscope(world.dir.path(), ["login", "lms"]);
    command.env("DBUS_SESSION_BUS_ADDRESS", &bus).env_remove("TOKSCOPE_IDENTITY");
    let Done { stderr: said, code, .. } = Done::of(&mut command);
    assert_eq!(code, 2);
    for words in ["no home chosen yet", "no keyring available", "--identity passphrase", "TOKSCOPE_IDENTITY"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(!world.dir.path().join("vault").exists() && !world.dir.path().join("config.toml").exists());

    // A choice for this run is the choice from now on, until another one is made.
    assert_eq!(world.saved("login lms", &[]).code, 0);
    let home = world.start("vault home", None, &[("TOKSCOPE_IDENTITY", "plain")]);
    assert!(home.stdout.starts_with("plain: the key of the vault in "), "{home:?}");
    assert!(fs::read_to_string(world.dir.path().join("config.toml")).unwrap().contains("\nidentity = \"plain\"\n"));
    let lost = world.saved("login lms", &[("TOKSCOPE_IDENTITY", "passphrase")]);
    lost.fails(2, "is not kept in this home: passphrase");
    world.saved("vault home memory", &[]).fails(2, "nothing to move");
    world.saved("vault home passphrase --no-input", &[]).fails(2, "this run cannot ask for it");
    assert_eq!(world.saved("probe lms", &[]).code, 0, "the key is where it was");
    world.saved("vault home elsewhere", &[]).stderr.contains("keyring, passphrase").then_some(()).unwrap();
}
