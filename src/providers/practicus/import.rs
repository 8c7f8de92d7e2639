//! What the vendor's client keeps: the regions of `~/.practicus/core.conf`, and its variables.

use crate::{
    auth::{
        IssuedToken, Scheme, TokenKind, TokenSet,
        import::{Imported, Importer, Reads, Variables, address},
    },
    clock::Timestamp,
};

pub(super) static IMPORTERS: [Importer; 2] = [
    Importer {
        id: "practicus",
        label: "Practicus AI's client",
        help: "regions of ~/.practicus/core.conf, with their refresh tokens",
        reads: Reads::File { usual: "~/.practicus/core.conf", read: core_conf },
    },
    Importer::variables("PRT_URL, PRT_TOKEN", variables),
];

/// The regions of a `core.conf`: one profile each, with the refresh token where there is one.
fn core_conf(text: &str, now: Timestamp, imported: &mut Imported) {
    let regions = sections(text).into_iter().filter(|section| section.name.starts_with("k8s_config_"));
    for region in regions {
        let Some(url) = region.value("host_url").and_then(address) else {
            imported.warn(format!("[{}] has no valid host_url and was left out", region.name));
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
                "{name}: the password in the file is only obfuscated, so anyone who can read the file has it; it was not \
                 imported and is asked for at login",
            ));
        }
        match region.value("refresh_token") {
            None => imported.warn(format!("{name}: the file has no refresh token; log in")),
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
        imported.warn("the file has no region, that is, no section [k8s_config_0]");
    }
}

fn variables(variables: &Variables<'_>, imported: &mut Imported) {
    match variables.url("PRT_URL") {
        Some(Ok(url)) => {
            let settings = [("url", &*url), ("login", "token"), ("token", "env:PRT_TOKEN")];
            let name = imported.add("practicus", "practicus", &settings);
            if !variables.is_set("PRT_TOKEN") {
                imported.warn(format!("{name}: PRT_TOKEN is not set, and a login needs it"));
            }
        }
        Some(Err(problem)) => imported.warn(problem),
        None if variables.is_set("PRT_TOKEN") => imported.warn("PRT_TOKEN is set but PRT_URL is not; set both"),
        None => {}
    }
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
    use crate::{clock, profile::Profile, secret::ExposeSecret as _};

    const CORE_CONF: &str = "\u{feff}# of the vendor's client\n[k8s]\ndefault_region_key = ada@eu.example.org\n\n\
        [k8s_config_0]\nhost_url = https://eu.example.org\nemail = ada@example.org\nusername = ada\n\
        password = Z0FBQUFBQm0=\nrefresh_token = eyJ.R.1==\ncluster_name = main\nregion_name = eu 1\n\n\
        [k8s_config_1]\nHost_URL: us.example.org:8443\nemail = ada@example.org\nusername = ada\nregion_name = eu 1\n\n\
        [k8s_config_2]\nemail = x\n";

    fn now() -> Timestamp {
        clock::parse("2026-11-21T21:35:38Z").unwrap()
    }

    fn practicus(text: &str, now: Timestamp) -> Imported {
        let mut imported = Imported::default();
        core_conf(text, now, &mut imported);
        imported
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
        assert!(warnings.contains("[k8s_config_2] has no valid host_url"), "{warnings}");
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

    #[test]
    fn variables_become_references() {
        let set = [("PRT_URL", "https://p.example/"), ("PRT_TOKEN", "s1")];
        let lookup = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let mut imported = Imported::default();
        variables(&Variables::new(&lookup), &mut imported);
        let [practicus] = &*imported.profiles else { panic!("{imported:?}") };
        assert_eq!(setting(practicus, "url"), Some("https://p.example"));
        assert_eq!((setting(practicus, "login"), setting(practicus, "token")), (Some("token"), Some("env:PRT_TOKEN")));
        assert!(imported.warnings.is_empty() && !format!("{imported:?}").contains("\"s1\""));
        let mut imported = Imported::default();
        variables(&Variables::new(&|name| (name == "PRT_TOKEN").then(|| "s1".to_owned())), &mut imported);
        assert_eq!(imported.warnings, ["PRT_TOKEN is set but PRT_URL is not; set both"]);
        let mut imported = Imported::default();
        variables(&Variables::new(&|_| None), &mut imported);
        assert!(imported.warnings.is_empty() && imported.profiles.is_empty());
    }
}
