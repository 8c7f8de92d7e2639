//! What a filter looks through of a token: the texts of its claims, in small letters, a line each. They are written down once,
//! when the token comes: to look for them in its claims is dear where there are many.

use std::{fmt, ops::Range};

use crate::{
    token::{Form, Token, json::Kind},
    tui::app::filter::texts::add,
};

/// The texts, field by field.
#[derive(Clone)]
pub(crate) struct Texts {
    lines: Box<str>,
    /// Where the fields end: whose it is, who has issued it, whom it is for. The last are its scopes.
    ends: [usize; 3],
    /// Here, because a look into the token itself is dear, too.
    form: &'static str,
}

/// They are somebody's claims.
impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").field("ends", &self.ends).finish_non_exhaustive()
    }
}

impl Texts {
    /// Of a token, whose subject is shown in these words.
    pub(super) fn of(token: &Token, subject: &str) -> Self {
        let mut lines = String::new();
        add(&mut lines, subject);
        if let Some(own) = token.subject().filter(|own| own != subject) {
            add(&mut lines, &own);
        }
        let mut ends = [lines.len(); 3];
        for (name, end) in [("iss", 1), ("aud", 2)] {
            claim(token, name, &mut lines);
            ends[end] = lines.len();
        }
        // RFC 9068 has `scope`; `scp` and `scopes` are what others write.
        ["scope", "scp", "scopes"].into_iter().for_each(|name| claim(token, name, &mut lines));
        Self { lines: lines.into_boxed_str(), ends, form: form(token) }
    }

    pub(crate) fn subject(&self) -> &str {
        self.part(0..self.ends[0])
    }

    pub(crate) fn issuer(&self) -> &str {
        self.part(self.ends[0]..self.ends[1])
    }

    pub(crate) fn audience(&self) -> &str {
        self.part(self.ends[1]..self.ends[2])
    }

    pub(crate) fn scope(&self) -> &str {
        self.part(self.ends[2]..self.lines.len())
    }

    /// A word for the form of the token.
    pub(crate) fn form(&self) -> &'static str {
        self.form
    }

    fn part(&self, part: Range<usize>) -> &str {
        &self.lines[part]
    }
}

fn form(token: &Token) -> &'static str {
    match token.form() {
        Form::Jws(_) => "jwt",
        Form::Jwe(_) => "jwe",
        Form::Opaque => "opaque",
    }
}

/// A claim's text, or each of its texts.
fn claim(token: &Token, name: &str, lines: &mut String) {
    let Some(json) = token.claims() else { return };
    let Some((at, node)) = json.children(0).find(|(_, node)| json.key(node).is_some_and(|key| key == name)) else {
        return;
    };
    match node.kind {
        Kind::Array => json.children(at).filter_map(|(_, node)| json.string(node)).for_each(|text| add(lines, &text)),
        _ => json.string(node).into_iter().for_each(|text| add(lines, &text)),
    }
}
