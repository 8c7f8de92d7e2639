//! The header and the claims that are signed: as they were written, with what the options set.

use serde_json::Value;

use super::Encode;
use crate::{
    cli::{Failure, input::Source},
    token::{json::Json, sign},
    trouble::Trouble,
};

impl Encode {
    /// The claims as they were written, with the dates that were asked for.
    pub(super) fn claims(&self) -> Result<String, Failure> {
        let source = match &self.claims {
            Some(source) => source.clone(),
            None => Source::piped().map_err(|_| {
                Failure::usage("no claims given").hint("as in `tokscope encode @claims.json …`, or pipe them in")
            })?,
        };
        let text = String::from_utf8(source.bytes()?).map_err(|fault| {
            Failure::usage(format!("{source} is not UTF-8 at byte {}", fault.utf8_error().valid_up_to()))
        })?;
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        sign::object("claims", text).map_err(|error| Trouble::from(error).under(source))?;
        let dates = [("iat", &self.iat), ("nbf", &self.nbf), ("exp", &self.exp)];
        let now = self.now.get();
        let mut claims = text.to_owned();
        for (name, moment) in dates.into_iter().filter_map(|(name, moment)| Some((name, moment.as_ref()?))) {
            let time = moment
                .seen_from(now)
                .ok_or_else(|| Failure::usage(format!("--{name} is beyond the range of dates")))?;
            claims = with(&claims, name, &time.timestamp().to_string());
        }
        Ok(claims)
    }

    /// The header: `alg`, `typ`, `kid`, then what was asked for.
    pub(super) fn header(&self, alg: &str, own_kid: Option<&str>) -> String {
        let text = |text: &str| Value::from(text).to_string();
        let mut header = with("{}", "alg", &text(alg));
        let named = [("typ", Some(self.typ.as_str())), ("kid", self.kid.as_deref().or(own_kid))];
        for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            if !value.is_empty() {
                header = with(&header, name, &text(value));
            }
        }
        self.header.iter().fold(header, |header, (name, value)| with(&header, name, value))
    }
}

fn with(object: &str, name: &str, value: &str) -> String {
    Json::parse(object).with_member(name, value).expect("it was read as an object before")
}

/// Reads `NAME=JSON`.
pub(super) fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=JSON")?;
    if name == "alg" {
        return Err("use --alg for the algorithm".to_owned());
    }
    match Json::parse(value).error() {
        None if !name.is_empty() => Ok((name.to_owned(), value.trim().to_owned())),
        None => Err("write NAME=JSON".to_owned()),
        Some(_) => Err("the value is not JSON; put a string in double quotes, as in cty='\"JWT\"'".to_owned()),
    }
}
