//! `tokscope scan`.

use std::{fmt::Write as _, path::PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use super::{
    Exit, Failure, GlobalOptions, opening, output,
    status::role,
    style::{Role, Style},
};
use crate::{
    clock::{self, Timestamp},
    session::{Holding, Holdings},
    store::inventory::Place,
    text::visible,
};

/// The arguments of `tokscope scan`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Lists the tokens that programs keep on this machine: in their files, in the
variables of this process, in .env files below each PATH, and in the vault
(which it does not unlock). Nothing is sent, and no token is printed: a token is
named by its fingerprint. What is in a keyring is not read.

Only files of known programs are opened, and those below PATH; a symbolic link
that leads out of the home folder is not followed. A PATH that is a file is read.

The last line of each program says what ends its tokens at the server: deleting
a file does not.

--json prints a list of objects: id, program, account, issuer, kind, state,
expires_at, file and mode or variable, fingerprint, revoke, command (one that
prints a fresh token).

Exit code: 0; 1 a file could not be read; 2 error.")]
pub struct Scan {
    /// Folders in which to look for .env files, or files to read
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Print one JSON list, for programs
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints a list of.
#[derive(Serialize, JsonSchema)]
pub(super) struct Object<'a> {
    id: &'a str,
    program: &'a str,
    account: Option<&'a str>,
    issuer: Option<&'a str>,
    kind: &'a str,
    state: &'static str,
    expires_at: Option<String>,
    file: Option<String>,
    mode: Option<String>,
    variable: Option<&'a str>,
    fingerprint: String,
    revoke: &'a str,
    command: Option<&'a str>,
}

/// Prints what this machine holds.
pub fn run(scan: &Scan, place: &GlobalOptions) -> Result<Exit, Failure> {
    let folder = place.folder()?;
    let (session, _holder) = opening::unasked(&opening::session(), &folder)?;
    let now = clock::now();
    let holdings = session.holdings(&folder.profiles().all()?, folder.vault(), &scan.paths, now);
    if scan.json {
        output::print_json(&holdings.all.iter().map(|holding| object(holding, now)).collect::<Vec<_>>())?;
    } else {
        output::print(&text(&holdings, now, Style::stdout()))?;
    }
    holdings.remarks.iter().for_each(|remark| output::tell(remark));
    holdings.unread.iter().for_each(|unread| output::say(unread));
    Ok(if holdings.unread.is_empty() { Exit::Yes } else { Exit::No })
}

fn object(holding: &Holding, now: Timestamp) -> Object<'_> {
    let (file, mode, variable) = match &holding.place {
        Place::File(path, mode) => (Some(path.display().to_string()), Some(format!("{mode:04o}")), None),
        Place::Variable(name) => (None, None, Some(*name)),
    };
    Object {
        id: holding.id,
        program: holding.program,
        account: holding.account.as_deref(),
        issuer: holding.issuer.as_deref(),
        kind: &holding.kind,
        state: holding.state(now).as_str(),
        expires_at: holding.expires_at().map(clock::utc),
        file,
        mode,
        variable,
        fingerprint: holding.fingerprint.to_string(),
        revoke: &holding.revoke,
        command: holding.command,
    }
}

/// Program by program: its tokens, one a line, and what ends them.
fn text(holdings: &Holdings, now: Timestamp, style: Style) -> String {
    let mut out = String::new();
    for group in holdings.all.chunk_by(|one, next| one.id == next.id) {
        let _ = writeln!(out, "{}", style.paint(Role::Name, group[0].program));
        let rows: Vec<_> = group.iter().map(|holding| cells(holding, now)).collect();
        let widths: [usize; 5] =
            std::array::from_fn(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0));
        for (holding, row) in group.iter().zip(&rows) {
            let mut line = "  ".to_owned();
            for (column, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths[column] - cell.width());
                let cell = if column == 0 { style.paint(role(holding.state(now)), cell) } else { cell.clone() };
                let _ = write!(line, "{cell}{pad}  ");
            }
            let _ = writeln!(out, "{}{}", line, holding.place.words());
        }
        let mut ways: Vec<_> = group.iter().map(|holding| holding.revoke.as_str()).collect();
        ways.dedup();
        let _ = writeln!(out, "  {} {}", style.paint(Role::Quiet, "revoke:"), ways.join(", "));
    }
    if out.is_empty() {
        out.push_str("no tokens were found\n");
    }
    out
}

/// State, kind, account, time left, fingerprint.
fn cells(holding: &Holding, now: Timestamp) -> [String; 5] {
    let state = holding.state(now);
    let left = holding.expires_at().map(|end| clock::relative(end, now)).unwrap_or_default();
    let account = visible(holding.account.as_deref().unwrap_or_default()).into_owned();
    [
        format!("{} {}", state.sign(), state.as_str()),
        holding.kind.clone(),
        account,
        left,
        holding.fingerprint.to_string(),
    ]
}
