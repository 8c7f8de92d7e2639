//! Signals: a thread that turns them into events.

use std::{
    ffi::c_int,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
};

use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGWINCH},
    iterator::Signals,
    low_level::emulate_default_handler,
};

use super::{
    Event,
    terminal::{Device, Guard},
};
use crate::{host::panics, tui::app::Message};

/// Starts the thread. It owns the signals for the rest of the process's life, and tells when the screen has another size than
/// this one. What comes back is to be set by whoever has heard of the first signal that ends the program.
pub(super) fn start(
    device: Device,
    mut size: (u16, u16),
    guard: Guard,
    events: Sender<Event>,
) -> io::Result<Arc<AtomicBool>> {
    let heard = Arc::<AtomicBool>::default();
    let listens = Arc::clone(&heard);
    let mut signals = Signals::new([SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGWINCH])?;
    let thread = std::thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || {
        let mut terminated = false;
        let mut tell_size = |device: &Device| {
            let now = device.size();
            if std::mem::replace(&mut size, now) != now {
                let _ = events.send(Event::Message(Message::Resized(now.0, now.1)));
            }
        };
        // It may have changed before anybody listened.
        tell_size(&device);
        for signal in signals.forever() {
            panics::if_asked_for("signals");
            if matches!(signal, SIGWINCH | SIGCONT) {
                // While a program is stopped, nothing tells it of a new size.
                tell_size(&device);
            }
            if !is_end(signal) {
                event(signal).into_iter().for_each(|event| _ = events.send(event));
            } else if !terminated || listens.load(Ordering::Relaxed) {
                terminated = true;
                let _ = events.send(Event::Terminated(signal));
            } else if is_word(signal) {
                // The loop did not listen to the first one: it hangs in a write to a terminal that takes nothing.
                guard.leave();
                let _ = emulate_default_handler(signal);
            }
        }
    })?;
    Ok(heard)
}

/// Whether somebody has sent it: a terminal that goes away hangs up once or twice, and nobody means anything by that.
pub(super) fn is_word(signal: c_int) -> bool {
    signal != SIGHUP
}

fn is_end(signal: c_int) -> bool {
    matches!(signal, SIGHUP | SIGINT | SIGQUIT | SIGTERM)
}

fn event(signal: c_int) -> Option<Event> {
    match signal {
        SIGWINCH => None,
        SIGCONT => Some(Event::Continued),
        // `tokscope lock`: the signal of store::holders.
        SIGUSR1 => Some(Event::Message(Message::LockAsked)),
        _ => Some(Event::Stopped),
    }
}

/// Whether a shell with job control is around that could continue us: not so in `xterm -e` or a multiplexer's window.
pub(super) fn can_stop() -> io::Result<bool> {
    Ok(rustix::process::getsid(None)? != rustix::process::getpgrp())
}

/// Stops the whole job, as Ctrl-Z in a terminal that is not raw does, until the shell continues it.
pub(super) fn stop() -> io::Result<()> {
    // SIGSTOP because our own SIGTSTP would come back to us as an event.
    Ok(rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?)
}
