//! `tokscope profile import`.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::change::{check, set};
use crate::{
    cli::{Failure, Verdict, output},
    clock,
    store::{
        import::{self, Imported},
        profiles,
    },
};

/// `tokscope profile import`.
#[derive(Debug, Clone, clap::Args)]
pub struct Import {
    /// Where from.
    #[command(subcommand)]
    pub from: From,

    /// A setting that the imported profiles lack; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    pub settings: Vec<String>,

    /// Replace profiles of the same names
    #[arg(long, global = true)]
    pub replace: bool,
}

/// Where profiles are imported from.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum From {
    /// The regions of the Practicus AI client
    Practicus {
        /// Its file, instead of ~/.practicus/core.conf
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// The variables of the vendors' clients: PRT_URL and PRT_TOKEN, PASSWORK_HOST and the like
    Environment,
    /// The URL of an OpenID provider or of its discovery document
    Openid {
        /// Such as https://login.example.org
        #[arg(value_name = "URL")]
        url: String,
    },
}

impl Import {
    pub(super) fn run(&self, dir: &Path) -> Result<Verdict, Failure> {
        let mut imported = match &self.from {
            From::Practicus { file } => import::practicus_file(file.as_deref(), clock::now())?,
            From::Environment => import::environment(|name| env::var(name).ok()),
            From::Openid { url } => import::discovery(url),
        };
        for profile in &mut imported.profiles {
            set(profile, &self.settings)?;
        }
        // All or nothing: whoever runs it again with the missing settings gets what is missing.
        imported.profiles.iter().try_for_each(check)?;
        let saved = self.save(&imported, dir)?;
        for warning in &imported.warnings {
            output::tell(&format!("remark: {warning}"));
        }
        if !imported.token_sets.is_empty() {
            output::tell("remark: the refresh tokens were left where they are");
        }
        if imported.profiles.is_empty() {
            let hint = "`tokscope profile import --help` says where it looks";
            return Err(Failure::new("nothing to import").hint(hint).negative());
        }
        Ok(if saved { Verdict::Yes } else { Verdict::No })
    }

    /// Whether anything was saved.
    fn save(&self, imported: &Imported, dir: &Path) -> Result<bool, Failure> {
        let present = profiles::load(dir)?;
        let mut saved = false;
        for profile in &imported.profiles {
            let name = &profile.name;
            let done = match present.iter().find(|present| present.name == *name) {
                Some(present) if present == profile => format!("{name} already exists, unchanged"),
                Some(_) if !self.replace => format!("{name} already exists and was kept: --replace replaces it"),
                other => {
                    profiles::upsert(dir, profile)?;
                    saved = true;
                    let done = if other.is_some() { "replaced" } else { "added" };
                    format!("{done} {name} ({}) in {}", profile.provider, profiles::path(dir).display())
                }
            };
            output::tell(&done);
        }
        Ok(saved)
    }
}
