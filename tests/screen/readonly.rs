//! Read-only on screen: nothing is tried, by hand or automatically, and the title says so.

use crate::support::stage::{self, Stage, start};
use tokscope::{auth::ReadOnly, store::config::Config, tui::app::Start};

fn in_prod() -> Config {
    let mut config = Config::default();
    config.environments.readonly = vec!["prod*".to_owned()];
    config.refresh.automatic = true;
    config
}

#[test]
fn a_read_only_environment_is_neither_renewed_nor_asked_about() {
    let begin = start((120, 40));
    let token_sets =
        ["edx-demo", "edx-prod"].map(|name| (stage::profile(name, "x").name, stage::token_set(begin.now, 90)));
    let mut stage = Stage::with(Start { config: Ok(in_prod()), token_sets: token_sets.into(), ..begin });
    stage.keys("=edx-demo").hides("READ-ONLY").keys("=edx-prod").shows("All › PROD › edx-prod  READ-ONLY");
    stage.keys("r").shows("the environment prod is read-only: nothing was sent for edx-prod");
    stage.keys("N").shows("readonly under [environments] in config.toml names it").keys("Esc");
    stage.keys("l p").keys("x").hides("Type prod");
    assert!(stage.effects().is_empty(), "nothing is begun, and nothing is asked");
    stage.keys("Enter").shows("on, but not used: the profile is read-only").keys("Esc").tick("+80s");
    assert_eq!(stage.effects(), ["start 1 Refresh edx-demo"], "the other one is renewed");
    stage.resize(40, 12).shows("PROD READ-ONLY");
}

#[test]
fn a_command_turns_it_on_for_all_until_the_end() {
    let mut stage = Stage::new();
    stage.keys(":").types("readonly").keys("Enter").shows("READ-ONLY").shows("read-only until tokscope ends");
    assert_eq!(stage.effects(), ["SendNothing"]);
    stage.keys("=edx-demo l").shows("tokscope is read-only: nothing was sent for edx-demo");
    assert!(stage.effects().is_empty());
    // The settings cannot take it back.
    stage.send(tokscope::tui::app::Message::ConfigLoaded(Ok(Config::default()))).keys("l");
    assert!(stage.effects().is_empty());
    let mut stage = Stage::new();
    stage.model.restrict(ReadOnly::this_run());
    stage.shows("READ-ONLY").keys("=edx-demo l");
    assert!(stage.effects().is_empty());
    // Of several none can: that is said at once, and nothing is asked.
    stage.keys("1 g l").shows("log in: not possible for any of the 2 profiles: read-only");
    assert!(stage.effects().is_empty());
}
