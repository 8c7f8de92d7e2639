//! `tokscope profile add|edit|remove|duplicate`.

use std::path::Path;

use crate::{
    auth::{FieldKind, SecretRef, Settings},
    cli::{
        Failure, Verdict,
        call::{find, find_in, profile_name},
        interaction::Terminal,
        output,
        providers::unknown,
    },
    profile::{Profile, ProfileName},
    providers,
    store::{
        identity, profiles,
        vault::{self, Reserved, Vault},
    },
    text::typed,
};

/// `tokscope profile add`.
#[derive(Debug, Clone, clap::Args)]
pub struct Add {
    /// The name of the new profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// The auth system's id: `tokscope providers` lists them
    #[arg(long, value_name = "ID")]
    pub provider: String,

    /// A setting; may be given more than once. Write secrets as env:NAME, file:PATH, cmd:PROGRAM or prompt
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,

    /// Such as prod or staging, shown beside the name
    #[arg(long, value_name = "WORD")]
    pub environment: Option<String>,

    /// A word to filter by; may be given more than once
    #[arg(long = "tag", value_name = "WORD")]
    pub tags: Vec<String>,
}

/// `tokscope profile edit`.
#[derive(Debug, Clone, clap::Args)]
pub struct Edit {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// A new value for a setting; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,

    /// A setting to remove; may be given more than once
    #[arg(long, value_name = "KEY")]
    pub unset: Vec<String>,

    /// Such as prod or staging; an empty value removes it
    #[arg(long, value_name = "WORD")]
    pub environment: Option<String>,

    /// A word to filter by, to add; may be given more than once
    #[arg(long = "tag", value_name = "WORD")]
    pub tags: Vec<String>,

    /// A word to filter by, to remove; may be given more than once
    #[arg(long = "untag", value_name = "WORD")]
    pub untags: Vec<String>,
}

/// `tokscope profile remove`.
#[derive(Debug, Clone, clap::Args)]
pub struct Remove {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,

    /// Never ask: fail unless --yes is given
    #[arg(long)]
    pub no_input: bool,
}

/// `tokscope profile duplicate`.
#[derive(Debug, Clone, clap::Args)]
pub struct Duplicate {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// The name of the copy
    #[arg(value_name = "NEW", value_parser = profile_name)]
    pub new: ProfileName,
}

impl Add {
    pub(super) fn run(&self, dir: &Path) -> Result<Verdict, Failure> {
        let mut profile = Profile {
            name: self.name.clone(),
            provider: self.provider.clone(),
            settings: Default::default(),
            environment: self.environment.clone().filter(|word| !word.is_empty()),
            tags: Vec::new(),
        };
        tag(&mut profile, &self.tags);
        set(&mut profile, &self.settings)?;
        let added = profiles::update(dir, |all| {
            refuse_taken(all, &self.name)?;
            check(&profile).map(|()| profile)
        })?;
        told(dir, &added, &self.settings, "added")
    }
}

impl Edit {
    pub(super) fn run(&self, dir: &Path) -> Result<Verdict, Failure> {
        let vault = vault_of(dir)?;
        // What is under way with the old settings ends first.
        let _held = vault.as_ref().map(|vault| vault.reserve(&self.name)).transpose()?;
        let changed = profiles::update(dir, |all| self.changed(all))?;
        told(dir, &changed, &self.settings, "changed")
    }

    fn changed(&self, all: &[Profile]) -> Result<Profile, Failure> {
        let mut profile = find_in(all, &self.name).map_err(Failure::negative)?;
        let before = profile.clone();
        let absent: Vec<_> =
            self.unset.iter().filter(|key| profile.settings.remove(key.as_str()).is_none()).cloned().collect();
        if !absent.is_empty() {
            let absent: Vec<_> = absent.iter().map(|key| typed::word(key).unwrap_or("…")).collect();
            let failure = Failure::new(format!("{} does not set {}", self.name, absent.join(", ")));
            return Err(failure.hint(format!("`tokscope profile show {}` lists what it sets", self.name)));
        }
        profile.tags.retain(|tag| !self.untags.contains(tag));
        tag(&mut profile, &self.tags);
        if let Some(environment) = &self.environment {
            profile.environment = Some(environment.clone()).filter(|word| !word.is_empty());
        }
        set(&mut profile, &self.settings)?;
        if profile == before {
            return Err(Failure::new(format!("nothing to change in {}", self.name))
                .hint("--set KEY=VALUE, --unset KEY, --environment, --tag and --untag change it"));
        }
        check(&profile).map(|()| profile)
    }
}

impl Remove {
    pub(super) fn run(&self, dir: &Path) -> Result<Verdict, Failure> {
        find(dir, &self.name).map_err(Failure::negative)?;
        let question = format!("Remove the profile {}?", self.name);
        if !self.yes && !Terminal::new(!self.no_input).confirm(&question)? {
            output::tell("nothing was removed");
            return Ok(Verdict::No);
        }
        let vault = vault_of(dir)?;
        // A login or refresh that is under way would save its tokens for a profile that is not there any more.
        let held = vault.as_ref().map(|vault| vault.reserve(&self.name)).transpose()?;
        profiles::remove(dir, &self.name)?;
        held.map(Reserved::remove).transpose()?;
        output::tell(&format!("removed {}", self.name));
        Ok(Verdict::Yes)
    }
}

impl Duplicate {
    pub(super) fn run(&self, dir: &Path) -> Result<Verdict, Failure> {
        profiles::update(dir, |all| {
            let profile = find_in(all, &self.name).map_err(Failure::negative)?;
            refuse_taken(all, &self.new)?;
            // A copy of what is broken may be wanted to mend it.
            Ok::<_, Failure>(Profile { name: self.new.clone(), ..profile })
        })?;
        output::tell(&format!("added {} to {}", self.new, profiles::path(dir).display()));
        Ok(Verdict::Yes)
    }
}

/// The vault, to lock a profile in it; none where nothing was ever kept.
fn vault_of(dir: &Path) -> Result<Option<Vault>, Failure> {
    Ok(if identity::is_new(&vault::path(dir))? { None } else { Some(Vault::open_locked(dir)?) })
}

fn refuse_taken(profiles: &[Profile], name: &ProfileName) -> Result<(), Failure> {
    match profiles.iter().any(|profile| profile.name == *name) {
        true => Err(Failure::new(format!("a profile named {name} already exists"))
            .hint(format!("`tokscope profile edit {name}` changes it"))),
        false => Ok(()),
    }
}

fn tag(profile: &mut Profile, tags: &[String]) {
    for tag in tags.iter().filter(|tag| !tag.is_empty()) {
        if !profile.tags.contains(tag) {
            profile.tags.push(tag.clone());
        }
    }
}

/// Takes over `KEY=VALUE`s. One without `=` is not repeated: it may be a secret.
pub(super) fn set(profile: &mut Profile, settings: &[String]) -> Result<(), Failure> {
    for (number, setting) in settings.iter().enumerate() {
        let (key, value) = setting.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
            Failure::new(format!("--set number {} is not KEY=VALUE", number + 1)).hint("such as --set timeout=30")
        })?;
        profile.settings.insert(key.to_owned(), value.to_owned());
    }
    Ok(())
}

/// Checks a profile: everything that is wrong is said at once, and no secret is repeated.
pub(super) fn check(profile: &Profile) -> Result<(), Failure> {
    let provider = providers::by_id(&profile.provider).ok_or_else(|| unknown(&profile.provider))?;
    Settings::parse(provider.descriptor(), profile).map(|_| ()).map_err(|mistakes| {
        Failure::new(format!("{} is not valid, so nothing was saved", profile.name))
            .items(mistakes.iter().map(ToString::to_string))
            .hint(format!("`tokscope providers {}` lists the settings; --set KEY=VALUE sets one", profile.provider))
    })
}

fn told(dir: &Path, profile: &Profile, given: &[String], done: &str) -> Result<Verdict, Failure> {
    output::tell(&format!("{done} {} in {}", profile.name, profiles::path(dir).display()));
    let fields = providers::by_id(&profile.provider).into_iter().flat_map(|provider| provider.descriptor().fields());
    for field in fields.filter(|field| field.kind == FieldKind::Secret) {
        let value = given.iter().filter_map(|setting| setting.split_once('=')).find(|(key, _)| *key == field.key);
        if let Some((key, value)) = value
            && let Ok(SecretRef::Plain(_)) = SecretRef::parse(value.trim())
        {
            output::tell(&format!(
                "remark: {key} was an argument: it is in your shell's history, and `ps` has shown it"
            ));
        }
    }
    Ok(Verdict::Yes)
}
