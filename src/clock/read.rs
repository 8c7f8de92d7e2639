//! Times as servers, programs, files and people write them: one reader for all of them.
//!
//! A claim of a JWT is the exception: it must be a NumericDate, and [`crate::token`] says what is odd about it.

pub(super) mod moment;

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};

pub use self::moment::{FORMS, Moment, Odd, moment, told};
use super::{Timestamp, Zone, bounded};

/// Reads a point in time: seconds since 1970, or milli-, micro- or nanoseconds, as the size of the number tells; RFC 3339
/// and its neighbours, RFC 2822, the date of Azure's app service. A text without a zone is read in `zone`. What lies
/// beyond the years that can be written is moved to the nearest one.
pub fn point(text: &str, zone: Zone) -> Option<Timestamp> {
    let text = text.trim();
    match number(text) {
        Some(number) => since_1970(text, number),
        None => calendar(text, zone),
    }
    .map(bounded)
}

/// Reads a span as a number of seconds that is not negative.
pub fn life(text: &str) -> Option<TimeDelta> {
    // 10^12 s are 31,000 years: beyond it only arithmetic overflows.
    let seconds = number(text.trim()).filter(|number| (0.0..1e12).contains(number))?;
    Some(TimeDelta::milliseconds((seconds * 1e3) as i64))
}

/// The members of an answer that say when a token ends.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    /// Seconds from when the answer came.
    lives: &'static [&'static str],
    /// Points in time.
    points: &'static [&'static str],
    /// Whether zero means that there is no end, as for the refresh tokens of offline access.
    endless_zero: bool,
}

/// The end of an access token. Of two points the one with a zone comes first: az prints a local time beside it.
pub const ACCESS: Ends = Ends {
    lives: &["expires_in", "expiresIn"],
    points: &[
        "expires_on",
        "expiresOn",
        "expires_at",
        "expiresAt",
        "expiry_date",
        "expiry",
        "expiration",
        "expirationTimestamp",
        "expirationTime",
        "accessTokenExpiresAt",
        "token_expiry",
        "accessTokenExpiredAt",
    ],
    endless_zero: false,
};

/// The end of a refresh token: Keycloak and many, Microsoft and GitHub, QuickBooks.
pub const REFRESH: Ends = Ends {
    lives: &["refresh_expires_in", "refresh_token_expires_in", "x_refresh_token_expires_in"],
    points: &["refresh_token_expires_at", "refreshTokenExpiresAt", "refreshTokenExpiredAt"],
    endless_zero: true,
};

/// The end of an ID token, where it stands beside it: Azure B2C.
pub const ID: Ends = Ends { lives: &["id_token_expires_in"], points: &[], endless_zero: false };

/// When a token ends, and what is odd about how that is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct End {
    /// The end, where one is named.
    pub at: Option<Timestamp>,
    /// For the user. Names of members only, no value of theirs.
    pub remark: Option<String>,
}

impl Ends {
    /// The end as an answer names it that has just come: what counts from now is right whatever the server's clock says.
    /// `member` gives a text or number by its name.
    pub fn of_answer<'a>(self, member: impl Fn(&str) -> Option<Cow<'a, str>>, received_at: Timestamp) -> End {
        let lives = self.lives.iter().map(|name| (*name, true));
        self.first(lives.chain(self.points.iter().map(|name| (*name, false))), member, received_at)
    }

    /// The end as a document names it that may have been lying about: a point in time says more than a span.
    pub fn of_document<'a>(self, member: impl Fn(&str) -> Option<Cow<'a, str>>, received_at: Timestamp) -> End {
        let points = self.points.iter().map(|name| (*name, false));
        self.first(points.chain(self.lives.iter().map(|name| (*name, true))), member, received_at)
    }

    fn first<'a>(
        self,
        names: impl Iterator<Item = (&'static str, bool)>,
        member: impl Fn(&str) -> Option<Cow<'a, str>>,
        since: Timestamp,
    ) -> End {
        let mut odd = End::default();
        for (name, is_life) in names {
            let Some(text) = member(name) else { continue };
            let end = end(&text, name, is_life, since, self.endless_zero);
            match end.at {
                None if end.remark.is_none() => return end,
                None => odd.remark = odd.remark.or(end.remark),
                Some(_) => return end,
            }
        }
        odd
    }
}

/// The end that one text names: a point in time, or seconds from now. A number below 10^9 (the year 2001) is not a Unix time
/// of a token: it can only be seconds left, whatever it is called.
pub fn end_of(text: &str, since: Timestamp) -> Option<Timestamp> {
    end(text, "", false, since, false).at
}

fn end(text: &str, name: &str, is_life: bool, since: Timestamp, endless_zero: bool) -> End {
    let said = |at, remark: &str| End { at, remark: (!remark.is_empty()).then(|| format!("{name} {remark}")) };
    let number = number(text.trim());
    match number {
        Some(0.0) if endless_zero => return End::default(),
        Some(0.0) if is_life => return said(Some(since), "is 0: the token expires as soon as it arrives"),
        Some(..=0.0) => return said(None, "is not a valid time: expiry unknown"),
        _ => {}
    }
    let is_life = is_life || number.is_some_and(|number| number < 1e9);
    let at = match is_life {
        true => life(text).map(|life| since.checked_add_signed(life).unwrap_or(Timestamp::MAX_UTC)),
        false => point(text, Zone::System),
    };
    match at {
        Some(at) if at > bounded(at) => said(Some(bounded(at)), "is beyond the year 9999"),
        Some(at) => said(Some(at), ""),
        None => said(None, "is not a valid time: expiry unknown"),
    }
}

/// A number as JSON and programs write it.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-+.eE".contains(&byte));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

fn since_1970(text: &str, number: f64) -> Option<Timestamp> {
    match number.abs() {
        ..1e11 => decimal(text).and_then(|(seconds, nanoseconds)| DateTime::from_timestamp(seconds, nanoseconds)),
        ..1e14 => DateTime::from_timestamp_millis(number as i64),
        ..1e17 => DateTime::from_timestamp_micros(number as i64),
        ..9e18 => Some(DateTime::from_timestamp_nanos(number as i64)),
        _ => None,
    }
}

fn calendar(text: &str, zone: Zone) -> Option<Timestamp> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(time.to_utc());
    }
    // Java's zone names: `2026-11-21T21:35:38Z[UTC]`.
    let text = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')).map_or(text, |(time, _)| time);
    let (text, offset) = without_zone(text);
    let local = WRITTEN.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    match offset {
        Some(offset) => Zone::Fixed(offset),
        None => zone,
    }
    .moment(local)
    .map(|moment| moment.at)
}

const WRITTEN: [&str; 7] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y%m%dT%H%M%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
];

/// A time and the zone behind it: `Z`, `UTC`, `GMT`, `+0100`, `+01:00`, `+01`, or Go's `+0000 UTC`.
fn without_zone(text: &str) -> (&str, Option<FixedOffset>) {
    let utc = ["UTC", "GMT", "Z", "z"].iter().find_map(|name| text.strip_suffix(name)).map(str::trim_end);
    let time = utc.unwrap_or(text);
    let sign = time.rfind(['+', '-']).filter(|sign| time.find(':').is_some_and(|colon| colon < *sign));
    let offset = sign.and_then(|sign| Some((time[..sign].trim_end(), offset(&time[sign..])?)));
    match offset {
        Some((time, offset)) => (time, Some(offset)),
        None => (time, utc.and(FixedOffset::east_opt(0))),
    }
}

fn offset(text: &str) -> Option<FixedOffset> {
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let whole: i32 = digits.parse().ok()?;
    let minutes = match digits.len() {
        2 => whole * 60,
        4 => whole / 100 * 60 + whole % 100,
        _ => return None,
    };
    FixedOffset::east_opt(if text.starts_with('-') { -minutes } else { minutes } * 60)
}

/// The value of a JSON number as seconds, rounded down, and nanoseconds, cut off; `None` beyond any calendar.
/// Decimal all the way: a float would not keep the fraction of a second as it was written.
pub(crate) fn decimal(number: &str) -> Option<(i64, u32)> {
    const WHOLE: i64 = 15;
    if let Ok(seconds) = number.parse() {
        return Some((seconds, 0));
    }
    let (negative, number) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes()).filter(u8::is_ascii_digit);
    let length = i64::try_from(whole.len()).ok()?;
    let zeros = digits().take_while(|&digit| digit == b'0').count();
    if zeros == digits().count() {
        return Some((0, 0));
    }
    // An exponent too long for an i64 is as good as the largest: no text has enough digits to make up for it.
    let exponent = exponent.parse().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX });
    let point = length.saturating_sub(i64::try_from(zeros).ok()?).saturating_add(exponent);
    if point > WHOLE {
        return None;
    }
    // The digits from 10^14 down to 10^-9, with those that the text does not write as zeros.
    let lead = usize::try_from(WHOLE - point.max(-10)).ok()?;
    let written = digits().skip(zeros).map(|digit| i64::from(digit - b'0'));
    let mut all = std::iter::repeat_n(0, lead).chain(written).chain(std::iter::repeat(0));
    let mut take = |count: usize| all.by_ref().take(count).fold(0, |value, digit| value * 10 + digit);
    let (seconds, nanoseconds) = (take(15), take(9));
    let nanoseconds = u32::try_from(nanoseconds).ok()?;
    Some(match (negative, nanoseconds) {
        (false, _) => (seconds, nanoseconds),
        (true, 0) => (-seconds, 0),
        (true, _) => (-seconds - 1, 1_000_000_000 - nanoseconds),
    })
}

#[cfg(test)]
mod tests;
