//! The receipt: on standard output, and in the files that were asked for.

use std::path::PathBuf;

use super::Rotate;
use crate::{
    cli::{Exit, Failure, output},
    clock,
    session::{Session, rotate::receipt::Receipt},
};

/// Reads the name of a receipt's file: its ending says in which form.
pub(super) fn path(text: &str) -> Result<PathBuf, &'static str> {
    match is_json(&PathBuf::from(text)) {
        Some(_) => Ok(PathBuf::from(text)),
        None => Err("the name of a receipt ends in .md or .json"),
    }
}

fn is_json(path: &std::path::Path) -> Option<bool> {
    match path.extension()?.to_str()? {
        "json" => Some(true),
        "md" => Some(false),
        _ => None,
    }
}

/// Prints the receipt, writes it where it was asked for, and says whether nothing of the old sessions is left.
pub(super) fn deliver(rotate: &Rotate, session: &Session, receipt: &Receipt) -> Result<Exit, Failure> {
    let [json, markdown] = [receipt.json(), receipt.markdown()];
    let printed = output::print(if rotate.json { &json } else { &markdown });
    for path in &rotate.receipt {
        let text = if is_json(path) == Some(true) { &json } else { &markdown };
        session.write_report(path, text)?;
    }
    printed?;
    let is_clean = receipt.is_clean(rotate.max_survival, clock::now());
    Ok(if is_clean { Exit::Yes } else { Exit::No })
}
