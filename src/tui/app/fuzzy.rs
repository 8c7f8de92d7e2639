//! What was typed, looked for in words: each word must be there: whole, as a part, or by its letters, of which some are left out.

/// Words that are looked for.
#[derive(Debug, Default)]
pub(crate) struct Wanted(Vec<String>);

impl Wanted {
    /// The words of what was typed. Case does not count, and a command may be written by its name: `log-in`.
    pub(crate) fn new(typed: &str) -> Self {
        let words = typed.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty());
        Self(words.map(str::to_lowercase).collect())
    }

    /// How well they are met: the more the better; `None`: a word is missing. The first text counts most.
    pub(crate) fn score(&self, texts: &[&str]) -> Option<u32> {
        let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        self.0.iter().try_fold(0, |sum, word| {
            let of = |(at, text): (u32, &String)| Some(score(word, text)? * 8 / (1 + at));
            (0..).zip(&texts).filter_map(of).max().map(|best| sum + best)
        })
    }
}

/// How well a word is met by a text; both in small letters.
fn score(word: &str, text: &str) -> Option<u32> {
    let starts = |at: usize| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
    let best = text.match_indices(word).map(|(at, _)| {
        let ends = text[at + word.len()..].chars().next().is_none_or(|after| !after.is_alphanumeric());
        match (at, starts(at), ends) {
            (0, _, true) => 100,
            (0, ..) => 80,
            (_, true, true) => 70,
            (_, true, false) => 60,
            (_, false, _) => 30,
        }
    });
    best.max().or_else(|| letters(word, text).then_some(5))
}

/// Whether the letters of a word stand in this order in a word of a text that begins like it: `vrf` in `verify`.
fn letters(word: &str, text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|there| {
        let mut rest = there.chars();
        word.chars().next() == there.chars().next() && word.chars().all(|wanted| rest.any(|c| c == wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_must_match_and_the_best_comes_first() {
        let texts = ["copy header", "copy token", "log in", "go to edx-prod", "go to tokens", "verify"];
        let found = |typed: &str| {
            let wanted = Wanted::new(typed);
            let mut found: Vec<_> = texts.iter().filter_map(|text| Some((wanted.score(&[text])?, *text))).collect();
            found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
            found.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(found("copy"), ["copy header", "copy token"]);
        assert_eq!(found("COPY  tok"), ["copy token"]);
        assert_eq!(found("log-in"), ["log in"]);
        assert_eq!(found("token"), ["copy token", "go to tokens"]);
        assert_eq!(found("prod"), ["go to edx-prod"]);
        assert_eq!(found("vrf"), ["verify"]);
        assert_eq!(found("rfy"), ["verify"; 0], "the first letter begins a word");
        assert_eq!(found("copy zzz"), ["verify"; 0]);
        assert_eq!(found("").len(), texts.len());
    }

    #[test]
    fn the_first_text_counts_most() {
        let wanted = Wanted::new("token");
        assert!(wanted.score(&["copy token", ""]) > wanted.score(&["revoke", "the token"]));
        assert!(Wanted::new("copy prod").score(&["copy token", "prod edx"]).is_some());
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_typed_panics(typed: String, text: String) {
            let _ = Wanted::new(&typed).score(&[&text]);
            let whole = Wanted::new(&text).score(&[&text]);
            proptest::prop_assert!(whole.is_some());
        }
    }
}
