//! What a login asks for outside of the program: a page to open, a code to type in there.

use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

use super::{
    Model,
    keymap::Action,
    message::{Effect, Effects, TaskId},
    mode::Mode,
    notices::Level,
    tasks::{self, Task},
};
use crate::{
    auth::Progress,
    clock::{self, Timestamp},
    text,
};

/// Something to do in a browser.
#[derive(Debug)]
pub(crate) struct Demand {
    /// What is opened: with the code in it where the server offers that.
    pub(crate) url: String,
    /// The code to type in, and the address to type it in at.
    pub(crate) code: Option<DeviceCode>,
    /// Whether the browser was opened, once that is known; why it was not is sanitized.
    pub(crate) opened: Option<Result<(), String>>,
    /// How often the server was asked whether the code was entered.
    pub(crate) asked: usize,
    /// When it is asked next.
    pub(crate) next: Option<Timestamp>,
    /// The user has put the dialog aside.
    aside: bool,
}

/// RFC 8628 §3.2; the texts are sanitized.
#[derive(Debug)]
pub(crate) struct DeviceCode {
    pub(crate) user_code: String,
    pub(crate) address: String,
    pub(crate) expires_at: Timestamp,
    /// What opens the address with a phone's camera: the lines of a QR code, light on dark as terminals mostly are.
    pub(crate) picture: Vec<String>,
}

impl Demand {
    /// `asked 3 times, next in 4s`: how often the server was asked whether the code was entered, and when it is asked again.
    pub(crate) fn asking(&self, now: Timestamp) -> Option<String> {
        let next = self.next.filter(|next| *next > now).map(|next| clock::span(next - now));
        let asked = match self.asked {
            0 => return next.map(|next| format!("asks in {next}")),
            1 => "asked once".to_owned(),
            times => format!("asked {times} times"),
        };
        Some(next.map_or(asked.clone(), |next| format!("{asked}, next in {next}")))
    }

    /// What a step demands, if it does.
    pub(super) fn of(step: &Progress) -> Option<Self> {
        let demand =
            |url: &String, code| Self { url: url.clone(), code, opened: None, asked: 0, next: None, aside: false };
        match step {
            Progress::OpenPage { url } => Some(demand(url, None)),
            Progress::DeviceCode { user_code, verification_uri, verification_uri_complete, expires_at } => {
                let url = verification_uri_complete.as_ref().unwrap_or(verification_uri);
                let code = DeviceCode {
                    user_code: text::visible(user_code).into_owned(),
                    address: text::visible(verification_uri).into_owned(),
                    expires_at: *expires_at,
                    picture: picture(url),
                };
                Some(demand(url, Some(code)))
            }
            Progress::Contacting(_) | Progress::Pausing { .. } | Progress::Remark(_) | Progress::Finishing => None,
        }
    }
}

/// A QR code in half blocks; none of an address that is too long for one.
fn picture(url: &str) -> Vec<String> {
    let Ok(code) = QrCode::with_error_correction_level(url, EcLevel::L) else { return Vec::new() };
    // The light modules are drawn, the dark ones left out.
    let (dark, light) = (Dense1x2::Light, Dense1x2::Dark);
    let drawn = code.render::<Dense1x2>().dark_color(dark).light_color(light).quiet_zone(true).build();
    drawn.lines().map(str::to_owned).collect()
}

impl Model {
    /// The dialog's task and what it demands.
    pub(crate) fn demand(&self) -> Option<(&Task, &Demand)> {
        let open = |mode: &Mode| if let Mode::Demand(id) = mode { Some(*id) } else { None };
        of(self, self.modes.iter().find_map(open)?)
    }
}

/// What a task demands.
pub(super) fn of(model: &Model, id: TaskId) -> Option<(&Task, &Demand)> {
    let task = model.tasks.by_id(id)?;
    Some((task, task.demand.as_ref()?))
}

/// The first task whose demand the user has not put aside.
pub(super) fn waiting(model: &Model) -> Option<TaskId> {
    let open = |task: &&Task| task.demand.as_ref().is_some_and(|demand| !demand.aside);
    model.tasks.waiting().find(open).map(|task| task.id)
}

pub(super) fn offer_aside(model: &Model) -> Option<Action> {
    model.demand().map(|_| Action::Aside)
}

pub(super) fn offer_give_up(model: &Model) -> Option<Action> {
    model.demand().map(|(task, _)| tasks::give_up(model, task.id))
}

pub(super) fn offer_copy(model: &Model) -> Option<Action> {
    model.demand().map(|_| Action::CopyAddress)
}

pub(super) fn offer_open(model: &Model) -> Option<Action> {
    model.demand().map(|_| Action::OpenPage)
}

pub(super) fn aside(model: &mut Model) {
    let Some(Mode::Demand(id)) = model.modes.close() else { return };
    let demand = model.tasks.by_id_mut(id).and_then(|task| task.demand.as_mut());
    if let Some(demand) = demand {
        demand.aside = true;
    }
}

/// Asks again what was put aside.
pub(super) fn again(model: &mut Model, id: TaskId) {
    let demand = model.tasks.by_id_mut(id).and_then(|task| task.demand.as_mut());
    demand.into_iter().for_each(|demand| demand.aside = false);
}

pub(super) fn copy(model: &Model) -> Effects {
    let Some((_, demand)) = model.demand() else { return Effects::none() };
    Effect::Copy { what: "address".to_owned(), text: demand.url.as_str().into() }.into()
}

pub(super) fn offer_code(model: &Model) -> Option<Action> {
    model.demand().filter(|(_, demand)| demand.code.is_some()).map(|_| Action::CopyCode)
}

pub(super) fn copy_code(model: &Model) -> Effects {
    let code = model.demand().and_then(|(_, demand)| demand.code.as_ref());
    let copy = |code: &DeviceCode| Effect::Copy { what: "code".to_owned(), text: code.user_code.as_str().into() };
    code.map_or_else(Effects::none, |code| copy(code).into())
}

pub(super) fn open(model: &Model) -> Effects {
    let Some((task, demand)) = model.demand() else { return Effects::none() };
    Effect::OpenPage { task: task.id, url: demand.url.clone() }.into()
}

/// The browser was opened, or was not: then the address on screen has to do.
pub(super) fn opened(model: &mut Model, id: TaskId, outcome: Result<(), String>) {
    let outcome = outcome.map_err(|why| text::visible(&why).into_owned());
    let Some(task) = model.tasks.by_id_mut(id) else { return };
    let Some(demand) = &mut task.demand else { return };
    demand.opened = Some(outcome.clone());
    let (aside, url) = (demand.aside, demand.url.clone());
    let whose = task.who().cloned();
    if let (true, Err(why)) = (aside, outcome) {
        let words = format!("Could not open a browser: {why}.");
        let hint = format!("open it yourself: {url}");
        model.tell_about(whose.as_ref(), Level::Warning, &words, Some(&hint));
    }
}
