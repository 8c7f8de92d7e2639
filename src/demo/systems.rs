//! The systems of one world.

use std::sync::{Arc, Mutex, atomic::Ordering};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn_with_state},
};
use tokio::sync::watch;

use super::{
    Clock, Options, liar,
    mode::Mode,
    oidc::{self, Oidc},
    openedx::{self, OpenEdx},
    passwork::{self, Passwork},
    practicus,
    seta::{self, Seta},
    tokens::Tokens,
    wire::Answer,
    world::World,
};

/// The systems.
#[derive(Debug)]
pub(super) struct Systems {
    pub(super) world: Arc<World>,
    pub(super) openedx: Arc<OpenEdx>,
    pub(super) seta: Arc<Seta>,
    pub(super) passwork: Arc<Passwork>,
    pub(super) oidc: Arc<Oidc>,
}

impl Systems {
    /// The systems at `origin` below `prefix`, which has a mode outside and one inside.
    pub(super) fn new(
        origin: &str,
        prefix: String,
        (outside, inside): (Mode, Mode),
        options: &Options,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let world = Arc::new(World {
            url: format!("{origin}{prefix}"),
            prefix,
            mode: outside,
            clock: clock(&options.clock, outside),
            access_ttl: options.access_ttl,
            refresh_grace: options.refresh_grace,
            stop,
            requests: 0.into(),
            busy: 0.into(),
            busiest: 0.into(),
            tokens: Mutex::new(Tokens::new(inside)),
        });
        Self {
            openedx: Arc::new(OpenEdx::new(Arc::clone(&world))),
            seta: Arc::new(Seta::new(Arc::clone(&world))),
            passwork: Arc::new(Passwork::new(Arc::clone(&world))),
            oidc: Arc::new(Oidc::new(Arc::clone(&world))),
            world,
        }
    }

    /// What they answer, each answer with the time of the world.
    pub(super) fn routes(&self) -> Router {
        let systems = Router::new()
            .merge(openedx::routes(Arc::clone(&self.openedx)))
            .merge(practicus::routes(Arc::clone(&self.world)))
            .merge(seta::routes(Arc::clone(&self.seta)))
            .merge(passwork::routes(Arc::clone(&self.passwork)))
            .merge(oidc::routes(Arc::clone(&self.oidc)));
        systems
            .layer(from_fn_with_state(Arc::clone(&self.world), liar::between))
            .layer(from_fn_with_state(Arc::clone(&self.world), dated))
    }
}

/// The clock of a server that is wrong.
fn clock(clock: &Clock, mode: Mode) -> Clock {
    let clock = clock.clone();
    match mode {
        Mode::Skew(seconds) => Clock::new(move || clock.now() + chrono::TimeDelta::seconds(seconds)),
        _ => clock,
    }
}

/// `Date` (RFC 9110 §6.6.1); and how many requests there are at once.
async fn dated(State(world): State<Arc<World>>, request: Request, next: Next) -> Answer {
    let busy = world.busy.fetch_add(1, Ordering::SeqCst) + 1;
    world.busiest.fetch_max(busy, Ordering::SeqCst);
    let mut answer = next.run(request).await;
    world.busy.fetch_sub(1, Ordering::SeqCst);
    let date = world.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(header::DATE, date);
    }
    answer
}
