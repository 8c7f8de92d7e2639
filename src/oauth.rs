//! OAuth 2 in the words of its RFCs: what every provider that speaks it shares.

pub mod resource;
pub mod token_endpoint;
