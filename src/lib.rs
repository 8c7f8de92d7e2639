//! **tokscope**: the terminal program for sessions that keep expiring.
//!
//! It shows saved profiles and a live list of their tokens with decoded header and claims and a running expiry
//! countdown; it logs in, refreshes and revokes in background tasks; it decodes what is pasted, offline.
//!
//! # The map
//! Each layer names only what stands above it in this list (`tests/structure/layering.rs` reads the sources and holds us to it).
//!
//! | layer | modules | what lives there |
//! |---|---|---|
//! | 1 vocabulary | [`clock`] [`secret`] [`text`] [`trouble`] [`profile`] [`token`] | pure: no I/O, and only `clock` reads the time |
//! | 2 protocol and seam | [`http`] [`program`] → [`auth`] → [`oauth`] | the one HTTP client; the one place that starts programs which print tokens; what a provider is; OAuth 2 as its RFCs have it |
//! | 3 adapters | [`providers`] [`store`] [`host`] [`demo`] | auth systems, files, clipboard, the embedded auth server; they do not know each other |
//! | 4 use cases | [`session`] | profiles, the vault and its key, login, refresh, revoke, probe, rotate: obtain → save → return; a use case exists once |
//! | 5 shells | [`cli`] [`tui`] | two shells over the same use cases; they do not know each other |
//!
//! `main.rs` reads the arguments, picks a shell and sets the exit code.
//!
//! # What holds everywhere
//! - A token is inspected once, when it enters ([`token::Token::inspect`] never fails); no frame and no tick decodes.
//! - Only a key that the user gave verifies a token ([`token::verify`]), or, for an ID token, one that its issuer publishes
//!   at its own or the token endpoint's origin: five words for the signature, a checklist for the text, the payload and the
//!   claims; each rule names its source. The same goes for decrypting ([`token::jwe`]), with five words of its own.
//! - Every string that came from a token or a server passes [`text::visible`] before it can reach a terminal.
//! - A refresh token that was replaced exists once: a refresh holds the profile's lock, marks itself before it is sent, and
//!   is written before anything else sees it ([`session::Session::refresh`], [`store::vault`]).
//! - What was sent is finished: an exchange runs in a task of its own, holding the profile's lock, until its reply is saved.
//!   Callers can stop waiting; they stop it only where nothing was sent ([`auth::Context::pause`], [`http::Sent`]).
//! - Tokens go to the server and client that issued them, and elsewhere only after confirmation (`session/origin.rs`).
//! - Of [`store`] the shells name only data; whatever works with it is a use case of [`session`].
//! - What a person is told when something did not work is a [`trouble::Trouble`]: what happened, what to do, and the cause,
//!   which is never printed. An enum with [`trouble::Told`] only where something is decided by it.
//! - The parts of a module can be read in order; the few that cannot yet are listed in `tests/structure/layering/circles.rs`.
//! - One reader for every answer ([`http::Reading`]), one for every time ([`clock::read`]), one rule for what of typed text
//!   may be repeated ([`text::typed`]).
//! - No message names a key by hand: words name a command, and whoever reads them sees its key (`tests/structure/hints.rs`).
//! - What stands over the panes and is about a protected profile carries its badge (`tui::app::badge`); a new mode, page or
//!   question gets its arm there.
//! - What a command acts on is answered in one place (`tui::app::target`): marks that can be seen, else the row under the cursor of
//!   the focused pane. More than one target goes through one plan (`tui::app::target::plan`).
//! - A color is a role ([`store::theme`]), and nothing else names one; a sign that is not ASCII has its twin in `tui::view::cells`.
//! - Where a pane, a divider or a thumb is comes from one layout (`tui::app::layout`): the view draws by it, the mouse finds by it.
//!   What only the view lays out (keys in words, fields, column heads) it tells the mouse: `view::draw` returns its targets. Keys in
//!   words that are drawn at once are written with `Model::keyed`.
//! - The order of all rows is made once (`tui::app::filter::narrow`), a scope is a range of owners in it; what a filter looks through
//!   is one text of all rows (`tui::app::filter::texts`), and where a profile's rows are is known (`tui::app::tokens`).
//!   What is due without anybody's doing is one agenda (`tui::app::renewal::agenda`): a turn goes through no list of all tokens.
//! - A rotation decides in pure functions (`session::rotate`: plan, step, evidence, receipt) and asks them again after each thing
//!   that was done; what must not be repeated is in the record before it is sent. What an auth system can do is its static table
//!   ([`auth::rotation`]). A 200 ends nothing; a verdict has a control.
//! - Read-only is refused where every exchange begins ([`session::Session`]), whoever asks.
//! - [`tui::app`] is pure: keys, facts and the time come in as messages, effects go out as plain data.
//! - No file is opened and no lock is waited for on the screen's thread. Whatever the screen waits for is a task of one table
//!   (`tui::app::tasks`), with a queue, a bound and groups; whatever has the keyboard is on one stack (`tui::app::mode`).
//! - Secrets are [`secret::SecretString`]s; `expose_secret` is called in a short list of files.
//!
//! # To add …
//! - **an auth system**: a file in `src/providers/` that implements [`auth::Provider`], its `mod` line and a line in
//!   [`providers::ALL`]; its fields, what is never remembered of them, what a rotation may
//!   count on and what it imports are in its descriptor.
//! - **a key**: a line in the table of [`tui::app::keymap`]; dispatch, key bar, help, hints and the README follow from it. Its
//!   place and id are its name (`tokens.copy-header`), and messages name commands: `{key:copy-header}`.
//! - **a question, a list or a line to type**: a row in the tables of `tui::app::mode`.
//! - **a page**: a `PageKind` in `tui::app::page` with its place in the keymap and its arm in `badge`; arms in `page::search` make
//!   it searchable.
//! - **a background task**: a variant of [`tui::app::message::What`] and of its outcome, what it does in `tui::runtime::tasks`.
//! - **what a server says when it refuses**: a row in the tables of [`oauth::refusal`]; when it refuses a call with a token, in
//!   that of [`oauth::cause`]. A thread from which it comes is a case in `tests/token/refusals/cases.json`.
//! - **a form of key**: [`token::verify::key_set`], what is around it in `form`, JSON in `map`.
//! - **a format that is no JWT**: a reader in [`token`]'s `format`, and its row in `tests/token/cases`.
//! - **a signature algorithm**: a row in the table of [`token::verify::algorithm`]; it verifies and signs.
//! - **an algorithm of encryption**: a row in the table of [`token::jwe::management`] or [`token::jwe::content`].
//! - **a claim or header parameter that is known**: a row in the table of [`token::claim`].
//! - **a finding**: a row in the table of [`token::findings`], and its case in the test below it.
//! - **a subcommand**: a file in `src/cli/` (arguments → one use case of [`session`] → output), a variant of [`cli::Command`]
//!   around its `Deferred` arguments, and its arm in `main.rs`; with `--json`, its row in the table of `cli::schema`.
//! - **a way in which a server may lie**: a row in the table of `demo::mode`, and one in the liar matrix (`tests/wire/rotate.rs`).
//! - **a bad mode of any server**: a row in a table of `tests/support/faults`; it is met headless and on the screen.
//! - **a program whose tokens `scan` finds**: a row in a table below `store::inventory`, and its case in the test beside it.
//! - **a name for `:`**: a row in the table `MORE` of `tui::app::mode::palette::names`.
//! - **what can be undone**: a variant of `tui::app::undo`.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod host;
pub mod http;
pub mod oauth;
pub mod profile;
pub mod program;
pub mod providers;
pub mod secret;
pub mod session;
pub mod store;
pub mod text;
pub mod token;
pub mod trouble;
pub mod tui;
