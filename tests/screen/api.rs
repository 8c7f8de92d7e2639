//! A request to an API from the list of commands: under whose token it goes, what asks first, and where its answer is seen.

use crate::support::stage::{self, Stage};
use tokscope::{
    auth::AuthError,
    tui::app::{
        Message, Start,
        message::{TaskEvent, TaskId, TaskOutcome},
    },
};

/// Sessions of `edx-demo` in staging and `edx-prod` in prod, the cursor on the first.
fn sessions() -> Stage {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_000).keys("=edx-prod l").arrives(2, 3_000);
    stage.keys("Esc =edx-demo").tick("+1m").effects();
    stage
}

fn answers(stage: &mut Stage, id: u64, profile: &str, status: u16) {
    let name = stage::profile(profile, "x").name;
    let exchange = stage::exchange(stage.now, status, 0);
    stage.send(Message::Exchanged(name, Box::new(exchange)));
    stage.send(Message::Task(TaskId(id), TaskEvent::Ended(Ok(TaskOutcome::Called(status)))));
}

#[test]
fn a_request_is_typed_and_its_answer_comes_up() {
    let mut stage = sessions();
    stage.keys(":").types("call GET /api/me?key=s3cret").under_cursor("GET /api/me").under_cursor("stg edx-demo");
    stage.keys("Enter").hides("Commands");
    assert_eq!(stage.effects(), ["start 3 GET /api/me edx-demo"]);
    stage.tick("+1s").shows("» calling 1s");
    answers(&mut stage, 3, "edx-demo", 200);
    stage.shows("edx-demo: GET /api/me: 200 after 120 ms.").shows("[Exchange]").shows("200 after 120 ms");
    // What an API says is no word about the session.
    stage.keys(":").types("call /api/me").keys("Enter");
    assert_eq!(stage.effects(), ["start 4 GET /api/me edx-demo"]);
    answers(&mut stage, 4, "edx-demo", 500);
    stage.shows("edx-demo: GET /api/me: 500 after 120 ms.").hides("✗").hides("failed");
    stage.keys(":").types("call /api/me").keys("Enter").fails(5, stage::refusal()).hides("✗ call failed");
}

#[test]
fn an_answer_does_not_take_the_screen_from_somebody_who_went_on() {
    for elsewhere in ["=edx-prod", "=edx-demo ?"] {
        let mut stage = sessions();
        stage.keys(":").types("call /api/me").keys("Enter").keys(elsewhere);
        answers(&mut stage, 3, "edx-demo", 200);
        stage.hides("[Exchange]");
    }
    let mut stage = sessions();
    stage.keys(":").types("call /api/me").keys("Enter =edx-prod");
    answers(&mut stage, 3, "edx-demo", 200);
    stage.shows("edx-demo: GET /api/me: 200 after 120 ms.");
}

#[test]
fn what_may_change_something_in_a_protected_environment_needs_its_name() {
    let mut stage = sessions();
    stage.keys("=edx-prod :").types("call DELETE /api/user/7").keys("Enter");
    stage.shows("Send DELETE /api/user/7 under the token of edx-prod?").shows("Type prod and Enter to send");
    stage.types("y").keys("Enter").shows("nothing was done");
    assert!(stage.effects().is_empty());
    stage.keys("^U").types("prod").keys("Enter");
    assert_eq!(stage.effects(), ["start 3 DELETE /api/user/7 edx-prod"]);
    // Reading does not, and neither does another environment.
    let mut stage = sessions();
    stage.keys("=edx-prod :").types("call HEAD /x").keys("Enter");
    stage.keys("=edx-demo :").types("call POST /x {}").keys("Enter");
    assert_eq!(stage.effects(), ["start 3 HEAD /x edx-prod", "start 4 POST /x edx-demo"]);
}

#[test]
fn what_cannot_be_sent_says_why_and_stays_in_the_line() {
    let mut stage = sessions();
    for (typed, why) in [
        ("call GET", "write a path that begins with /, or a URL"),
        ("call GET api", "write a path that begins with /, or a URL"),
        ("call TRACE /x", "CONNECT and TRACE are not sent"),
    ] {
        stage.keys(":").types(typed).under_cursor(why).keys("Enter").shows("Commands").shows(typed).keys("Esc");
    }
    stage.keys("* :").types("call /x").under_cursor("one profile at a time").keys("Enter Esc *");
    let mut empty = Stage::new();
    empty.keys("=edx-demo :").types("call /x").under_cursor("edx-demo has no tokens").keys("Enter Esc");
    assert!(stage.effects().is_empty() && empty.effects().is_empty());
}

#[test]
fn it_is_found_by_its_name_and_completed() {
    let mut stage = sessions();
    stage.keys(":").types("call").under_cursor("call GET /").keys("Tab").types("api/me").keys("Enter");
    assert_eq!(stage.effects(), ["start 3 GET /api/me edx-demo"]);
    // Enter sends nothing either before a path was typed.
    stage.keys(":").types("call").keys("Enter").shows(":call GET /").shows("Commands");
    assert!(stage.effects().is_empty());
    stage.keys("Esc");
    // Where nothing can be called the reason stands there.
    let mut empty = Stage::with(Start { profiles: Ok(Vec::new()), ..stage::start((120, 40)) });
    empty.keys(":").types("call").under_cursor("call GET /").keys("Enter").shows(":call").hides("no command matches");
    stage.keys("Esc");
    assert_eq!(stage.effects(), ["cancel 3"]);
    stage.fails(3, AuthError::Cancelled).shows("Call cancelled.").hides("may have acted");
    // What may change something was on its way, perhaps.
    stage.keys(":").types("call DELETE /api/7").keys("Enter Esc");
    stage.fails(4, AuthError::Cancelled).shows("→ the server may have acted on it");
}
