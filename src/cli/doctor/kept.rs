//! What is kept: configuration, profiles, settings, the vault and its key.

use std::path::PathBuf;

use super::Check;
use crate::{
    clock,
    host::process,
    session::{Location, check_keyring},
    store::{
        config::Config,
        identity::{Home, IdentityError, KeyringError},
        survey::Survey,
    },
    trouble::Told as _,
};

/// All of them, in the order of their printing.
pub(super) async fn checks(folder: &Location, keys: impl Fn(&Config) -> Vec<String>) -> Vec<Check> {
    let mut checks = Vec::new();
    match folder.survey() {
        Ok(survey) => {
            checks.push(configuration(folder, &survey));
            checks.push(profiles(folder));
            checks.extend(settings(folder, keys));
            checks.push(vault_folder(folder, &survey));
        }
        Err(error) => checks.push(Check::failed("configuration", &error)),
    }
    let home = folder.home().ok().flatten().or(folder.asked);
    let keyring = check_keyring().await;
    checks.push(key(folder, home, &keyring).await);
    checks.push(keyring_state(home, keyring));
    checks.push(match folder.holders() {
        Ok(0) => Check::ok("running", "no other tokscope holds the vault's key now"),
        Ok(count) => Check::ok("running", format!("{count} hold the vault's key; `tokscope lock` makes them drop it")),
        Err(error) => Check::failed("running", &error),
    });
    checks.push(match process::is_hardened() {
        Some(true) => Check::ok("memory", "protected from debuggers and your other programs; no core dumps"),
        Some(false) => Check::attention(
            "memory",
            "this system lets your other programs read it, or writes core dumps",
            "a container or a policy may forbid PR_SET_DUMPABLE or RLIMIT_CORE",
        ),
        None => Check::ok("memory", "this system does not report who can read it"),
    });
    checks
}

fn configuration(folder: &Location, survey: &Survey) -> Check {
    let shown = folder.config.display();
    if !survey.has_folder {
        return Check::ok("configuration", format!("{shown} does not exist yet: nothing is configured"));
    }
    if let Err(error) = folder.check() {
        return Check::failed("configuration", &error);
    }
    if let Some(path) = survey.foreign.first() {
        return Check::problem("configuration", format!("{} belongs to another user", path.display()), "chown it");
    }
    Check::ok("configuration", format!("{shown}"))
}

fn profiles(folder: &Location) -> Check {
    match folder.profiles().all() {
        Ok(profiles) if profiles.is_empty() => Check::ok("profiles", "none yet"),
        Ok(profiles) => Check::ok("profiles", format!("{}", profiles.len())),
        Err(error) => Check::failed("profiles", &error),
    }
}

/// The file, and what is wrong with the keys in it.
fn settings(folder: &Location, keys: impl Fn(&Config) -> Vec<String>) -> Vec<Check> {
    let file = folder.settings_file();
    let settings = match folder.settings() {
        Ok(settings) => settings,
        Err(error) => return vec![Check::failed("settings", &error)],
    };
    let whole = match file.exists() {
        true => Check::ok("settings", format!("{}", file.display())),
        false => Check::ok("settings", "no config.toml: the defaults apply"),
    };
    let mistake = |words| Check::attention("keys", words, "`tokscope keys` lists all commands and their keys");
    std::iter::once(whole).chain(keys(&settings).into_iter().map(mistake)).collect()
}

fn vault_folder(folder: &Location, survey: &Survey) -> Check {
    if !survey.has_vault {
        return Check::ok("vault", "nothing saved yet");
    }
    if let Some((path, mode)) = survey.exposed.first() {
        return Check::problem(
            "vault",
            format!("others can read {} (mode {mode:o})", path.display()),
            format!("chmod go-rwx {}", path.display()),
        );
    }
    let names = |paths: &[PathBuf]| {
        let names = paths.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
        names.collect::<Vec<_>>().join(", ")
    };
    if !survey.stray.is_empty() {
        return Check::attention(
            "vault",
            format!(
                "{} contains files that tokscope did not create: {}",
                folder.vault().display(),
                names(&survey.stray)
            ),
            "inspect them and move them away",
        );
    }
    if !survey.unfinished.is_empty() {
        return Check::attention(
            "vault",
            format!("half-written files remain: {}", names(&survey.unfinished)),
            "the next start removes those of the vault; you can delete those of the configuration",
        );
    }
    if folder.is_moving().unwrap_or(false) {
        return Check::attention(
            "vault",
            "a move of its key to another home is unfinished: both keys open it until then",
            "close other tokscopes; the next command that opens the vault finishes it",
        );
    }
    let profiles = match survey.records {
        1 => "1 profile has".to_owned(),
        count => format!("{count} profiles have"),
    };
    Check::ok("vault", format!("{profiles} saved data in {}", folder.vault().display()))
}

/// Whether the home has the key, without asking the user.
async fn key(folder: &Location, home: Option<Home>, keyring: &Result<(), KeyringError>) -> Check {
    const NAME: &str = "key";
    let is_new = folder.is_new().unwrap_or(false);
    let Some(home) = home else {
        return match keyring {
            _ if !is_new => Check::problem(
                NAME,
                "the vault exists, but the settings do not say where its key is kept",
                "write identity = \"…\" under [vault] in config.toml",
            ),
            Ok(()) => Check::ok(NAME, "the first login stores it in the keyring"),
            Err(error) => Check::attention(
                NAME,
                format!("no home chosen yet, and {error}"),
                IdentityError::Unchosen(error.clone()).hint().unwrap_or_default(),
            ),
        };
    };
    let place = format!("{home}: {}", home.meaning());
    let found = match (home, keyring) {
        (Home::Memory, _) => {
            return Check::attention(NAME, place, "to save tokens, choose another home: `tokscope vault home`");
        }
        _ if is_new => return Check::ok(NAME, format!("{place}; the first login creates it")),
        (Home::Keyring, Err(error)) => Err(error.clone().into()),
        _ => folder.check_key(home).await,
    };
    match found {
        Ok(()) if home == Home::Plain => {
            Check::attention(NAME, place, "`tokscope vault home keyring` or `… passphrase` moves it")
        }
        Ok(()) => match folder.cached_until() {
            Some(until) => Check::attention(
                NAME,
                format!(
                    "{place}; until {} also in the kernel's keyring, where your programs can read it",
                    clock::utc(until)
                ),
                "`tokscope lock` removes it from there",
            ),
            None => Check::ok(NAME, place),
        },
        Err(error) => Check { text: format!("{place}; {error}"), ..Check::failed(NAME, &error) },
    }
}

/// A keyring that is not needed is not a problem.
fn keyring_state(home: Option<Home>, keyring: Result<(), KeyringError>) -> Check {
    const NAME: &str = "keyring";
    match keyring {
        Ok(()) => Check::ok(NAME, "answers, and is unlocked"),
        Err(error) if home == Some(Home::Keyring) => Check::failed(NAME, &error),
        Err(error) if home.is_none() => Check::ok(NAME, error.to_string()),
        Err(error) => Check::ok(NAME, format!("{error}; not needed")),
    }
}
