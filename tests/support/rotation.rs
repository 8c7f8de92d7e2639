//! What a rotation says, held against what is true at the demo's servers and in the vault, and against a rotation of the same
//! profile that nothing interrupted.

#![allow(unused_imports, reason = "each test binary uses its part")]

mod account;
mod truth;

pub use self::{
    account::{Account, Cost},
    truth::Confirmed,
};
