//! The sheets of the inspector.

/// What the inspector shows of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Tab {
    #[default]
    Claims,
    Header,
    /// Why the token would be accepted or rejected.
    Verify,
    /// The last exchange with the server of the token's profile.
    Exchange,
    /// What became of the profile's tokens.
    History,
    Raw,
}

impl Tab {
    /// All, from left to right.
    pub(crate) const ALL: [Self; 6] =
        [Self::Claims, Self::Header, Self::Verify, Self::Exchange, Self::History, Self::Raw];

    /// The name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Claims => "Claims",
            Self::Header => "Header",
            Self::Verify => "Verify",
            Self::Exchange => "Exchange",
            Self::History => "History",
            Self::Raw => "Raw",
        }
    }

    /// It has lines of text, no claims and no header.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Verify | Self::Raw | Self::Exchange | Self::History)
    }

    /// A cursor is on one of its rows; where there is none, it scrolls.
    pub(super) fn has_cursor(self) -> bool {
        !self.is_text() || self == Self::History
    }
}
