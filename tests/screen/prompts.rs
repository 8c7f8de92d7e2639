//! Prompts: whom they are for, how far they are, who gets what is typed, and the ways out.

use crate::support::stage;
use stage::{Stage, profile, start};
use tokscope::{
    auth::{Progress, Prompt},
    tui::app::{Start, message::TaskEvent},
};

/// A login that asks for two secrets.
fn asking(environment: &str) -> Stage {
    let mut profile = profile("lms", environment);
    profile.settings.insert("password".to_owned(), "prompt".to_owned());
    profile.settings.insert("client_secret".to_owned(), "prompt".to_owned());
    profile.settings.insert("grant".to_owned(), "password".to_owned());
    let mut stage = Stage::with(Start { profiles: Ok(vec![profile]), ..start((120, 40)) });
    stage.keys("=lms l").effects();
    stage
}

fn secret(key: &'static str, label: &'static str) -> TaskEvent {
    TaskEvent::Asked(Prompt { key, label: label.into(), help: "As the server knows it".into(), secret: true })
}

#[test]
fn a_prompt_says_for_whom_it_is_and_who_gets_the_answer() {
    for (environment, badge) in [("staging", "stg"), ("prod", "PROD")] {
        let mut stage = asking(environment);
        stage.job(1, secret("password", "Password")).shows(&format!("Log in  {badge} lms"));
        stage.shows("Password of alice at lms.example.org").shows("As the server knows it");
        stage.shows("goes to the server only; F2 shows it, ^U clears it");
        stage.shows("Enter go on   Esc cancel: nothing was sent yet");
        // After an answer that may have been sent, it does not say so.
        stage.types("x").keys("Enter").job(1, TaskEvent::Stepped(Progress::Contacting("lms.example.org".to_owned())));
        stage.job(1, secret("otp", "One-time code")).shows("step 2").shows("Esc cancel").hides("nothing was sent");
    }
    let mut stage = asking("staging");
    let passphrase = TaskEvent::Asked(Prompt {
        key: "passphrase",
        label: "Passphrase of the private key".into(),
        help: "".into(),
        secret: true,
    });
    stage.job(1, passphrase).shows("stays on this machine; F2 shows it").hides("goes to the server");
}

#[test]
fn a_secret_is_shown_and_hidden_again_wherever_one_is_typed() {
    let mut stage = asking("staging");
    stage.job(1, secret("password", "Password")).types("hunter2").hides("hunter2").keys("F2").shows("hunter2");
    stage.keys("F2").hides("hunter2").keys("F2 Enter").hides("hunter2");
    assert_eq!(stage.effects(), ["answer 1 hunter2"]);
    // The next one is masked again.
    stage.job(1, secret("otp", "One-time code")).types("123456").hides("123456");
    for keys in ["v", "2 K Enter"] {
        let mut stage = Stage::new();
        stage.paste(&stage::jwt("{}")).keys(keys).types("hunter2").hides("hunter2").keys("F2").shows("hunter2");
    }
    let mut stage = Stage::new();
    stage.keys("=edx-demo e Down Down Down Down Down Down").under_cursor("Password").keys("^U").types("plain:hunter2");
    stage.hides("hunter2").keys("F2").shows("plain:hunter2").keys("F2").hides("hunter2");
}

#[test]
fn a_device_login_tells_how_long_it_waits_and_what_its_keys_do() {
    let mut stage = asking("prod");
    let expires_at = stage.now + chrono::TimeDelta::minutes(15);
    let code = Progress::DeviceCode {
        user_code: "WDJB-MJHT".to_owned(),
        verification_uri: "https://github.com/login/device".to_owned(),
        verification_uri_complete: None,
        expires_at,
    };
    stage.job(1, TaskEvent::Stepped(code)).tick("+12s").shows("Log in  PROD lms  waiting 12s");
    stage
        .shows("c copy address  y copy code  o open browser")
        .shows("Enter hide, goes on in the background   Esc cancel");
    let asks = || TaskEvent::Stepped(Progress::Contacting("device endpoint".to_owned()));
    stage.job(1, asks()).job(1, asks()).job(1, asks()).shows("asked 3 times; the code ends in 14m 48s");
}

#[test]
fn a_form_tells_where_one_is_and_what_it_makes_of_what_is_typed() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo e").shows("Edit  stg edx-demo  Open edX").shows("1 of ").shows("^S save");
    stage.keys("Down").shows("2 of ").keys("^U").types("prod").shows("PROD: asks for its name before it revokes");
    stage
        .keys("Down ^U")
        .types("http://lms.example.org")
        .shows("plain http: others on the way can read the password")
        .keys("^U")
        .types("lms")
        .shows("must be a full http");
    stage
        .keys("Up Up")
        .types("x")
        .hides("another profile")
        .keys("^U")
        .types("edx-prod")
        .shows("another profile has this name");
}

/// A line is edited alike wherever text is typed: by words, and with its changes undone.
#[test]
fn words_are_deleted_and_changes_undone_wherever_text_is_typed() {
    for place in ["2 /", "3 /", "1 :", "?", "@", "v", "=edx-demo e ^U", "N /", "2 K Enter", "=edx-prod x"] {
        let mut stage = Stage::new();
        stage.keys("=edx-prod l").arrives(1, 3_600).effects();
        stage.keys(place);
        if !place.starts_with(['v']) && !place.ends_with("K Enter") {
            stage.types("qqq zzz").shows("qqq zzz").keys("^W").hides("zzz").shows("qqq");
            stage.keys("^Y").shows("qqq zzz").keys("^R").hides("zzz").keys("^_").shows("qqq zzz");
            stage.keys("^Left").types("x").shows("qqq xzzz").keys("Alt-b Alt-Left").types("y").shows("yqqq xzzz");
            stage.keys("Alt-f ^Right").types("z").shows("yqqq xzzzz").keys("^A ^U ^Y").shows("yqqq xzzzz");
        } else {
            stage
                .types("qqq zzz")
                .keys("F2")
                .shows("qqq zzz")
                .keys("^W ^Y")
                .shows("qqq zzz")
                .keys("^Y ^R ^W")
                .hides("zzz");
        }
        assert!(stage.effects().is_empty(), "{place}");
    }
}
