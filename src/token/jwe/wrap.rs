//! AES Key Wrap (RFC 3394), which RFC 7518 §4.4 wraps keys with.

use aws_lc_rs::{
    cipher::{AES_128, AES_192, AES_256, Algorithm, DecryptingKey, DecryptionContext, UnboundCipherKey},
    constant_time,
};

use crate::secret::Zeroizing;

/// RFC 3394 §2.2.3.1.
const INITIAL_VALUE: [u8; 8] = [0xa6; 8];

/// Unwraps a key (RFC 3394 §2.2.2) with a key of 128, 192 or 256 bits. `None` if another key wrapped it, or it was
/// changed. The library's own key wrap leaves out 192 bits, so all three are made of its AES.
pub(super) fn unwrap(key: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher: &'static Algorithm = match key.len() {
        16 => &AES_128,
        24 => &AES_192,
        32 => &AES_256,
        _ => return None,
    };
    if !wrapped.len().is_multiple_of(8) || !(24..=LONGEST).contains(&wrapped.len()) {
        return None;
    }
    let aes = DecryptingKey::ecb(UnboundCipherKey::new(cipher, key).ok()?).ok()?;
    let (check, registers) = wrapped.split_first_chunk::<8>()?;
    let mut check = *check;
    let mut registers = Zeroizing::new(registers.to_vec());
    let count = registers.len() / 8;
    for step in (1..=6 * count).rev() {
        let register = &mut registers[(step - 1) % count * 8..][..8];
        let counter = u64::try_from(step).expect("a key is short");
        let mut block = Zeroizing::new([0; 16]);
        block[..8].copy_from_slice(&(u64::from_be_bytes(check) ^ counter).to_be_bytes());
        block[8..].copy_from_slice(register);
        aes.decrypt(&mut *block, DecryptionContext::None).ok()?;
        check.copy_from_slice(&block[..8]);
        register.copy_from_slice(&block[8..]);
    }
    constant_time::verify_slices_are_equal(&check, &INITIAL_VALUE).ok()?;
    Some(registers)
}

/// More than any content encryption key with its check: 64 bytes and 8.
const LONGEST: usize = 72;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::verify::key_set::SecretEncoding::Hex;

    /// RFC 3394 §4.
    #[test]
    fn worked_examples() {
        let check = |bytes: usize, wrapped: &str, unwrapped: &str| {
            let key =
                Hex.decode(&"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"[..bytes * 2]).unwrap();
            let mut wrapped = Hex.decode(wrapped).unwrap();
            assert_eq!(*unwrap(&key, &wrapped).unwrap(), Hex.decode(unwrapped).unwrap());
            for at in 0..wrapped.len() {
                wrapped[at] ^= 1;
                assert!(unwrap(&key, &wrapped).is_none());
                assert!(unwrap(&key, &wrapped[..at]).is_none());
                wrapped[at] ^= 1;
            }
        };
        let data = "00112233445566778899AABBCCDDEEFF0001020304050607";
        check(16, "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5", &data[..32]);
        check(24, "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D", &data[..32]);
        check(32, "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7", &data[..32]);
        check(24, "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2", data);
        check(32, "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1", data);
    }
}
