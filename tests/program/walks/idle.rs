//! The clock is the only animation.

use super::step::clock;
use crate::{e2e::jws, support::screen::Screen};

/// Whoever counts three seconds draws three frames; whoever has nothing to count writes nothing in that time.
#[test]
fn idle_costs_a_frame_a_second_where_something_counts_down_and_else_none() {
    let expires_at = tokscope::clock::now().timestamp() + 7_200;
    let mut counting = Screen::tokscope(&[&jws(&format!(r#"{{"sub":"ada","exp":{expires_at}}}"#))]);
    let mut still = Screen::tokscope(&[&jws(r#"{"sub":"grace"}"#)]);
    for (screen, subject) in [(&mut counting, "ada"), (&mut still, "grace")] {
        screen.wait_for(subject);
        screen.press("\x1b");
        screen.wait_gone("Read ");
    }
    let begin = clock(&counting).unwrap() + 1;
    let is_at = |time| move |screen: &Screen| screen.is_whole() && clock(screen).is_some_and(|now| now >= time);
    counting.wait_until("the next second", is_at(begin));
    let (before, begin) = (counting.frames(), clock(&counting).unwrap());
    let before_still = still.written();
    counting.wait_until("three more seconds", is_at(begin + 3));
    let (after, end) = (counting.frames(), clock(&counting).unwrap());
    assert!(after - before <= (end - begin) as usize, "{} frames in {} s", after - before, end - begin);
    assert_eq!(still.written(), before_still, "nothing counts: {}", still.text());
}
