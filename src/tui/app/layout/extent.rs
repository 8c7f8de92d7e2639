//! How much of a list is on screen, and the thumb that shows it.

/// What is on screen of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Extent {
    /// The first entry on screen.
    pub(crate) offset: usize,
    /// How many there is room for.
    pub(crate) page: usize,
    /// How many there are.
    pub(crate) len: usize,
}

impl Extent {
    /// The last place that the list can be scrolled to.
    pub(crate) fn last(self) -> usize {
        self.len.saturating_sub(self.page)
    }

    /// The first row of the thumb and how many it has, on a track of so many; `None` where everything is on screen.
    pub(crate) fn thumb(self, track: u16) -> Option<(u16, u16)> {
        let last = Some(self.last()).filter(|last| *last > 0 && self.page > 0 && track > 0)?;
        let rows = (usize::from(track) * self.page / self.len).clamp(1, usize::from(track));
        let room = usize::from(track) - rows;
        let offset = self.offset.min(last);
        // At either end only where the list is.
        let first = match (room * offset).div_ceil(last) {
            first if offset < last => first.min(room.saturating_sub(1)),
            _ => room,
        };
        Some((first as u16, rows as u16))
    }

    /// The place of the list where the first row of its thumb is there.
    pub(crate) fn offset_at(self, track: u16, row: u16) -> usize {
        let Some((_, rows)) = self.thumb(track) else { return 0 };
        let room = usize::from(track.saturating_sub(rows)).max(1);
        // Rounded down where the thumb rounds up: there and back is the same row.
        self.last() * usize::from(row).min(room) / room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumb_tells_where_the_list_is() {
        let thumb = |offset, page, len| Extent { offset, page, len }.thumb(10);
        assert_eq!(thumb(0, 10, 10), None);
        assert_eq!(thumb(0, 0, 10), None);
        assert_eq!(thumb(0, 10, 20), Some((0, 5)));
        assert_eq!(thumb(10, 10, 20), Some((5, 5)));
        assert_eq!(thumb(9, 10, 20), Some((4, 5)), "not at the end yet");
        assert_eq!(thumb(1, 10, 100_000), Some((1, 1)), "not at the start any more");
        assert_eq!(thumb(99_990, 10, 100_000), Some((9, 1)));
    }

    #[test]
    fn a_thumb_that_is_put_somewhere_stays_there() {
        for (page, len) in [(10, 20), (10, 100_000), (3, 7), (10, 11)] {
            for track in 1..12 {
                let extent = Extent { offset: 0, page, len };
                let Some((_, rows)) = extent.thumb(track) else { continue };
                assert_eq!(extent.offset_at(track, 0), 0);
                assert_eq!(extent.offset_at(track, 100), extent.last());
                for row in 0..=track - rows {
                    let moved = Extent { offset: extent.offset_at(track, row), ..extent };
                    let first = moved.thumb(track).expect("there is more").0;
                    assert!(first.abs_diff(row) <= 1, "{extent:?} on {track}: {first}, wanted {row}");
                }
            }
        }
    }
}
