//! Public keys of Ed25519 that are points of small order: for these, anyone can make a signature that fits every message.
//!
//! Chalkias, Garillot, Nikolaenko, "Taming the Many EdDSAs" (IACR ePrint 2020/1244), table 1. RFC 8032 does not ask to
//! refuse them.

/// The y coordinates, little-endian, of the points of order 1, 2, 4 and 8, and the two that are not reduced. The sign of x,
/// in the last bit, does not matter.
const POINTS: [[u8; 32]; 7] = [
    // 0, and the prime itself: order 4.
    [0; 32],
    near_prime(0xed),
    // 1, and what is 1 modulo the prime: order 1.
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    near_prime(0xee),
    // −1: order 2.
    near_prime(0xec),
    // Order 8.
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// 2^255 − 19 with another last byte.
const fn near_prime(first: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = first;
    bytes[31] = 0x7f;
    bytes
}

/// Whether a public key is one of these points.
pub(super) fn is_of_small_order(public: &[u8]) -> bool {
    let Ok(mut y) = <[u8; 32]>::try_from(public) else { return false };
    y[31] &= 0x7f;
    POINTS.contains(&y)
}
