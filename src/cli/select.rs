//! The arguments that say which profiles are meant.

use super::{Failure, candidates, named::profile_name};
use crate::{
    profile::ProfileName,
    session::select::{Filter, SelectError, Selector},
    token::state::State,
};

/// Which profiles are meant: names, or filters, or all. The same filter given again widens; different filters narrow.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Selection {
    /// The names of profiles
    #[arg(value_name = "PROFILE", value_parser = profile_name, add = candidates::names())]
    pub names: Vec<ProfileName>,

    /// Profiles with this tag
    #[arg(long, value_name = "TAG", add = candidates::tags())]
    pub tag: Vec<String>,

    /// Profiles of this environment
    #[arg(long, value_name = "ENV", add = candidates::environments())]
    pub env: Vec<String>,

    /// Profiles of this auth system
    #[arg(long, value_name = "ID", add = candidates::systems())]
    pub provider: Vec<String>,

    /// Profiles in this state: active, expiring, renewable, expired, failed, no-tokens, …
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub state: Vec<State>,

    /// All profiles
    #[arg(long)]
    pub all: bool,
}

impl Selection {
    /// What was said, checked.
    pub(super) fn selector(&self) -> Result<Selector, SelectError> {
        let filter = Filter {
            tags: self.tag.clone(),
            environments: self.env.clone(),
            providers: self.provider.clone(),
            states: self.state.clone(),
        };
        Selector::new(self.names.clone(), filter, self.all)
    }
}

impl From<SelectError> for Failure {
    fn from(error: SelectError) -> Self {
        Self::usage(error.to_string()).hint(error.hint())
    }
}

fn state(word: &str) -> Result<State, String> {
    State::parse(word).ok_or_else(|| {
        let known: Vec<_> = State::all().map(State::as_str).collect();
        format!("a state is one of {}", known.join(", "))
    })
}
