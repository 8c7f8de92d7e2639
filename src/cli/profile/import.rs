//! `tokscope profile import`.

use std::{env, path::PathBuf};

use super::change::{At, check, remark, set};
use crate::{
    cli::{Failure, Place, Verdict, output},
    clock,
    profile::Profile,
    session::{self, Outcome},
    store::import,
};

/// `tokscope profile import`.
#[derive(Debug, Clone, clap::Args)]
pub struct Import {
    /// Where from.
    #[command(subcommand)]
    pub from: From,

    /// A setting that what is found lacks; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    pub settings: Vec<String>,

    /// Replace profiles of the same names
    #[arg(long, global = true)]
    pub replace: bool,

    /// Ask nothing: fail where a question comes up
    #[arg(long, global = true)]
    pub no_input: bool,
}

/// Where profiles are imported from.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum From {
    /// The regions that the Practicus AI client keeps
    Practicus {
        /// Its file, instead of ~/.practicus/core.conf
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// The variables of the vendors' clients: PRT_URL and PRT_TOKEN, PASSWORK_HOST and the like
    Environment,
    /// The address of an OpenID provider or of its discovery document
    Openid {
        /// Such as https://login.example.org
        #[arg(value_name = "URL")]
        url: String,
    },
}

impl Import {
    pub(super) fn run(&self, place: &Place) -> Result<Verdict, Failure> {
        let mut found = match &self.from {
            From::Practicus { file } => import::practicus_file(file.as_deref(), clock::now())?,
            From::Environment => import::environment(|name| env::var(name).ok()),
            From::Openid { url } => import::discovery(url),
        };
        for profile in &mut found.profiles {
            set(profile, &self.settings)?;
        }
        // All or nothing: whoever runs it again with the missing settings gets what is missing.
        found.profiles.iter().try_for_each(check)?;
        let mut at = At::new(place)?;
        let left_behind = !found.token_sets.is_empty() && !at.open(!self.no_input)?;
        if left_behind {
            found.token_sets.clear();
        }
        let session::Import { profiles, token_sets, left, warnings } =
            at.session.import(&at.profiles, found, self.replace)?;
        let path = at.path();
        for (Profile { name, provider, .. }, outcome) in &profiles {
            let with = if token_sets.iter().any(|(of, _)| of == name) { ", with its tokens" } else { "" };
            output::tell(&match outcome {
                Outcome::Added => format!("added {name} ({provider}) in {path}{with}"),
                Outcome::Replaced => format!("replaced {name} ({provider}) in {path}{with}"),
                Outcome::Unchanged => format!("{name} already exists, unchanged{with}"),
                Outcome::Refused => format!("{name} already exists and was kept: --replace replaces it"),
            });
        }
        warnings.iter().for_each(|warning| output::tell(&format!("remark: {warning}")));
        left.iter().for_each(|(name, why)| remark(name, why));
        if left_behind {
            output::tell(
                "remark: the refresh tokens were left where they are: with --identity memory nothing is saved",
            );
        }
        if profiles.is_empty() {
            let hint = "`tokscope profile import --help` says where it looks";
            return Err(Failure::new("there was nothing to import").hint(hint).negative());
        }
        let is_new = |outcome: &Outcome| matches!(outcome, Outcome::Added | Outcome::Replaced);
        let saved = !token_sets.is_empty() || profiles.iter().any(|(_, outcome)| is_new(outcome));
        Ok(if saved { Verdict::Yes } else { Verdict::No })
    }
}
