//! What a login asks for outside of the program: a page to open, a code to type in there.

use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

use super::{
    Model,
    keymap::Action,
    message::{Effect, Effects, JobId},
    mode::Mode,
    notices::Severity,
};
use crate::{auth::Step, clock::Timestamp, text};

/// Something to do in a browser.
#[derive(Debug)]
pub(crate) struct Demand {
    /// What is opened: with the code in it where the server offers that.
    pub(crate) url: String,
    /// The code to type in, and the address to type it in at.
    pub(crate) code: Option<Code>,
    /// Whether the browser was opened, once that is known; why it was not is sanitized.
    pub(crate) opened: Option<Result<(), String>>,
    /// The user has put the dialog aside.
    aside: bool,
}

/// RFC 8628 §3.2; the texts are sanitized.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) user_code: String,
    pub(crate) address: String,
    pub(crate) expires_at: Timestamp,
    /// What opens the address with a phone's camera: the lines of a QR code, light on dark as terminals mostly are.
    pub(crate) picture: Vec<String>,
}

impl Demand {
    /// What a step demands, if it does.
    pub(super) fn of(step: &Step) -> Option<Self> {
        let demand = |url: &String, code| Self { url: url.clone(), code, opened: None, aside: false };
        match step {
            Step::OpenPage { url } => Some(demand(url, None)),
            Step::DeviceCode { user_code, verification_uri, verification_uri_complete, expires_at } => {
                let url = verification_uri_complete.as_ref().unwrap_or(verification_uri);
                let code = Code {
                    user_code: text::visible(user_code).into_owned(),
                    address: text::visible(verification_uri).into_owned(),
                    expires_at: *expires_at,
                    picture: picture(url),
                };
                Some(demand(url, Some(code)))
            }
            Step::Contacting(_) | Step::Remark(_) | Step::Finishing => None,
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
    /// The dialog's job and what it demands.
    pub(crate) fn demand(&self) -> Option<(&super::jobs::Job, &Demand)> {
        let open = |mode: &Mode| if let Mode::Demand(id) = mode { Some(*id) } else { None };
        of(self, self.modes.iter().find_map(open)?)
    }
}

/// What a job demands.
pub(super) fn of(model: &Model, id: JobId) -> Option<(&super::jobs::Job, &Demand)> {
    let job = model.jobs.running.iter().find(|job| job.id == id)?;
    Some((job, job.demand.as_ref()?))
}

/// The first job whose demand the user has not put aside.
pub(super) fn waiting(model: &Model) -> Option<JobId> {
    let open = |job: &&super::jobs::Job| job.demand.as_ref().is_some_and(|demand| !demand.aside);
    model.jobs.running.iter().find(open).map(|job| job.id)
}

pub(super) fn offer_aside(model: &Model) -> Option<Action> {
    model.demand().map(|_| Action::Aside)
}

pub(super) fn offer_give_up(model: &Model) -> Option<Action> {
    model.demand().map(|(job, _)| Action::Cancel(job.id))
}

pub(super) fn offer_copy(model: &Model) -> Option<Action> {
    model.demand().map(|_| Action::CopyAddress)
}

pub(super) fn offer_open(model: &Model) -> Option<Action> {
    model.demand().map(|_| Action::OpenPage)
}

pub(super) fn aside(model: &mut Model) {
    let Some(Mode::Demand(id)) = model.modes.close() else { return };
    let demand = model.jobs.running.iter_mut().find(|job| job.id == id).and_then(|job| job.demand.as_mut());
    if let Some(demand) = demand {
        demand.aside = true;
    }
}

pub(super) fn copy(model: &Model) -> Effects {
    let Some((_, demand)) = model.demand() else { return Effects::none() };
    Effect::Copy { what: "address".to_owned(), text: demand.url.as_str().into() }.into()
}

pub(super) fn open(model: &Model) -> Effects {
    let Some((job, demand)) = model.demand() else { return Effects::none() };
    Effect::OpenPage { job: job.id, url: demand.url.clone() }.into()
}

/// The browser was opened, or was not: then the address on screen has to do.
pub(super) fn opened(model: &mut Model, id: JobId, outcome: Result<(), String>) {
    let outcome = outcome.map_err(|why| text::visible(&why).into_owned());
    let Some(job) = model.jobs.running.iter_mut().find(|job| job.id == id) else { return };
    let Some(demand) = &mut job.demand else { return };
    demand.opened = Some(outcome.clone());
    let (profile, aside) = (job.profile.clone(), demand.aside);
    if let (true, Err(why)) = (aside, outcome) {
        model.tell_about(Some(&profile), Severity::Warning, &format!("could not open a browser: {why}"), None);
    }
}
