//! Profiles of all kinds, some of them at servers with a fault, each with a session.

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt as _};

use serde_json::Value;
use tokscope::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock, demo,
    profile::ProfileName,
    store::vault::Journal,
};

use crate::world::World;

/// One profile on each of these servers.
const FAULTS: [&str; 10] = [
    "fault/slow",
    "fault/500",
    "fault/cut",
    "fault/lost",
    "liar/429-every-3",
    "liar/revoke-503",
    "liar/noop",
    "liar/too-much",
    "liar/same-token",
    REFUSES,
];
/// The refresh token is dead, and there is no other way.
const REFUSES: &str = "liar/honest";

/// What a profile is one of, beside those on faulty servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    OpenEdx,
    Opaque,
    Jwt,
    Seta,
    Practicus,
    Passwork,
    Command,
    Pasted,
}

const KINDS: [Kind; 8] =
    [Kind::OpenEdx, Kind::Opaque, Kind::Jwt, Kind::Seta, Kind::Practicus, Kind::Passwork, Kind::Command, Kind::Pasted];

pub(super) struct Fleet {
    pub(super) world: World,
    /// Each has a server of its own, whose counts are its own.
    servers: BTreeMap<String, String>,
}

/// The place of a profile in the fleet.
fn place(name: &str) -> usize {
    name[1..].parse().unwrap()
}

fn kind(place: usize) -> Kind {
    match FAULTS.get(place) {
        Some(fault) if fault.starts_with("fault/") => Kind::OpenEdx,
        Some(_) => Kind::Opaque,
        None => KINDS[place % KINDS.len()],
    }
}

impl Fleet {
    pub(super) fn new(profiles: usize) -> Self {
        let options = demo::Options { access_ttl: 3_600, truth: true, ..demo::Options::default() };
        let world = World::empty(options);
        let key = world.path().join("seta.pem");
        std::fs::write(&key, world.seta_key()).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let mut fleet = Self { world, servers: BTreeMap::new() };
        let mut text = String::new();
        for place in 0..profiles {
            let name = format!("p{place:03}");
            let server = match FAULTS.get(place) {
                // Its logins are those of the honest one, until it has a session.
                Some(fault) if fault.starts_with("fault/") => String::new(),
                Some(mode) => format!("/{mode}.{place}"),
                None => format!("/liar/honest.{place}"),
            };
            let url = format!("{}{server}", fleet.world.url());
            text += &format!("[profile.{name}]\n{}\n\n", settings(kind(place), &url, key.to_str().unwrap()));
            fleet.servers.insert(name, url);
        }
        std::fs::write(fleet.world.path().join("profiles.toml"), text).unwrap();
        fleet.names().for_each(|name| fleet.seed(name));
        for (place, fault) in FAULTS.iter().enumerate().take(profiles) {
            let name = format!("p{place:03}");
            if fault.starts_with("fault/") {
                let url = format!("{}/{fault}", fleet.world.url());
                fleet.world.amend(&name, &format!("url = \"{url}\"\ntimeout = 2"));
            }
            if *fault == REFUSES {
                fleet.world.amend(&name, "password = \"prompt\"");
            }
        }
        fleet
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.servers.keys().map(String::as_str)
    }

    /// Gives a profile a session: one that its next rotation can begin with as it began with the last.
    pub(super) fn seed(&self, name: &str) {
        let adopt = |kinds| self.world.session().adopt(&ProfileName::new(name).unwrap(), made_up(kinds)).unwrap();
        let login = || {
            let arguments = ["login", name, "--no-input", "--quiet"];
            let mut done = self.world.run(&arguments);
            if done.1.contains("429") {
                // Every third one.
                done = self.world.run(&arguments);
            }
            assert_eq!(done.2, 0, "{name}: {done:?}");
        };
        match kind(place(name)) {
            // Once its server has refused a refresh token, that one is not tried again.
            _ if FAULTS.get(place(name)) == Some(&REFUSES) => adopt(&[TokenKind::Access, TokenKind::Refresh]),
            Kind::Pasted => adopt(&[TokenKind::Unknown]),
            Kind::Passwork => {
                self.world.amend(name, "login = \"password\"");
                login();
                self.world.amend(name, "login = \"pasted\"");
            }
            _ => login(),
        }
    }

    /// Whose session is used up by a rotation that has no way.
    pub(super) fn strand(&self) {
        self.names().filter(|name| FAULTS.get(place(name)) == Some(&REFUSES)).for_each(|name| self.seed(name));
    }

    /// What its record says of its last rotation.
    pub(super) fn journals(&self) -> BTreeMap<String, Journal> {
        let session = self.world.session();
        let journal = |name: &str| session.record(&ProfileName::new(name).unwrap()).unwrap()?.rotation;
        self.names().filter_map(|name| Some((name.to_owned(), journal(name)?))).collect()
    }

    /// How often something was done at a profile's server; `None`: others use it too.
    pub(super) fn count(&self, totals: &Value, name: &str, what: &str) -> Option<u64> {
        let server = self.servers.get(name).filter(|server| server.contains("/liar/"))?;
        // A Passwork begins with two sessions.
        let systems = totals[server].as_object().into_iter().flatten().filter(|(system, _)| *system != "passwork");
        Some(systems.filter_map(|(_, counts)| counts[what].as_u64()).sum())
    }
}

fn settings(kind: Kind, url: &str, key: &str) -> String {
    let ada = "username = \"ada\"\npassword = \"plain:analytical-engine\"";
    let openid = |client: &str| {
        format!(
            "provider = \"oauth2\"\nissuer = \"{url}/oidc\"\ngrant = \"password\"\nclient_id = \"{client}\"\n\
             scope = \"openid profile email\"\n{ada}"
        )
    };
    match kind {
        Kind::OpenEdx => {
            format!("provider = \"openedx\"\nurl = \"{url}\"\nclient_id = \"login-service-client-id\"\n{ada}")
        }
        Kind::Opaque => openid("opaque-legacy"),
        Kind::Jwt => openid("legacy"),
        Kind::Seta => format!("provider = \"seta\"\nurl = \"{url}\"\nusername = \"ada\"\nprivate_key = \"file:{key}\""),
        Kind::Practicus => format!(
            "provider = \"practicus\"\nurl = \"{url}\"\nemail = \"ada@example.org\"\n\
             password = \"plain:analytical-engine\""
        ),
        // Who has pasted a pair has a refresh, and no login.
        Kind::Passwork => format!(
            "provider = \"passwork\"\nurl = \"{url}\"\nlogin = \"pasted\"\naccess_token = \"prompt\"\n\
             refresh_token = \"prompt\"\n{ada}"
        ),
        Kind::Command => "provider = \"command\"\ncommand = \"echo a-token-that-never-changes\"".to_owned(),
        Kind::Pasted => format!("provider = \"pasted\"\nprobe_url = \"{url}/api/me\""),
    }
}

/// Tokens that nobody has issued.
fn made_up(kinds: &[TokenKind]) -> TokenSet {
    let token = |kind: &TokenKind| IssuedToken {
        kind: *kind,
        raw: format!("nobody-issued-this-{kind}-token").as_str().into(),
        expires_at: None,
        scheme: Scheme::BEARER,
    };
    let tokens = kinds.iter().map(token).collect();
    TokenSet { tokens, scope: None, account: None, received_at: clock::now(), remarks: Vec::new() }
}
