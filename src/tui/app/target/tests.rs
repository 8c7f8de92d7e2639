//! What a command acts on, for every kind of place.

use super::*;

const NOWHERE: Situation<'static> = Situation {
    page: None,
    focus: Pane::Tokens,
    marked: 0,
    shown: (&[], &[]),
    line: &[],
    pasted: false,
    token: None,
    filtered: false,
    scope: None,
};

/// Tokens 0 to 9 are of profiles 0 to 9, all others were pasted.
fn profiles(here: Situation<'_>) -> Result<Vec<usize>, Refusal> {
    let owner = |token| (token < 10).then_some(token);
    profiles_of(here, owner, |all| all.sort_unstable()).map(Cow::into_owned)
}

fn tokens(here: Situation<'_>) -> Result<Vec<usize>, Refusal> {
    tokens_of(here).map(Cow::into_owned)
}

#[test]
fn without_marks_it_is_what_is_under_the_cursor() {
    let tree = Situation { focus: Pane::Profiles, token: Some(7), ..NOWHERE };
    let row = Situation { token: Some(3), line: &[1, 2], ..NOWHERE };
    for (what, here, of_profiles, of_tokens) in [
        ("a row", row, Ok(vec![3]), Ok(vec![3])),
        ("the inspector", Situation { focus: Pane::Inspector, ..row }, Ok(vec![3]), Ok(vec![3])),
        ("a pasted token", Situation { token: Some(12), ..row }, Err(Refusal::NoProfile), Ok(vec![12])),
        ("a profile in the tree", Situation { line: &[4], ..tree }, Ok(vec![4]), Ok(vec![7])),
        ("a group", Situation { line: &[4, 6, 5], ..tree }, Ok(vec![4, 6, 5]), Ok(vec![7])),
        ("what was pasted, in the tree", Situation { pasted: true, ..tree }, Err(Refusal::NoProfile), Ok(vec![7])),
        ("the heading of the views", tree, Err(Refusal::Empty), Ok(vec![7])),
        ("an empty scope", NOWHERE, Err(Refusal::Empty), Err(Refusal::Empty)),
        ("a profile without tokens", Situation { scope: Some(8), ..NOWHERE }, Ok(vec![8]), Err(Refusal::Empty)),
        (
            "a filter that leaves none",
            Situation { filtered: true, scope: Some(8), ..NOWHERE },
            Err(Refusal::NoMatch),
            Err(Refusal::NoMatch),
        ),
        ("the page of a profile", Situation { page: Some(Some(5)), ..row }, Ok(vec![5]), Ok(vec![3])),
    ] {
        assert_eq!((profiles(here), tokens(here)), (of_profiles, of_tokens), "{what}");
    }
}

/// Of each pair the place of a profile, and of the token that stands for an old set; tokens from 20 on are old ones of profile 0, 1 …
fn sets(here: Situation<'_>) -> Result<Vec<(usize, Option<usize>)>, Refusal> {
    let owner = |token| match token {
        0..10 => Some(token),
        20.. => Some((token - 20) % 10),
        _ => None,
    };
    sets_of(here, owner, |token| token >= 20, |all| all.sort_unstable())
}

#[test]
fn an_old_token_stands_for_its_set_and_no_other() {
    let row = Situation { token: Some(23), line: &[1, 2], ..NOWHERE };
    let tree = Situation { focus: Pane::Profiles, line: &[2, 4], token: Some(23), ..NOWHERE };
    for (what, here, expected) in [
        ("a current row", Situation { token: Some(3), ..row }, Ok(vec![(3, None)])),
        ("an old row", row, Ok(vec![(3, Some(23))])),
        ("the inspector", Situation { focus: Pane::Inspector, ..row }, Ok(vec![(3, Some(23))])),
        ("the tree", tree, Ok(vec![(2, None), (4, None)])),
        ("a page", Situation { page: Some(Some(5)), ..row }, Ok(vec![(5, None)])),
        ("a pasted token", Situation { token: Some(12), ..row }, Err(Refusal::NoProfile)),
        ("hidden marks", Situation { marked: 2, ..row }, Err(Refusal::Hidden(2))),
        (
            "old and current marked together",
            Situation { marked: 4, shown: (&[], &[33, 3, 23, 12]), ..row },
            Ok(vec![(3, None), (3, Some(23)), (3, Some(33))]),
        ),
        (
            "a profile, and an old token of it and of another",
            Situation { marked: 3, shown: (&[4], &[24, 21]), ..tree },
            Ok(vec![(1, Some(21)), (4, None), (4, Some(24))]),
        ),
        (
            "only old ones",
            Situation { marked: 2, shown: (&[], &[22, 32]), ..row },
            Ok(vec![(2, Some(22)), (2, Some(32))]),
        ),
    ] {
        assert_eq!(sets(here), expected, "{what}");
    }
}

#[test]
fn marks_that_are_shown_win_wherever_the_cursor_is() {
    for focus in Pane::ALL {
        let here = Situation { focus, token: Some(3), line: &[1, 2], ..NOWHERE };
        for (what, marked, shown, of_profiles, of_tokens) in [
            ("tokens", 2, (&[][..], &[5, 12][..]), Ok(vec![5]), Ok(vec![5, 12])),
            ("two of a profile", 3, (&[5], &[5, 6]), Ok(vec![5, 6]), Ok(vec![5, 6])),
            ("profiles", 2, (&[8, 4], &[]), Ok(vec![4, 8]), Err(Refusal::OnlyProfiles(2))),
            ("pasted tokens", 2, (&[], &[12, 13]), Err(Refusal::NoProfile), Ok(vec![12, 13])),
            ("some of them hidden", 5, (&[], &[5]), Ok(vec![5]), Ok(vec![5])),
            ("all of them hidden", 3, (&[], &[]), Err(Refusal::Hidden(3)), Err(Refusal::Hidden(3))),
        ] {
            let here = Situation { marked, shown, ..here };
            assert_eq!((profiles(here), tokens(here)), (of_profiles, of_tokens), "{what} {focus:?}");
            // The page of a profile is about that one.
            assert_eq!(profiles(Situation { page: Some(Some(9)), ..here }), Ok(vec![9]), "{what}");
        }
    }
    assert_eq!(Refusal::Hidden(3).words(), ("3 marked, none shown.".to_owned(), "{key:unmark} unmarks"));
}
