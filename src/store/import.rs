//! Profiles out of what other programs keep: `~/.practicus/core.conf`, the variables of the vendors' clients, the
//! address of an OpenID discovery document. Reading a text is pure; only [`practicus_file`] opens a file.
//!
//! Secrets that are variables stay variables: a profile gets `env:NAME` and never the value.

use std::path::{Path, PathBuf};

use url::Url;

use super::{StoreError, files};
use crate::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock::Timestamp,
    profile::{Profile, ProfileName},
};

/// What was found. Nothing is saved yet.
#[derive(Debug, Default)]
pub struct Imported {
    /// The profiles. Their names are unique among themselves; the caller looks for clashes with others.
    pub profiles: Vec<Profile>,
    /// The tokens that came with them.
    pub token_sets: Vec<(ProfileName, TokenSet)>,
    /// What was left out, and what the user should do. Partly foreign text, never a secret.
    pub warnings: Vec<String>,
}

impl Imported {
    fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// Adds a profile under the first free name: `eu-1`, `eu-1-2` …
    fn add(&mut self, name: &str, provider: &str, settings: &[(&str, &str)]) -> ProfileName {
        let wanted = name_of(name);
        let taken = |name: &ProfileName| self.profiles.iter().any(|profile| profile.name == *name);
        let numbered = |number| match number {
            1 => ProfileName::new(wanted.as_str()),
            number => ProfileName::new(format!("{wanted}-{number}")),
        };
        let name = (1..).filter_map(|number| numbered(number).ok()).find(|name| !taken(name));
        let name = name.expect("numbers do not end, and a shortened name has room for them");
        self.profiles.push(Profile {
            name: name.clone(),
            provider: provider.to_owned(),
            settings: settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            environment: None,
            tags: Vec::new(),
        });
        name
    }
}

/// A text as far as it can be the name of a profile, short enough to be numbered.
fn name_of(text: &str) -> String {
    let legal = |c: char| if c.is_alphanumeric() || "-_.@".contains(c) { c } else { '-' };
    let name: String = text.trim_start_matches(|c: char| !c.is_alphanumeric()).chars().map(legal).take(50).collect();
    if name.is_empty() { "imported".to_owned() } else { name }
}

/// Where the vendor's client of Practicus AI keeps its regions.
pub const PRACTICUS_FILE: &str = "~/.practicus/core.conf";

/// The regions of a `core.conf`; of [`PRACTICUS_FILE`] where no path is given.
pub fn practicus_file(path: Option<&Path>, now: Timestamp) -> Result<Imported, StoreError> {
    let path = path.map_or_else(|| PathBuf::from(PRACTICUS_FILE), Path::to_owned);
    let text = files::read(&path)?;
    let mut imported = practicus(&String::from_utf8_lossy(&text), now);
    #[cfg(unix)]
    if is_open(&files::expanded(&path)) {
        imported.warn(format!(
            "others on this machine can read the refresh tokens in {0} (the vendor's client creates it like this): chmod 600 {0}",
            path.display(),
        ));
    }
    Ok(imported)
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

/// The regions of a `core.conf`: one profile each, with the refresh token where there is one.
pub fn practicus(text: &str, now: Timestamp) -> Imported {
    let mut imported = Imported::default();
    let regions = sections(text).into_iter().filter(|section| section.name.starts_with("k8s_config_"));
    for region in regions {
        let Some(url) = region.value("host_url").and_then(address) else {
            imported.warn(format!("[{}] has no usable host_url and was skipped", region.name));
            continue;
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut settings = vec![("url", url.as_str().trim_end_matches('/'))];
        match region.value("email") {
            Some(email) => settings.push(("email", email)),
            None => settings.push(("login", "token")),
        }
        let label = region.value("region_name").unwrap_or(&host);
        let name = imported.add(&format!("practicus-{label}"), "practicus", &settings);
        if region.value("password").is_some() {
            imported.warn(format!(
                "{name}: the password in the file is only obfuscated, so anyone who can read the file can read it; it was not \
                 imported and is asked for at login",
            ));
        }
        match region.value("refresh_token") {
            None => imported.warn(format!("{name}: the file has no refresh token: log in")),
            Some(token) => {
                let raw = IssuedToken {
                    kind: TokenKind::Refresh,
                    raw: token.into(),
                    expires_at: None,
                    scheme: Scheme::BEARER,
                };
                let token_set = TokenSet {
                    tokens: vec![raw],
                    scope: None,
                    account: region.value("username").map(|username| format!("{username}@{host}")),
                    received_at: now,
                    remarks: vec!["imported: refresh to get an access token".to_owned()],
                };
                imported.token_sets.push((name, token_set));
            }
        }
    }
    if imported.profiles.is_empty() && imported.warnings.is_empty() {
        imported.warn("it contains no region: no section [k8s_config_0]");
    }
    imported
}

/// Profiles for the variables that the vendors' clients read; `variable` looks one up.
pub fn environment(variable: impl Fn(&str) -> Option<String>) -> Imported {
    let mut imported = Imported::default();
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.trim().is_empty());
    let url = |name: &str| {
        variable(name).map(|value| address(&value).map(|url| url.as_str().trim_end_matches('/').to_owned()))
    };

    match url("PRT_URL") {
        Some(Some(url)) => {
            let name = imported.add(
                "practicus",
                "practicus",
                &[("url", &url), ("login", "token"), ("token", "env:PRT_TOKEN")],
            );
            if !is_set("PRT_TOKEN") {
                imported.warn(format!("{name}: PRT_TOKEN is not set now, and a login needs it"));
            }
        }
        Some(None) => imported.warn("PRT_URL is not a URL and was skipped"),
        None if is_set("PRT_TOKEN") => imported.warn("PRT_TOKEN is set but PRT_URL is not: set both"),
        None => {}
    }

    match url("PASSWORK_HOST") {
        Some(Some(url)) => {
            let secrets = [
                ("access_token", "PASSWORK_TOKEN", "env:PASSWORK_TOKEN"),
                ("refresh_token", "PASSWORK_REFRESH_TOKEN", "env:PASSWORK_REFRESH_TOKEN"),
                ("master_key", "PASSWORK_MASTER_KEY", "env:PASSWORK_MASTER_KEY"),
            ];
            let found =
                secrets.iter().filter(|(_, name, _)| is_set(name)).map(|(key, _, reference)| (*key, *reference));
            let settings: Vec<_> = std::iter::once(("url", &*url)).chain(found).collect();
            let name = imported.add("passwork", "passwork", &settings);
            for (_, missing, _) in secrets[..2].iter().filter(|(_, name, _)| !is_set(name)) {
                imported.warn(format!("{name}: {missing} is not set now: its token is asked for at login"));
            }
            imported.warn(format!(
                "{name}: a refresh invalidates the pair in the variables, so they work for one login only"
            ));
        }
        Some(None) => imported.warn("PASSWORK_HOST is not a URL and was skipped"),
        None if is_set("PASSWORK_TOKEN") => imported.warn("PASSWORK_TOKEN is set but PASSWORK_HOST is not: set both"),
        None => {}
    }
    imported
}

/// A profile for the address of an issuer or of its discovery document (OpenID Connect Discovery §4, RFC 8414 §3.1).
/// What else it needs is in the warnings.
pub fn discovery(address_of_it: &str) -> Imported {
    let mut imported = Imported::default();
    let Some(mut issuer) = address(address_of_it) else {
        imported.warn("not the URL of an issuer, such as https://login.example.org");
        return imported;
    };
    let path = issuer.path().trim_end_matches('/').to_owned();
    let own = match path.strip_suffix("/.well-known/openid-configuration") {
        Some(own) => own.to_owned(),
        // RFC 8414 puts the well-known part in front of the issuer's own path.
        None => ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
            .iter()
            .find_map(|front| path.strip_prefix(front))
            .unwrap_or(&path)
            .to_owned(),
    };
    issuer.set_path(&own);
    issuer.set_query(None);
    issuer.set_fragment(None);
    let host = issuer.host_str().unwrap_or_default().to_owned();
    // An issuer is compared letter by letter: one without a path has no `/` at its end, unless the user wrote one.
    let as_written = |text: &str| own.is_empty() && path.is_empty() && text.trim().ends_with('/');
    let text = issuer.as_str();
    let text = if own.is_empty() && !as_written(address_of_it) { text.trim_end_matches('/') } else { text };
    let name = imported.add(&host, "oauth2", &[("issuer", text)]);
    imported.warn(format!("{name}: add the client_id that is registered for you at {host}"));
    imported
}

/// A URL as people write it into files: with or without its scheme.
fn address(text: &str) -> Option<Url> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&whole).ok()?;
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
    (usable && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// A section of an INI file as Python's `configparser` writes it.
struct Section<'a> {
    name: &'a str,
    values: Vec<(String, &'a str)>,
}

impl Section<'_> {
    fn value(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| name == key).map(|(_, value)| *value).filter(|value| !value.is_empty())
    }
}

/// `[section]`, `key = value` or `key: value`, `#` and `;` comments; keys in any case.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name.trim()) {
            sections.push(Section { name, values: Vec::new() });
        } else if let (Some(section), Some((key, value))) = (sections.last_mut(), line.split_once(['=', ':'])) {
            section.values.push((key.trim().to_lowercase(), value.trim()));
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock, secret::ExposeSecret as _};

    const CORE_CONF: &str = "\u{feff}# of the vendor's client\n[k8s]\ndefault_region_key = ada@eu.example.org\n\n\
        [k8s_config_0]\nhost_url = https://eu.example.org\nemail = ada@example.org\nusername = ada\n\
        password = Z0FBQUFBQm0=\nrefresh_token = eyJ.R.1==\ncluster_name = main\nregion_name = eu 1\n\n\
        [k8s_config_1]\nHost_URL: us.example.org:8443\nemail = ada@example.org\nusername = ada\nregion_name = eu 1\n\n\
        [k8s_config_2]\nemail = x\n";

    fn now() -> Timestamp {
        clock::parse("2026-11-21T21:35:38Z").unwrap()
    }

    fn setting<'a>(profile: &'a Profile, key: &str) -> Option<&'a str> {
        profile.settings.get(key).map(String::as_str)
    }

    #[test]
    fn each_region_becomes_a_profile_and_no_password_comes_along() {
        let imported = practicus(CORE_CONF, now());
        let names: Vec<_> = imported.profiles.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["practicus-eu-1", "practicus-eu-1-2"]);
        assert_eq!(setting(&imported.profiles[0], "url"), Some("https://eu.example.org"));
        assert_eq!(setting(&imported.profiles[0], "email"), Some("ada@example.org"));
        assert_eq!(setting(&imported.profiles[1], "url"), Some("https://us.example.org:8443"));
        let [(name, token_set)] = &*imported.token_sets else { panic!("one region has a refresh token") };
        assert_eq!(name.as_str(), "practicus-eu-1");
        assert_eq!(token_set.tokens[0].raw.expose_secret(), "eyJ.R.1==");
        assert_eq!(token_set.account.as_deref(), Some("ada@eu.example.org"));
        let warnings = imported.warnings.join("\n");
        assert!(warnings.contains("only obfuscated") && warnings.contains("practicus-eu-1-2: the file has no refresh"));
        assert!(warnings.contains("[k8s_config_2] has no usable host_url"), "{warnings}");
        assert!(!format!("{imported:?}").contains("Z0FBQUFBQm0"), "the password is nowhere");
        assert!(!format!("{imported:?}").contains("eyJ.R.1"), "and no token is shown");
    }

    #[test]
    fn a_file_that_is_something_else_says_so() {
        for text in ["", "hello", "[other]\nhost_url = https://x.example\n"] {
            let imported = practicus(text, now());
            assert!(imported.profiles.is_empty());
            assert!(imported.warnings[0].contains("k8s_config_0"), "{:?}", imported.warnings);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_warned_about() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("core.conf");
        std::fs::write(&path, CORE_CONF).unwrap();
        for (mode, open) in [(0o600, false), (0o644, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let warnings = practicus_file(Some(&path), now()).unwrap().warnings.join("\n");
            assert_eq!(warnings.contains("chmod 600"), open, "{warnings}");
        }
        assert!(practicus_file(Some(&folder.path().join("none")), now()).is_err());
    }

    #[test]
    fn variables_become_references() {
        let variables = [
            ("PRT_URL", "https://p.example/"),
            ("PRT_TOKEN", "s1"),
            ("PASSWORK_HOST", "pw.example"),
            ("PASSWORK_TOKEN", "s2"),
        ];
        let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let imported = environment(lookup);
        let [practicus, passwork] = &*imported.profiles else { panic!("two systems") };
        assert_eq!(setting(practicus, "url"), Some("https://p.example"));
        assert_eq!((setting(practicus, "login"), setting(practicus, "token")), (Some("token"), Some("env:PRT_TOKEN")));
        assert_eq!(setting(passwork, "url"), Some("https://pw.example"));
        assert_eq!(setting(passwork, "access_token"), Some("env:PASSWORK_TOKEN"));
        assert_eq!((setting(passwork, "refresh_token"), setting(passwork, "master_key")), (None, None));
        assert!(imported.warnings.iter().any(|warning| warning.contains("PASSWORK_REFRESH_TOKEN is not set")));
        assert!(!format!("{imported:?}").contains("\"s1\""));
        assert!(environment(|_| None).warnings.is_empty());
    }

    #[test]
    fn an_issuer_is_found_in_the_address_of_its_discovery_document() {
        let issuer = |text| discovery(text).profiles.first().map(|profile| profile.settings["issuer"].clone());
        let cases = [
            ("https://a.example/.well-known/openid-configuration", "https://a.example"),
            ("https://a.example/realms/x/.well-known/openid-configuration", "https://a.example/realms/x"),
            ("https://a.example/.well-known/oauth-authorization-server/t1", "https://a.example/t1"),
            ("https://a.example", "https://a.example"),
            ("https://a.example/", "https://a.example/"),
            ("a.example/t1", "https://a.example/t1"),
        ];
        for (address, expected) in cases {
            assert_eq!(issuer(address).as_deref(), Some(expected), "{address}");
        }
        assert_eq!(issuer("ftp://a.example"), None);
        assert_eq!(issuer("https://user:pw@a.example"), None);
    }
}
