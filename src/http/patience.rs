//! Waiting for so long at most, where a time-out is not an answer: what has arrived is read before the clock is looked at.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, timeout};

/// The time is counted in pieces of this length.
const PIECE: Duration = Duration::from_secs(1);

/// What has arrived when the time is over is read for so long.
const READING: Duration = Duration::from_millis(250);

/// Waits for work, so long at most. Time in which this process did not run (it was stopped, the machine was suspended) does
/// not count: the answer may have been here since then, unread.
pub async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = limit;
    while !left.is_zero() {
        let piece = left.min(PIECE);
        let start = Instant::now();
        if let Ok(done) = timeout(piece, &mut work).await {
            return Some(done);
        }
        if start.elapsed() < piece + PIECE {
            left -= piece;
        }
    }
    timeout(READING, work).await.ok()
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    /// What a process that was stopped for longer finds is tried with the real one (`tests/program/leave`).
    #[tokio::test]
    async fn what_is_there_is_read_before_the_clock_is_looked_at() {
        assert_eq!(within(Duration::ZERO, ready(7)).await, Some(7));
        let start = Instant::now();
        assert_eq!(within(Duration::from_millis(10), pending::<()>()).await, None);
        assert!(start.elapsed() >= Duration::from_millis(10));
    }
}
