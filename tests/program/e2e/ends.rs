//! Seven kinds of abrupt end: the terminal is given back, each time. `TOKSCOPE_ENDS=20` does each so often.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{PidfdFlags, Signal, kill_process, pidfd_open},
};
use tokscope::clock;

use crate::e2e::{
    jws,
    screen::{Screen, TOKSCOPE},
};

/// How often each is tried.
fn times() -> usize {
    std::env::var("TOKSCOPE_ENDS").map_or(1, |text| text.parse().unwrap())
}

fn at_work() -> Screen {
    let mut screen = Screen::tokscope(&[&jws(r#"{"sub":"ada","exp":4102444800}"#)]);
    screen.wait_for("\"ada\"");
    screen
}

#[test]
fn signals_and_keys_give_the_terminal_back() {
    for _ in 0..times() {
        for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)] {
            let mut screen = at_work();
            screen.signal(signal);
            assert_eq!(screen.wait_restored(), code, "{signal:?}");
        }
        let mut screen = at_work();
        screen.press("\x03");
        assert_eq!(screen.wait_restored(), 0);
    }
}

#[test]
fn a_panic_in_any_thread_gives_the_terminal_back_and_ends_the_program() {
    for _ in 0..times() {
        // What makes each of them do something.
        let stir = |thread: &str, screen: &mut Screen| match thread {
            "input" => screen.press("?"),
            "signals" => screen.resize(100, 30),
            "clipboard" => screen.press("c"),
            _ => {}
        };
        for thread in ["screen", "input", "signals", "alarm", "clipboard"] {
            // It ended half an hour ago: the alarm is set for its next minute.
            let ended = clock::now().timestamp() - 1_805;
            let token = jws(&format!(r#"{{"sub":"ada","exp":{ended}}}"#));
            // With a display, the clipboard has a thread.
            let environment = [("TOKSCOPE_PANIC", thread), ("DISPLAY", ":nowhere")];
            let mut screen = Screen::run(TOKSCOPE, &[&token], &environment, |_| {});
            screen.wait_until("a frame, or the end of the first", |screen| {
                screen.text().contains("\"ada\"") || screen.text().contains("TOKSCOPE_PANIC")
            });
            stir(thread, &mut screen);
            assert_eq!(screen.wait_restored(), 101, "{thread}");
            let said = screen.text();
            assert!(said.contains(&format!("names this thread: {thread}")), "{thread}: {said}");
        }
    }
}

#[test]
fn a_terminal_that_is_closed_ends_the_program() {
    for _ in 0..times() {
        let mut screen = at_work();
        screen.hang_up();
        assert_eq!(screen.wait_exit(), 129);
    }
}

#[test]
fn a_stopped_program_goes_on_and_its_end_gives_the_terminal_back() {
    for _ in 0..times() {
        let mut screen = Screen::run("sh", &["-i"], &[], |_| {});
        screen.wait_for("$");
        screen.press(&format!("'{TOKSCOPE}' {}\n", jws(r#"{"sub":"ada"}"#)));
        screen.wait_for("\"ada\"");
        screen.signal_foreground(Signal::TSTP);
        screen.wait_for("Stopped");
        screen.assert_restored();
        screen.press("fg\n");
        screen.wait_for("decoded, not verified");
        screen.signal_foreground(Signal::TERM);
        screen.wait_until("the shell's screen", Screen::restored);
        screen.press("exit 7\n");
        assert_eq!(screen.wait_restored(), 7);
    }
}

/// Whoever started it is killed, as a terminal multiplexer or an ssh session is: the program hears of its terminal's end.
#[test]
fn a_program_whose_parent_is_killed_ends() {
    for _ in 0..times() {
        let mut screen = Screen::run("sh", &["-i"], &[], |_| {});
        screen.wait_for("$");
        screen.press(&format!("'{TOKSCOPE}' {}\n", jws(r#"{"sub":"ada"}"#)));
        screen.wait_for("\"ada\"");
        let program = pidfd_open(screen.foreground(), PidfdFlags::empty()).unwrap();
        kill_process(screen.pid(), Signal::KILL).unwrap();
        // It can be read from once the process has ended.
        let patience = Timespec { tv_sec: 30, tv_nsec: 0 };
        assert_eq!(poll(&mut [PollFd::new(&program, PollFlags::IN)], Some(&patience)), Ok(1));
    }
}
