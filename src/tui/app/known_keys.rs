//! The keys to verify with: given by the user for as long as the program runs, or remembered by a profile.
//!
//! Whose tokens a key counts for is said on screen: what a profile remembers counts for the profile's tokens, what an issuer
//! published for the tokens of that issuer (RFC 8725 §3.8), and what is given for a token for that one, for others of its
//! issuer, and for those that name the key by its `kid`. Any other token is valid if the key made its signature, and not
//! verified if it did not: a key that was given for one token condemns no other.
//! Nothing is fetched without a yes that names the URL.

mod menu;

pub(super) use self::menu::{choices, offer, offer_for_profile, remember};
use super::{
    Model,
    input::Input,
    inspector::Tab,
    keymap::Action,
    message::{Effects, What},
    mode::{Mode, Question, Taken, Wanted},
    notices::Level,
    tasks,
    tokens::{Row, RowId},
};
use crate::{
    auth::{
        AuthError,
        key_source::{KeySource, Keys, setting},
    },
    clock::{self, Timestamp},
    profile::{Profile, ProfileName},
    text,
    token::verify::{
        key_set::{KeyEntry, SecretEncoding},
        policy::Policy,
    },
    trouble::Trouble,
};

/// All keys.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    given: Vec<Given>,
    /// The sources of profiles that were read unasked: each one once.
    looked_up: Vec<(ProfileName, KeySource)>,
    pub(super) policy: Policy,
    /// Another one whenever something about the keys has changed.
    edition: u64,
    secrets: u32,
}

/// Keys from one source.
#[derive(Debug)]
pub(crate) struct Given {
    /// Whose tokens they count for.
    pub(crate) whose: Whose,
    /// Where they are; `None` for what was typed or pasted.
    source: Option<KeySource>,
    /// Where they come from, for people; sanitized.
    pub(crate) name: String,
    pub(crate) keys: Keys,
}

/// Whose tokens a key counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The token it was given for, by its row; others with the same `iss`; and those that name its `kid`.
    Given(RowId, Option<String>),
    /// Those with this `iss`.
    Issuer(String),
    /// Those of this profile.
    Profile(ProfileName),
}

/// A rule that the user may waive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiver {
    /// A secret must be as long as the hash.
    WeakKey,
    /// A key's `kid` must be the token's.
    Kid,
}

impl Whose {
    /// Of a key that is given now: it is for the selected token.
    pub(super) fn selected(model: &Model) -> Self {
        let row = model.tokens.selected();
        Self::Given(row.map_or(RowId::default(), |row| row.id), row.and_then(|row| super::verify::issuer(&row.token)))
    }
}

impl Given {
    /// Whether they are for this very token, so that a signature that they did not make is wrong.
    pub(super) fn is_meant_for(&self, row: &Row, issuer: Option<&str>) -> bool {
        let Whose::Given(id, of) = &self.whose else { return true };
        let kid = row.token.kid();
        let named = |entry: &KeyEntry| entry.kid.is_some() && entry.kid.as_deref() == kid.as_deref();
        *id == row.id || of.is_some() && of.as_deref() == issuer || self.keys.verification.entries().iter().any(named)
    }

    /// Whether they come from there.
    pub(crate) fn is_of(&self, source: &KeySource) -> bool {
        self.source.as_ref() == Some(source)
    }
}

impl KnownKeys {
    /// The number of this state of the keys and the policy.
    pub(super) fn edition(&self) -> u64 {
        self.edition
    }

    /// Whether there is any key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// What counts for the tokens of a profile or issuer: the profile's own first, what was given by hand last.
    pub(crate) fn counting_for<'a>(
        &'a self,
        profile: Option<&'a ProfileName>,
        issuer: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Given> {
        let own = move |given: &&Given| matches!(&given.whose, Whose::Profile(name) if Some(name) == profile);
        let published = move |given: &&Given| match (&given.whose, &given.source) {
            (Whose::Issuer(iss), _) => Some(iss.as_str()) == issuer,
            // Also those that another profile remembers.
            (Whose::Profile(name), Some(KeySource::Issuer(iss))) => {
                Some(iss.as_str()) == issuer && Some(name) != profile
            }
            _ => false,
        };
        let given = || self.given.iter();
        let by_hand = given().filter(|given| matches!(given.whose, Whose::Given(..)));
        given().filter(own).chain(given().filter(published)).chain(by_hand)
    }

    /// Drops all keys.
    pub(super) fn close(&mut self) {
        self.given.clear();
        self.looked_up.clear();
        self.edition += 1;
    }

    fn add(&mut self, given: Given) {
        let same = |old: &Given| old.source.is_some() && old.source == given.source && old.whose == given.whose;
        match self.given.iter().position(same) {
            Some(at) => self.given[at] = given,
            None => self.given.push(given),
        }
        self.edition += 1;
    }
}

/// Keys of a profile count for as long as it names their source, whatever became of the profile.
pub(super) fn settle(model: &mut Model) {
    let known_keys = &mut model.known_keys;
    let profiles = &model.profiles;
    let remembered = |name: &ProfileName, source: &KeySource| {
        let sources = profiles.row(name).and_then(|row| KeySource::of(&row.profile).ok());
        sources.is_some_and(|sources| sources.contains(source))
    };
    known_keys.looked_up.retain(|(name, source)| remembered(name, source));
    let before = known_keys.given.len();
    known_keys.given.retain(|given| match (&given.whose, &given.source) {
        (Whose::Profile(name), Some(source)) => remembered(name, source),
        _ => true,
    });
    known_keys.edition += u64::from(known_keys.given.len() != before);
}

/// Reads what the profile of the token in the checklist remembers and what needs neither network nor user: each source
/// once. Where the checklist is always seen, a program is run only when it is gone to: not for each token on the way.
pub(super) fn look_up(model: &mut Model) {
    if !model.layout().shows(Tab::Verify) {
        return;
    }
    let Some(profile) = of_selected(model) else { return };
    let (name, sources) = (profile.name.clone(), KeySource::of(profile).unwrap_or_default());
    let waits = asks_for_secret(profile) || runs_for_secret(profile) && model.inspector.tab != Tab::Verify;
    for source in sources {
        let entry = (name.clone(), source);
        let waits = waits && entry.1 == KeySource::Secret;
        if waits || model.known_keys.looked_up.contains(&entry) {
            continue;
        }
        model.known_keys.looked_up.push(entry.clone());
        let (profile, source) = entry;
        let whose = Whose::Profile(profile.clone());
        // What was fetched before is in the vault.
        match source.is_online() {
            true => tasks::begin(model, What::FindKeptKeys(source, whose), Some(profile)),
            false => find(model, source, whose),
        }
    }
}

/// The profile of the selected token.
fn of_selected(model: &Model) -> Option<&Profile> {
    let row = model.profiles.row(model.tokens.selected()?.profile()?)?;
    Some(&row.profile)
}

/// Whether the profile's secret is to be asked for.
fn asks_for_secret(profile: &Profile) -> bool {
    setting(profile, "verify_secret") == Some("prompt")
}

/// Whether a program prints the profile's secret.
fn runs_for_secret(profile: &Profile) -> bool {
    setting(profile, "verify_secret").is_some_and(|value| value.starts_with("cmd:"))
}

/// Starts a search.
pub(super) fn find(model: &mut Model, source: KeySource, whose: Whose) {
    let profile = match &whose {
        Whose::Profile(name) => Some(name.clone()),
        // The connection settings of the token's profile reach its issuer too.
        _ => of_selected(model).map(|profile| profile.name.clone()),
    };
    let what = What::FindKeys(source, whose);
    if !model.tasks.has(&what) {
        tasks::begin(model, what, profile);
    }
}

pub(super) fn offer_cancel(model: &Model) -> Option<Action> {
    model.tasks.searches().next_back().map(|(id, _)| Action::Cancel(id))
}

/// A search has failed.
pub(super) fn not_found(model: &mut Model, source: &KeySource, whose: &Whose, error: AuthError) {
    match error {
        // Another host than the one that was agreed to: another question.
        AuthError::KeysElsewhere { issuer, url } if model.modes.is_empty() && KeySource::parse(&url, None).is_ok() => {
            let source = KeySource::parse(&url, None).expect("it was read above");
            model.modes.push(Mode::Confirm(Question::Fetch(source, Whose::Issuer(issuer))));
        }
        error => {
            let about = match whose {
                Whose::Profile(name) => Some(name),
                _ => None,
            };
            let words = format!("No keys from {source}: {error}");
            match error {
                AuthError::KeysElsewhere { .. } => model.advise(about, Level::Error, &words, ELSEWHERE),
                error => model.tell_about(about, Level::Error, &words, error.hint().as_deref()),
            }
        }
    }
}

const ELSEWHERE: &str = "if you trust that address, {key:tokens.give-key} fetches the keys from there";

/// What the vault had of a source's keys: they count until newer ones are fetched.
pub(super) fn kept(model: &mut Model, source: &KeySource, whose: &Whose, (keys, fetched): (Keys, Timestamp)) {
    let name = format!("{source}, fetched {}", clock::of_day(fetched, model.now, model.zone));
    model.tell(Level::Info, &format!("Saved verification keys: {name}."));
    let (whose, source, name) = (whose.clone(), Some(source.clone()), text::visible(&name).into_owned());
    model.known_keys.add(Given { whose, source, name, keys });
}

/// Takes keys in and says how many there are, and which are odd.
pub(super) fn take(model: &mut Model, whose: Whose, source: Option<KeySource>, keys: Keys) {
    let entries = keys.verification.entries();
    let name = match &source {
        Some(source) => source.to_string(),
        None => entries.first().map_or_else(String::new, |entry| entry.name.clone()),
    };
    let count = if entries.len() == 1 {
        "1 verification key".to_owned()
    } else {
        format!("{} verification keys", entries.len())
    };
    let unusable = entries.iter().filter_map(|entry| Some(format!("{}: {}", entry.name, entry.key.as_ref().err()?)));
    let odd: Vec<_> = unusable.collect();
    let words = format!("{count} from {name}");
    match odd.first() {
        None => model.tell(Level::Success, &words),
        Some(first) => {
            let words = format!("{words}; {} cannot be used", odd.len());
            model.tell_about(None, Level::Warning, &words, Some(first));
        }
    }
    model.known_keys.add(Given { whose, source, name: text::visible(&name).into_owned(), keys });
}

/// What was typed is a key, or says where one is. What cannot be read stays in the line.
pub(super) fn accept(model: &mut Model, wanted: &Wanted, input: &mut Input) -> Taken {
    let whose = Whose::selected(model);
    let result = match wanted {
        Wanted::Secret(encoding) => secret(model, *encoding, input.text()),
        Wanted::KeyFile => {
            find(model, KeySource::File(input.text().trim().to_owned()), whose);
            return Some(Effects::none());
        }
        Wanted::JwkSet => match KeySource::parse(input.text().trim(), None) {
            Ok(source @ KeySource::JwkSet(_)) => {
                model.modes.push(Mode::Confirm(Question::Fetch(source, whose)));
                return Some(Effects::none());
            }
            _ => Err(Trouble::new("not a URL of a JWK set", "write the full URL: https://…")),
        },
        // A terminal without bracketed paste sends its lines one by one.
        Wanted::KeyText if is_unfinished(input.text()) => {
            input.insert("\n");
            return None;
        }
        Wanted::KeyText => Keys::read(input.text().as_bytes(), "the pasted key"),
        _ => return None,
    };
    match result {
        Ok(keys) => {
            take(model, whose, None, keys);
            Some(Effects::none())
        }
        Err(why) => {
            model.tell_about(None, Level::Warning, &why.what, why.hint.as_deref());
            None
        }
    }
}

fn secret(model: &mut Model, encoding: SecretEncoding, text: &str) -> Result<Keys, Trouble> {
    let bytes = encoding.decode(text)?;
    model.known_keys.secrets += 1;
    let name = match model.known_keys.secrets {
        1 => "the secret".to_owned(),
        number => format!("secret {number}"),
    };
    Ok(Keys::secret(&bytes, &name))
}

/// PEM without its last line, JSON that ends too early.
fn is_unfinished(text: &str) -> bool {
    let text = text.trim();
    let json = || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof());
    text.starts_with("-----BEGIN") && !text.contains("-----END") || text.starts_with(['{', '[']) && json()
}

/// Drops what was given; a profile's keys are read again when they are wanted.
pub(super) fn forget(model: &mut Model) {
    model.known_keys.given.clear();
    model.known_keys.edition += 1;
    model.tell(Level::Info, "Forgot the given keys; profiles keep theirs.");
}

/// Waives a rule, or keeps it again.
pub(super) fn waive(model: &mut Model, rule: Waiver) {
    let policy = &mut model.known_keys.policy;
    let (flag, what) = match rule {
        Waiver::WeakKey => (&mut policy.allow_weak_key, "a secret that is shorter than the hash"),
        Waiver::Kid => (&mut policy.ignore_kid, "a key with another kid"),
    };
    *flag = !*flag;
    let words = format!("{what} is now {}.", if *flag { "allowed" } else { "refused" });
    model.known_keys.edition += 1;
    model.tell(Level::Info, &words);
}
