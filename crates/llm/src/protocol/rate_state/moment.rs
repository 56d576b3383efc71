//! Moments as seconds since 1970.

use std::time::{SystemTime, UNIX_EPOCH};

pub(super) fn unix_time(moment: SystemTime) -> Option<f64> {
    moment.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64())
}

/// `2025-11-19T01:51:21Z`, also with a fraction or an offset, as RFC 3339 (section 5.6) writes it.
pub(super) fn since_epoch(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at_checked(zone)?;
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (number(time.next()?)?, number(time.next()?)?);
    let second = time.next()?.parse::<f64>().ok().filter(|second| (0.0..61.0).contains(second))?;
    let in_range = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    if !in_range || !(1970..10_000).contains(&year) {
        return None;
    }
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset(zone)?;
    Some(minutes as f64 * 60.0 + second)
}

/// Minutes east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let minutes = number(hours)? * 60 + number(minutes)?;
    Some(if zone.starts_with('-') { -minutes } else { minutes })
}

/// Days from 1970-01-01, of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn number(digits: &str) -> Option<i64> {
    let short = digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| short)
}
