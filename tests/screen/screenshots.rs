//! The pictures of the README, drawn by the program's own view: `SNAPSHOTS=overwrite cargo test --test screen screenshots`.

use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use snapbox::{Data, assert_data_eq, data::DataFormat};
use tokscope::{
    auth::{Progress, TokenSet},
    profile::ProfileName,
    tui::app::{
        Start,
        message::{CopyOutcome, Message, TaskEvent},
        vault::AtStart,
    },
};

use crate::support::stage::{self, Stage, picture};

#[track_caller]
fn kept(name: &str, drawn: String) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(format!("{name}.svg"));
    assert_data_eq!(Data::from(drawn).raw(), Data::read_from(&path, Some(DataFormat::Text)).raw());
}

#[track_caller]
fn shot(name: &str, stage: &Stage) {
    kept(name, picture::svg(&stage.buffer()));
}

/// The sessions of somebody's afternoon: four in production, one about to end, one that is over, one that renews itself.
fn fleet(size: (u16, u16), theme: &str) -> Stage {
    let start = stage::start(size);
    let (now, ago) = (start.now, |minutes| start.now - TimeDelta::minutes(minutes));
    let sets: Vec<(&str, &str, Option<TokenSet>)> = vec![
        ("grades-worker", "prod", Some(stage::token_set(ago(240), 3_600))),
        ("lms-prod", "prod", Some(stage::token_set(ago(19), 3_600))),
        ("seta-files", "prod", Some(stage::token_set(now - TimeDelta::seconds(852), 900))),
        ("lms-staging", "staging", Some(stage::token_set(ago(47), 3_600))),
        ("practicus-eu", "staging", None),
        ("keycloak-local", "dev", Some(stage::token_set(ago(1), 300))),
        ("github-device", "dev", None),
    ];
    let profiles = sets.iter().map(|(name, environment, _)| {
        let mut profile = stage::profile(name, environment);
        if *name == "keycloak-local" {
            profile.settings.insert("auto_refresh".to_owned(), "true".to_owned());
        }
        profile
    });
    let token_sets = sets.iter().filter_map(|(name, _, set)| Some((ProfileName::new(*name).unwrap(), set.clone()?)));
    let (profiles, token_sets) = (Ok(profiles.collect()), token_sets.collect());
    let mut stage = Stage::with(Start { profiles, token_sets, config: Ok(stage::config(theme)), ..start });
    let jwt = |subject, began, seconds| stage::jwt(&stage::claims(subject, began, seconds));
    stage
        .paste(&jwt("machine-7", ago(30), 9_600))
        .paste(&jwt("feanil", ago(12_000), 3_600))
        .tick("+6s")
        .keys("1 g 2 g");
    stage.effects();
    stage
}

#[test]
fn the_gallery() {
    let dark = || fleet((120, 34), "dark");
    shot("session", dark().keys("=lms-prod 2"));
    shot("wide", fleet((200, 60), "dark").keys("=lms-prod 2"));
    let mut light = fleet((120, 34), "light");
    kept("light", picture::svg_on(&picture::LIGHT, &light.keys("=seta-files 2").buffer()));
    shot("verify", dark().keys("=lms-prod 2 V"));
    shot("filter", dark().keys("/").types("left<1h env:pr"));
    shot("palette", dark().keys("=lms-prod 2 :").types("copy"));
    shot("horizon", dark().keys("H"));
    shot("compare", dark().keys("/").types("kind:acc env:prod").keys("Enter Down m Down m"));
    let mut exchange = dark();
    let profile = ProfileName::new("lms-prod").unwrap();
    let news = stage::exchange(exchange.now, 401, 192);
    exchange.keys("=lms-prod r").send(Message::Exchanged(profile, Box::new(news))).fails(1, stage::refusal()).keys("w");
    shot("exchange", &exchange);
    let mut device = dark();
    let expires_at = device.now + TimeDelta::minutes(10);
    let code = Progress::DeviceCode {
        user_code: "WDJB-MJHT".to_owned(),
        verification_uri: "https://login.example.org/device".to_owned(),
        verification_uri_complete: None,
        expires_at,
    };
    shot("device", device.keys("=github-device l").tick("+12s").job(1, TaskEvent::Stepped(code)));
    let config = Ok(stage::config("dark"));
    let empty = Start { profiles: Ok(Vec::new()), config, vault: AtStart::Undecided, ..stage::start((120, 34)) };
    shot("first-start", Stage::with(empty).send(Message::SourcesFound(3)));
    let mut rotation = dark();
    crate::rotation::plan_of_three(&mut rotation);
    shot("rotation", &rotation);
    crate::rotation::receipt_of_three(&mut rotation);
    shot("receipt", &rotation);
    shot("marks", dark().keys("Space Down Space"));
}

/// A login, the countdown, a refresh and what it has changed.
#[test]
fn the_story() {
    let size = (100, 30);
    let config = Ok(stage::config("dark"));
    let mut stage = Stage::with(Start { config, ..stage::start(size) });
    let mut screens: Vec<(Buffer, f64)> = Vec::new();
    let mut scene = |stage: &Stage, seconds| screens.push((stage.buffer(), seconds));
    stage.keys("=edx-prod");
    scene(&stage, 1.5);
    stage.keys("l").tick("+1s").job(1, TaskEvent::Asked(stage::password_prompt()));
    scene(&stage, 1.0);
    for typed in ["corr", "ect h", "orse"] {
        scene(stage.types(typed), 0.4);
    }
    stage.keys("Enter").tick("+1s");
    scene(&stage, 1.0);
    stage.arrives(1, 64).keys("2 g");
    scene(&stage, 1.5);
    for _ in 0..6 {
        scene(stage.tick("+9s"), 0.5);
    }
    stage.keys("r").tick("+1s");
    scene(&stage, 1.0);
    stage.arrives(2, 3_600);
    scene(&stage, 3.0);
    stage.keys("a").send(Message::Copied("header of edx-prod".to_owned(), CopyOutcome::Clipboard)).tick("+1s");
    scene(&stage, 3.0);
    kept("story", picture::film(&picture::DARK, &screens));
}
