//! The embedded auth server answers as the real systems do: every call, every row of their error tables.

mod client;
mod fault;
mod liar;
mod oidc;
mod openedx;
mod passwork;
mod practicus;
mod samples;
mod seta;
