//! The walk-throughs: what a person wants to know or to have done, and how few keys it takes. Each is driven in the real
//! program, at 80×24 and at 120×40, by keys and, where a mouse can, by mouse; what is checked is what stands on the screen.

mod demo;
mod first;
mod idle;
mod prod;
mod step;

use step::Step;

/// The sizes that a walk must fit in.
const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// A walk.
struct Walk {
    wanted: &'static str,
    /// So many keys or clicks at most.
    limit: usize,
    /// The token under the cursor: the words of the inspector's title.
    from: &'static str,
    /// What has happened before; not counted.
    before: &'static [Step<'static>],
    keys: &'static [Step<'static>],
    mouse: Mouse,
    /// The way back to the list of all tokens; not counted.
    back: &'static [Step<'static>],
}

/// Where a mouse can do it.
enum Mouse {
    /// Only the keyboard can.
    Nowhere,
    /// Where the hints have room: from 30 rows on.
    Wide(&'static [Step<'static>]),
    Anywhere(&'static [Step<'static>]),
}

impl Walk {
    /// Drives it, and counts.
    #[track_caller]
    fn walk(&self, screen: &mut crate::support::screen::Screen, steps: &[Step<'_>]) {
        let count: usize = steps.iter().map(Step::count).sum();
        assert!(count <= self.limit, "{}: {count} keys, and {} is the limit", self.wanted, self.limit);
        step::start(screen, self.from);
        for step in self.before.iter().chain(steps).chain(self.back) {
            step.take(screen, self.wanted);
        }
        step::is_back(screen, self.wanted);
    }
}

#[test]
fn of_two_clicks_at_once_the_second_meets_what_the_first_has_brought() {
    use crate::support::screen::{Screen, TOKSCOPE, click};

    let mut screen = Screen::sized((120, 40), TOKSCOPE, &["demo"], &[], |_| {});
    screen.wait_for("▾ dev");
    let clicks = ["PROD lms-prod", "▾ dev"].map(|words| click(screen.place(words).unwrap()));
    screen.press(&clicks.concat());
    screen.wait_for("▸ dev");
}
