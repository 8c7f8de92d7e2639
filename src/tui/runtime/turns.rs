//! The loop: waits for an event or for the time that the app asked for, updates, performs, draws.

mod exit;
mod queue;

use std::{
    cell::OnceCell,
    io,
    process::ExitCode,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, Sender},
    },
    time::{Duration, Instant},
};

use ratatui::Frame;
use rustix::io::Errno;

pub(super) use self::exit::Exit;
use self::queue::Queue;
use super::{
    Event, RunError,
    alarm::Alarm,
    door::{Door, Entered},
    key::FoundKey,
    signals,
    tasks::Tasks,
    terminal::Screen,
};
use crate::{
    auth::{AuthError, ReadOnly},
    clock,
    host::{
        browser,
        clipboard::{self, Desktop, Osc52, Way},
        notify::Notification,
        panics, process,
    },
    profile::{Profile, ProfileName},
    secret::{Fingerprint, SecretString},
    session::{Profiles, Session},
    tui::app::{
        self, Effect, Message, Model,
        message::{CopyOutcome, TaskEvent, TaskId, TaskOutcome, Unopened, What},
        mouse::Targets,
        schedule,
    },
};

/// After so long of handling events a frame is drawn all the same.
const TURN: Duration = Duration::from_millis(8);

/// A longer wait is the alarm's: the clock that short ones go by stands still while the machine sleeps.
const LONG: Duration = Duration::from_millis(1_500);

/// How long the exit may wait for the desktop to take our text off its clipboard.
const LAST_WORD: Duration = Duration::from_millis(500);

/// All that the main thread owns.
pub(super) struct Turns<V> {
    pub(super) model: Model,
    pub(super) view: V,
    pub(super) screen: Screen,
    pub(super) tasks: Tasks,
    pub(super) session: Arc<Session>,
    pub(super) profiles: Profiles,
    /// The way into the vault, where it has files.
    pub(super) door: Option<Door>,
    /// The profiles as they were last read: tasks get theirs from here.
    pub(super) known: Vec<Profile>,
    pub(super) desktop: Desktop,
    /// From the first long wait on.
    pub(super) alarm: OnceCell<Option<Alarm>>,
    pub(super) events: Sender<Event>,
    pub(super) exit: Exit,
}

impl<V: Fn(&Model, &mut Frame<'_>) -> Targets> Turns<V> {
    /// Runs to the end.
    pub(super) fn run(mut self, received: &Receiver<Event>) -> Result<ExitCode, RunError> {
        let mut queue = Queue::new(received);
        while !self.exit.now {
            match self.turn(&mut queue) {
                Ok(()) => {}
                // The terminal is gone, whether or not the input thread has said so yet: what was sent is finished all the same.
                Err(_) if self.exit.dark => {}
                Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => self.hang_up(),
                Err(error) => return Err(error.into()),
            }
        }
        self.screen.leave();
        // The last chance of what could not be saved.
        self.session.retry();
        self.desktop.close(LAST_WORD);
        if self.exit.demo {
            let error = std::env::current_exe().map_or_else(
                |error| error,
                |program| process::become_program(program.as_os_str(), &["demo".into()], &[]),
            );
            return Err(RunError::Demo(error));
        }
        Ok(ExitCode::from(self.exit.code.unwrap_or_default()))
    }

    /// Draws, waits, and does what there is to do. Each event is handled, whatever became of the one before it.
    fn turn(&mut self, queue: &mut Queue<'_>) -> io::Result<()> {
        if !self.exit.dark {
            self.draw()?;
        }
        let mut next = self.wait(queue);
        let mut done = self.update(Message::Ticked(clock::now()));
        // A search goes on until it has found all or something happens: meanwhile nothing else is on screen.
        while next.is_none() && done.is_ok() && schedule::is_searching(&self.model) {
            next = queue.next();
            if next.is_none() {
                done = self.update(Message::Ticked(clock::now()));
            }
        }
        let until = Instant::now() + TURN;
        while let Some(event) = next {
            let (is_input, is_press) = (matches!(event, Event::Input(_)), event.is_press());
            done = done.and(self.handle(event));
            // What a second press meets, only a frame after the first one tells.
            next = if !is_press && Instant::now() < until { queue.behind(is_input) } else { None };
        }
        done
    }

    fn draw(&mut self) -> io::Result<()> {
        let Self { screen, view, model, .. } = self;
        let mut targets = Targets::default();
        panics::if_asked_for("screen");
        screen.draw(model.size, |frame| targets = view(model, frame))?;
        model.drawn(targets);
        Ok(())
    }

    /// The next event; `None` when the time has come that the app asked for.
    fn wait(&self, queue: &mut Queue<'_>) -> Option<Event> {
        let Some(due) = schedule::next_wakeup(&self.model) else { return queue.wait(None) };
        let left = (due - clock::now()).to_std().unwrap_or_default();
        if left.is_zero() {
            return queue.next();
        }
        if left > LONG
            && let Some(alarm) = self.alarm.get_or_init(|| Alarm::start(self.events.clone()).ok())
        {
            alarm.set(due);
            return queue.wait(None);
        }
        // The two clocks may differ by a little: too early would mean to wake up twice.
        queue.wait(Some(left + Duration::from_millis(1)))
    }

    fn handle(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Message(message) => self.update(message),
            Event::Input(message) => self.update(*message),
            Event::CopyThroughTerminal(what, text) => {
                self.copy_through_terminal(what, &text);
                Ok(())
            }
            Event::KeyFound(id, result) => self.key_found(id, result),
            Event::Entered(id, result) => self.entered(id, result),
            Event::Woken => Ok(()),
            Event::Stopped => self.suspend(),
            Event::Continued => self.screen.enter_again(),
            Event::Terminated(signal) => {
                self.exit.heard.store(true, Ordering::Relaxed);
                self.end_by(signal)
            }
            Event::HungUp => {
                self.hang_up();
                Ok(())
            }
            Event::Broken => {
                self.break_off();
                Ok(())
            }
            Event::Finished => {
                self.exit.now = true;
                Ok(())
            }
        }
    }

    fn update(&mut self, message: Message) -> io::Result<()> {
        match &message {
            Message::ProfilesLoaded(Ok(all)) => self.known.clone_from(all),
            Message::Task(id, TaskEvent::Ended(Ok(outcome))) => match outcome {
                TaskOutcome::Changed(Ok(all)) | TaskOutcome::PutBack(Ok((all, _))) => self.known.clone_from(all),
                TaskOutcome::Imported(Ok(import)) => self.known.clone_from(&import.profiles),
                TaskOutcome::Opened(_) if self.model.is_opening(*id) => {
                    self.door.iter_mut().for_each(Door::is_shown);
                    self.tasks.find_rotations();
                }
                _ => {}
            },
            _ => {}
        }
        let effects = app::update(&mut self.model, message).0;
        let Self { door, model, tasks, .. } = self;
        door.iter_mut().for_each(|door| door.enter_holders(model, tasks));
        let performed = effects.into_iter().try_for_each(|effect| self.perform(effect));
        let Self { door, model, tasks, .. } = self;
        door.iter_mut().for_each(|door| door.leave_holders(model, tasks));
        performed
    }

    fn perform(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Start { id, what, whose, unasked } => self.start(id, what, whose, unasked),
            Effect::Cancel(id) => self.tasks.cancel(id),
            Effect::Answer(id, answer) => self.tasks.answer(id, answer),
            Effect::Skip(id, profile) => self.tasks.skip(id, &profile),
            Effect::ReadReceipt(run) => self.tasks.read_receipt(run),
            Effect::WriteReceipt { name, text } => self.tasks.write_receipt(name, text),
            Effect::Copy { what, text } => self.copy(what, text),
            Effect::ClearClipboard => {
                let events = self.events.clone();
                self.desktop.clear(move |result| {
                    let _ = events.send(Event::Message(Message::ClipboardCleared(result.map_err(|why| why.what))));
                });
            }
            Effect::ReadPrimarySelection => self.read_primary_selection(),
            Effect::CaptureMouse(captured) => return self.screen.capture_mouse(captured),
            Effect::Ring => return self.screen.send("\x07"),
            Effect::Notify(text) => {
                let Notification { sequence, doubt } = Notification::new(&text, |name| std::env::var_os(name));
                self.screen.send(&sequence)?;
                self.tell(Message::Notified(doubt));
            }
            Effect::LockVault(loose) => {
                if let Some(door) = &mut self.door {
                    door.lock(loose, &self.session);
                }
            }
            Effect::LookForSources => self.tasks.look_for_sources(),
            Effect::TryDemo => self.exit.demo = true,
            Effect::CheckKeyring => self.tasks.check_keyring(),
            Effect::ReadRecord(profile) => self.tasks.read_record(profile),
            Effect::Tidy(profiles) => self.tasks.tidy(profiles),
            Effect::SaveUnsaved(profiles) => self.tasks.save(profiles),
            Effect::Forget { profile, set, keep } => self.tasks.forget(profile, set, keep),
            Effect::Wipe(ids) => self.tasks.wipe(&ids),
            Effect::Bind { place, command, keys, keep } => {
                self.tasks.bind(&self.profiles, (place, command), keys, keep);
            }
            Effect::Unbind(keep) => self.tasks.unbind(&self.profiles, keep),
            Effect::Remember(change) => self.tasks.remember(&self.profiles, change),
            Effect::ReadTheme(name) => self.tasks.read_theme(&self.profiles, name),
            Effect::ReloadProfiles => self.tasks.reload(&self.profiles),
            Effect::OpenPage { task, url } => {
                self.tell(Message::PageOpened(task, browser::open(&url).map_err(|why| why.what)));
            }
            Effect::ReadSigningKeys(path) => self.tasks.read_signing_keys(path),
            Effect::ListFolder(folder) => self.tasks.list_folder(folder),
            Effect::LookAtFile(path) => self.tasks.look_at_file(path),
            Effect::Suspend => return self.suspend(),
            Effect::SendNothing => self.session.restrict(ReadOnly::this_run()),
            Effect::Redraw => return self.screen.redraw(),
            Effect::Quit => self.leave(),
            Effect::Abandon => self.exit.now = true,
        }
        Ok(())
    }

    fn start(&mut self, id: TaskId, what: What, whose: Option<ProfileName>, unasked: Option<Fingerprint>) {
        let named = |name: &ProfileName| self.known.iter().find(|known| known.name == *name);
        let (profile, profiles) = (whose.as_ref().and_then(named).cloned(), &self.profiles);
        match (what, profile, whose) {
            (What::OpenVault { home, asked }, ..) => match &self.door {
                Some(door) => self.tasks.find_key(id, door.folder.clone(), home, asked),
                None => unreachable!("a vault without files is never closed"),
            },
            (What::FindKeys(source, _), profile, _) => self.tasks.find_keys(id, source, profile),
            (What::FindKeptKeys(source, _), profile, _) => self.tasks.find_kept_keys(id, source, profile),
            (What::Save { old, profile }, ..) => self.tasks.save_profile(id, profiles, old, profile),
            (What::Remove(keep), _, Some(name)) => self.tasks.remove_profile(id, profiles, name, keep),
            (What::PutBack(keep), ..) => self.tasks.put_back(id, profiles, keep),
            (What::Scan, ..) => self.tasks.scan(id),
            (What::PlanRotation { profiles, panic }, ..) => {
                let all = profiles.iter().filter_map(named).cloned().collect();
                self.tasks.plan_rotation(id, all, panic, self.model.protected.clone());
            }
            (What::Rotate(planned), ..) => self.tasks.rotate(id, &planned),
            (What::ResumeRotation(run), ..) => self.tasks.resume_rotation(id, run, self.known.clone()),
            (What::RecheckRotation(run), ..) => self.tasks.recheck_rotation(id, run, self.known.clone()),
            (What::AbandonRotation(run), ..) => self.tasks.abandon_rotation(id, run, self.known.clone()),
            (What::Import { source, given }, ..) => self.tasks.import(id, profiles, source, given),
            (what, Some(profile), _) => match (unasked, self.door.as_ref().and_then(|door| door.way(&self.session))) {
                (Some(generation), Some(way)) => self.tasks.renew(id, profile, generation, way),
                _ => self.tasks.exchange(id, what, profile, unasked, self.model.protected.clone()),
            },
            (_, None, whose) => self.tell(Message::Task(id, TaskEvent::Ended(Err(unknown(whose.as_ref()))))),
        }
    }

    /// The key of the vault, unless nobody waits for it any more.
    fn key_found(&mut self, id: TaskId, result: Result<FoundKey, Unopened>) -> io::Result<()> {
        match (result, &self.door) {
            (Ok(key), Some(door)) if self.model.is_opening(id) => {
                door.open(id, key, &self.session, &mut self.tasks).map_or(Ok(()), |entered| self.entered(id, entered))
            }
            (Ok(_), _) => Ok(()),
            (Err(unopened), _) => self.entered(id, Err(unopened)),
        }
    }

    /// The open vault, unless nobody waits for it any more.
    fn entered(&mut self, id: TaskId, result: Result<Box<Entered>, Unopened>) -> io::Result<()> {
        match (result, &mut self.door) {
            (Ok(entered), Some(door)) if self.model.is_opening(id) => {
                door.take_in(id, *entered, &mut self.session, &mut self.tasks);
                return self.update(Message::Task(id, TaskEvent::KeyTaken));
            }
            (Ok(_), _) => {}
            (Err(unopened), _) => self.tell(Message::Task(id, TaskEvent::Ended(Ok(TaskOutcome::Unopened(unopened))))),
        }
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        if !signals::can_stop()? {
            // To leave the screen for nothing would cost what is typed meanwhile.
            return Ok(());
        }
        self.screen.leave();
        let stopped = signals::stop();
        self.screen.enter_again()?;
        stopped
    }

    fn copy(&mut self, what: String, text: SecretString) {
        if Way::choose(|name| std::env::var_os(name)) == Way::Terminal {
            return self.copy_through_terminal(what, &text);
        }
        let (events, again) = (self.events.clone(), text.clone());
        self.desktop.copy(text, move |copied| {
            // A display that is set and gone, as in a multiplexer that outlived its desktop: the terminal may do it.
            let _ = events.send(match copied {
                Ok(()) => Event::Message(Message::Copied(what, CopyOutcome::Clipboard)),
                Err(_) => Event::CopyThroughTerminal(what, again),
            });
        });
    }

    /// What is selected on the desktop is pasted. Apart from the channel, as what is typed: it may be a secret.
    fn read_primary_selection(&self) {
        let events = self.events.clone();
        clipboard::primary_selection(
            |name| std::env::var_os(name),
            move |read| {
                let message = match read {
                    Ok(text) => Message::Pasted(text),
                    Err(why) => Message::NoPrimarySelection(why.line()),
                };
                let _ = events.send(Event::Input(Box::new(message)));
            },
        );
    }

    fn copy_through_terminal(&mut self, what: String, text: &SecretString) {
        let Osc52 { sequence, doubt } = Osc52::new(text, |name| std::env::var_os(name));
        let outcome = match self.screen.send(&sequence) {
            Ok(()) => CopyOutcome::Osc52 { doubt },
            Err(error) => CopyOutcome::Failed(error.to_string()),
        };
        self.tell(Message::Copied(what, outcome));
    }

    /// A message to ourselves, for this turn or the next.
    fn tell(&self, message: Message) {
        let _ = self.events.send(Event::Message(message));
    }
}

/// The profiles were read again between the app's decision and now.
fn unknown(profile: Option<&ProfileName>) -> AuthError {
    let name = profile.map_or("", ProfileName::as_str);
    AuthError::setting(format!("the profile {name} no longer exists"), "it was removed from the profiles file")
}
