//! Waking up at a time of the clock on the wall. The clock by which threads wait stands still while the machine sleeps:
//! a refresh that is due in an hour would come an hour after the lid was opened.

use std::{io, sync::mpsc::Sender};

use super::Event;
use crate::clock::Timestamp;

#[cfg(target_os = "linux")]
use linux::Timer;
#[cfg(not(target_os = "linux"))]
use other::Timer;

/// Wakes the loop with [`Event::Woken`], also when somebody sets the clock.
pub(super) struct Alarm(Timer);

impl Alarm {
    /// Starts the thread that waits.
    pub(super) fn start(events: Sender<Event>) -> io::Result<Self> {
        Timer::start(events).map(Self)
    }

    /// Wakes at that time; a time that was set before counts no more.
    pub(super) fn set(&self, at: Timestamp) {
        self.0.set(at);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{io, os::fd::OwnedFd, sync::Arc, thread};

    use rustix::{
        io::Errno,
        time::{
            Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
        },
    };

    use super::{Event, Sender, Timestamp};
    use crate::host::panics;

    pub(super) struct Timer(Arc<OwnedFd>);

    impl Timer {
        pub(super) fn start(events: Sender<Event>) -> io::Result<Self> {
            let timer = Arc::new(timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::CLOEXEC)?);
            let rings = Arc::clone(&timer);
            thread::Builder::new().name("alarm".to_owned()).spawn(move || {
                panics::if_asked_for("alarm");
                let mut times = [0; 8];
                // Cancelled: somebody has set the clock.
                while matches!(rustix::io::read(&rings, &mut times), Ok(_) | Err(Errno::CANCELED | Errno::INTR)) {
                    if events.send(Event::Woken).is_err() {
                        return;
                    }
                }
            })?;
            Ok(Self(timer))
        }

        pub(super) fn set(&self, at: Timestamp) {
            let nanoseconds = at.timestamp_subsec_nanos().min(999_999_999);
            let value = Timespec { tv_sec: at.timestamp().max(1), tv_nsec: nanoseconds.into() };
            let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
            let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
            // The timer is there and the time is one: nothing is left that could be refused.
            let _ = timerfd_settime(&self.0, flags, &once);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::{
        io,
        sync::mpsc::{self, RecvTimeoutError},
        thread,
        time::Duration,
    };

    use super::{Event, Sender, Timestamp};
    use crate::clock;

    /// So often a sleeping machine's clock is looked at.
    const LOOK: Duration = Duration::from_secs(60);

    pub(super) struct Timer(Sender<Timestamp>);

    impl Timer {
        pub(super) fn start(events: Sender<Event>) -> io::Result<Self> {
            let (times, received) = mpsc::channel::<Timestamp>();
            thread::Builder::new().name("alarm".to_owned()).spawn(move || {
                let mut due: Option<Timestamp> = None;
                loop {
                    let left = due.map_or(LOOK, |at| (at - clock::now()).to_std().unwrap_or_default().min(LOOK));
                    match received.recv_timeout(left) {
                        Ok(at) => due = Some(at),
                        Err(RecvTimeoutError::Disconnected) => return,
                        Err(RecvTimeoutError::Timeout) if due.is_some_and(|at| clock::now() >= at) => {
                            due = None;
                            if events.send(Event::Woken).is_err() {
                                return;
                            }
                        }
                        Err(RecvTimeoutError::Timeout) => {}
                    }
                }
            })?;
            Ok(Self(times))
        }

        pub(super) fn set(&self, at: Timestamp) {
            // The thread ends with the receiver of its events, when nobody waits any more.
            let _ = self.0.send(at);
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use chrono::TimeDelta;

    use super::*;
    use crate::clock;

    #[test]
    fn it_rings_at_its_time_and_a_later_setting_counts() {
        let (events, received) = mpsc::channel();
        let alarm = Alarm::start(events).unwrap();
        alarm.set(clock::now() + TimeDelta::days(1));
        let due = clock::now() + TimeDelta::milliseconds(20);
        alarm.set(due);
        assert!(matches!(received.recv_timeout(Duration::from_secs(10)), Ok(Event::Woken)));
        assert!(clock::now() >= due);
        alarm.set(clock::now() - TimeDelta::days(1));
        assert!(matches!(received.recv_timeout(Duration::from_secs(10)), Ok(Event::Woken)), "a time that is past");
    }
}
