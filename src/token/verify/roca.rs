//! CVE-2017-15361, "ROCA": RSA keys of Infineon's library, whose primes have a known structure and can be found.
//!
//! Nemec et al., "The Return of Coppersmith's Attack" (CCS 2017), §2.3: such a modulus is a power of 65537 modulo the
//! product of the first primes. Whoever is no such key passes by chance once in 2^154 tries.

/// The odd primes up to 167: those of the shortest keys, and part of those of all longer ones.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus (big-endian) is a power of 65537 modulo the product of all primes.
pub(super) fn has_fingerprint(modulus: &[u8]) -> bool {
    let logarithm = |prime: u32| {
        let residue = modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let powers = std::iter::successors(Some(1), |power| Some(power * 65_537 % prime));
        let order = powers.clone().skip(1).take_while(|power| *power != 1).count() + 1;
        powers.take(order).position(|power| power == residue).map(|exponent| (exponent, order))
    };
    let Some(logarithms) = PRIMES.into_iter().map(logarithm).collect::<Option<Vec<_>>>() else { return false };
    // One exponent for all of them is there if any two agree (the Chinese remainder theorem).
    logarithms
        .iter()
        .all(|(a, order_a)| logarithms.iter().all(|(b, order_b)| a.abs_diff(*b) % gcd(*order_a, *order_b) == 0))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    #[test]
    fn powers_of_65537_are_found_and_nothing_else() {
        let product: BigUint = PRIMES.iter().map(|prime| BigUint::from(*prime)).product::<BigUint>() * 2u32;
        let power = BigUint::from(65_537u32).modpow(&BigUint::from(123_456_789_u64), &product);
        // The structure of such a modulus: any multiple of the product away from a power.
        let weak = (BigUint::from(1u32) << 2040u32) / &product * &product + &power;
        assert!(has_fingerprint(&weak.to_bytes_be()));
        assert!(!has_fingerprint(&(&weak + 2u32).to_bytes_be()));
        // A power modulo each prime, but of even exponent modulo 3 and of odd exponent modulo the others.
        let others = &product / 6u32;
        let mixed = (1u32..3).map(|times| &others * times + 65_537u32).find(|mixed| mixed % 3u32 == 1u32.into());
        assert!(!has_fingerprint(&mixed.unwrap().to_bytes_be()));
    }
}
