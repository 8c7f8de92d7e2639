//! New tokens on their way out of a command: printed, and saved. Those that could not be printed where nothing else keeps them
//! go where the vault's rescue goes, encrypted for the vault's key where there is one, and `@FILE` takes them from there.

use super::{
    Failure,
    invocation::Invocation,
    json,
    output::{print, print_json, tell},
    token_set::{Show, Tokens, shown, summary},
};
use crate::{
    auth::TokenSet,
    session::{Location, Rescued},
};

/// How a token set is printed.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Output {
    /// Print one JSON object with the tokens in it, for the other commands
    #[arg(long, conflicts_with = "show")]
    pub json: bool,

    /// Print only this token, as it is, or the whole Authorization header for the API
    #[arg(long, value_name = "WHAT", value_enum)]
    pub show: Option<Show>,
}

impl Output {
    /// Prints what a call brought, and sees to it that it is saved. `title` is what was done. Neither depends on the other:
    /// tokens that cannot be printed are saved, and those that cannot be saved are printed. Where they are for the output
    /// alone and it does not take them, they are kept elsewhere.
    pub(super) fn deliver(&self, title: &str, token_set: &TokenSet, call: &Invocation) -> Result<(), Failure> {
        let printed = self.print(title, token_set, call);
        let is_whole = self.json || self.show == Some(Show::Refresh);
        call.settle(is_whole && printed.is_ok())?;
        printed.map_err(|why| match call.saved {
            None if why.is_unwritten() => match json::line(&Tokens::of(token_set, &call.profile)) {
                Ok(tokens) => keep(call, tokens, &why),
                Err(unwritten) => unwritten,
            },
            _ => why,
        })
    }

    /// Prints what a call brought. `title` is what was done.
    fn print(&self, title: &str, token_set: &TokenSet, call: &Invocation) -> Result<(), Failure> {
        let untold = call.terminal.untold(&token_set.remarks);
        if !self.json && self.show.is_none() {
            print(&summary(title, token_set, &untold))?;
            match &call.saved {
                Some(_) if call.session.unsaved(&call.profile.name).is_some() => {}
                Some(place) => tell(&format!("saved {place}")),
                None => tell("the tokens are not kept: --json prints them, for a pipe or a file of your own"),
            }
            return Ok(());
        }
        untold.iter().for_each(|remark| tell(&format!("remark: {remark}")));
        match self.show {
            Some(show) => print(&shown(show, token_set)?),
            None => print_json(&Tokens::of(token_set, &call.profile)),
        }
    }
}

/// Keeps tokens that could not be printed, and says where they are. `why` is what the output said.
fn keep(call: &Invocation, tokens: String, why: &Failure) -> Failure {
    let name = &call.profile.name;
    let failure = Failure::new(why.message());
    let folder = Location::new(call.dir.clone(), None);
    let Some(Rescued { path, is_sealed }) = folder.rescue(name, tokens) else {
        return failure.hint(format!("the new tokens of {name} are NOT SAVED anywhere: `tokscope login {name}`"));
    };
    let how = match is_sealed {
        true => "encrypted for the vault",
        false => "readable only by you, but not encrypted: the vault has no key yet",
    };
    failure.hint(format!(
        "the new tokens of {name} are in {path} ({how}); `tokscope refresh {name} @{path} --json` renews and \
         prints them; then delete that file",
        path = path.display()
    ))
}
