//! Which text terminals do not agree on how wide it is.

/// Emoji, flags and what they are joined of: how many columns a cluster of them takes depends on the terminal, its font and
/// its age. What joins them and what chooses their picture is invisible, and never shown anyway.
const DISPUTED: &[(u32, u32)] = &[(0x20e3, 0x20e3), (0x1f000, 0x1faff)];

/// What the signs and lines of the program are among. A terminal that draws one of them two columns wide is noticed.
const SIGNS: &[(u32, u32)] = &[
    (0xa7, 0xa7),
    (0xb7, 0xb7),
    (0xbb, 0xbb),
    (0xd7, 0xd7),
    (0x394, 0x394),
    (0x2010, 0x22ff),
    (0x2400, 0x25ff),
    (0x2700, 0x27bf),
    (0x27f0, 0x27ff),
];

fn within(table: &[(u32, u32)], c: char) -> bool {
    table.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)))
}

/// Whether terminals dispute how wide a character is, alone or among others.
pub(super) fn is_disputed(c: char) -> bool {
    within(DISPUTED, c)
}

/// Whether a cluster takes as many columns as we think, in every terminal that draws our signs in one.
pub fn is_sure(cluster: &str) -> bool {
    cluster.is_ascii() || cluster.chars().all(|c| within(SIGNS, c))
}
