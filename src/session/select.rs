//! Which profiles are meant: names, or filters, or all of them.

use crate::{
    profile::{Profile, ProfileName},
    token::state::State,
};

/// Profiles by name or by what they have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Every profile.
    All,
    /// These, in this order.
    Names(Vec<ProfileName>),
    /// Those to which each filter that says anything applies.
    Filter(Filter),
}

/// What profiles have in common. The values of one list are alternatives; an empty list says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// One of its tags.
    pub tags: Vec<String>,
    /// Its environment.
    pub environments: Vec<String>,
    /// The id of its provider.
    pub providers: Vec<String>,
    /// The state of its session.
    pub states: Vec<State>,
}

/// Why it cannot be told which profiles are meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// Names together with a filter or with all.
    #[error("names, filters and --all exclude each other")]
    Mixed,
    /// Nothing was said.
    #[error("no profile selected")]
    Nothing,
    /// There is no such profile.
    #[error("no profile is named {0}")]
    Unknown(ProfileName),
    /// The filter applies to none.
    #[error("no profile matches")]
    Empty,
}

impl SelectError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Mixed => "give names, or filters (--tag, --env, --provider, --state), or --all",
            Self::Nothing => "give names, filters (--tag, --env, --provider, --state), or --all",
            Self::Unknown(_) | Self::Empty => "`tokscope profile list` shows names, environments and tags",
        }
    }
}

impl Selector {
    /// Of what was given on a command line.
    pub fn new(names: Vec<ProfileName>, filter: Filter, all: bool) -> Result<Self, SelectError> {
        match (names.is_empty(), filter == Filter::default(), all) {
            (true, true, true) => Ok(Self::All),
            (false, true, false) => Ok(Self::Names(names)),
            (true, false, false) => Ok(Self::Filter(filter)),
            (true, true, false) => Err(SelectError::Nothing),
            _ => Err(SelectError::Mixed),
        }
    }

    /// The profiles that are meant, of these; never none. `state` is asked only where a filter wants it.
    pub fn of<'a>(
        &self,
        profiles: &'a [Profile],
        state: impl Fn(&Profile) -> State,
    ) -> Result<Vec<&'a Profile>, SelectError> {
        let found: Vec<_> = match self {
            Self::All => return Ok(profiles.iter().collect()),
            Self::Names(names) => {
                let find = |name: &ProfileName| profiles.iter().find(|profile| profile.name == *name);
                let found = names.iter().map(|name| find(name).ok_or_else(|| SelectError::Unknown(name.clone())));
                found.collect::<Result<_, _>>()?
            }
            Self::Filter(filter) => profiles.iter().filter(|profile| filter.applies(profile, &state)).collect(),
        };
        if found.is_empty() { Err(SelectError::Empty) } else { Ok(found) }
    }
}

impl Filter {
    fn applies(&self, profile: &Profile, state: impl Fn(&Profile) -> State) -> bool {
        let any = |wanted: &[String], has: &[&str]| {
            wanted.is_empty() || wanted.iter().any(|word| has.contains(&word.as_str()))
        };
        let tags: Vec<_> = profile.tags.iter().map(String::as_str).collect();
        let environment: Vec<_> = profile.environment.as_deref().into_iter().collect();
        any(&self.tags, &tags)
            && any(&self.environments, &environment)
            && any(&self.providers, &[&profile.provider])
            && (self.states.is_empty() || self.states.contains(&state(profile)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> ProfileName {
        ProfileName::new(name).unwrap()
    }

    fn profiles() -> Vec<Profile> {
        [("a", "prod", "x y"), ("b", "prod", "y"), ("c", "", "x")]
            .map(|(own, environment, tags)| Profile {
                name: name(own),
                provider: if own == "c" { "seta" } else { "openedx" }.to_owned(),
                settings: Default::default(),
                environment: (!environment.is_empty()).then(|| environment.to_owned()),
                tags: tags.split(' ').map(str::to_owned).collect(),
            })
            .to_vec()
    }

    fn selected(selector: &Selector) -> Result<String, SelectError> {
        let state = |profile: &Profile| if profile.name == name("b") { State::Expired } else { State::Active };
        let all = profiles();
        let found = selector.of(&all, state)?;
        Ok(found.iter().map(|profile| profile.name.as_str()).collect())
    }

    #[test]
    fn the_same_filter_widens_and_another_one_narrows() {
        let words = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
        let by = |tags: &[&str], environments: &[&str], providers: &[&str], states: &[State]| {
            let filter = Filter {
                tags: words(tags),
                environments: words(environments),
                providers: words(providers),
                states: states.to_vec(),
            };
            selected(&Selector::new(Vec::new(), filter, false).unwrap())
        };
        assert_eq!(by(&["x"], &[], &[], &[]).unwrap(), "ac");
        assert_eq!(by(&["x", "y"], &[], &[], &[]).unwrap(), "abc");
        assert_eq!(by(&["x"], &["prod"], &[], &[]).unwrap(), "a");
        assert_eq!(by(&[], &["prod"], &["seta"], &[]), Err(SelectError::Empty));
        assert_eq!(by(&[], &[], &["seta"], &[]).unwrap(), "c");
        assert_eq!(by(&[], &["prod"], &[], &[State::Expired, State::Failed]).unwrap(), "b");
    }

    #[test]
    fn names_filters_and_all_exclude_each_other() {
        let filter = || Filter { tags: vec!["x".to_owned()], ..Filter::default() };
        let new =
            |names: &[&str], filter: Filter, all| Selector::new(names.iter().map(|n| name(n)).collect(), filter, all);
        assert_eq!(new(&[], Filter::default(), false), Err(SelectError::Nothing));
        assert_eq!(new(&["a"], filter(), false), Err(SelectError::Mixed));
        assert_eq!(new(&["a"], Filter::default(), true), Err(SelectError::Mixed));
        assert_eq!(new(&[], filter(), true), Err(SelectError::Mixed));
        assert_eq!(selected(&new(&["b", "a"], Filter::default(), false).unwrap()).unwrap(), "ba");
        assert_eq!(selected(&new(&["z"], Filter::default(), false).unwrap()), Err(SelectError::Unknown(name("z"))));
        assert_eq!(selected(&new(&[], Filter::default(), true).unwrap()).unwrap(), "abc");
    }
}
