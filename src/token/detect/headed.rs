//! Tokens that are known by a header of their own: JWTs and PASETOs.

use super::super::{candidate, format, inspect};

/// Whether there is a token in a text that must begin with a header of its own.
pub(super) fn holds_token(text: &str) -> bool {
    pieces(text).any(is_known)
}

/// Whether a text may be a token that begins with a header of its own.
pub(super) fn begins(text: &str) -> bool {
    candidate::begins(text) || format::begins_paseto(text)
}

/// The parts of a run that a JWT may be.
pub(super) fn pieces(run: &str) -> impl Iterator<Item = &str> {
    run.split(['/', '+', '%']).map(|piece| {
        let piece = piece.trim_start_matches('.');
        // A full stop at the end of a sentence is none of the token's.
        let dots = piece.bytes().filter(|&byte| byte == b'.').count();
        if matches!(dots, 3 | 5) && !format::begins_paseto(piece) {
            return piece.strip_suffix('.').unwrap_or(piece);
        }
        piece
    })
}

/// Whether it is a whole one.
pub(super) fn is_known(piece: &str) -> bool {
    begins(piece) && (format::is_paseto(piece) || piece.contains('.') && inspect::is_compact(piece))
}
