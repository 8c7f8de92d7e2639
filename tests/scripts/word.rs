//! What stands where a subcommand or a token is expected, and is neither.

use crate::world::bare;

#[test]
fn a_short_word_is_a_mistyped_command() {
    for (word, command) in [("refrsh", "refresh"), ("tokn", "token"), ("statsu", "status"), ("profle", "profile")] {
        let (out, words, code) = bare(&[word]);
        assert_eq!((out.as_str(), code), ("", 2), "{word}");
        assert!(words.contains(&format!("did you mean `tokscope {command}`?")), "{words}");
    }
    let (_, words, code) = bare(&["hunter2!"]);
    assert_eq!(code, 2);
    assert!(words.starts_with("error: the argument is neither a command nor a token\nhint: "), "{words}");
    assert!(!words.contains("hunter2"), "it may be a secret: {words}");
}

#[test]
fn empty_standard_input_is_trouble() {
    for arguments in [&["-"][..], &["decode"], &["decode", "-"]] {
        let (out, words, code) = bare(arguments);
        assert_eq!((out.as_str(), code), ("", 2), "{arguments:?}");
        assert!(words.starts_with("error: standard input is empty"), "{words}");
    }
}
