//! When a call that failed in passing is tried again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::agent::model::ModelError;

/// The longest pause before the first repetition; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(400);
/// No pause of our own choice is longer.
const LONGEST: Duration = Duration::from_secs(8);

/// How long to wait after try number `attempt` (from 0) failed with `error`: as long as the provider wants, else twice as long as
/// before, with jitter so that many clients do not come back as one.
pub(super) fn pause(attempt: u32, error: &ModelError) -> Duration {
    error.retry_after().unwrap_or_else(|| {
        let longest = FIRST.saturating_mul(1 << attempt.min(10)).min(LONGEST);
        longest.mul_f64(0.5 + f64::from(random()) / f64::from(u32::MAX) / 2.0)
    })
}

/// What `headers` say about when to come back: seconds, a date, or OpenAI's milliseconds.
pub(super) fn after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let header = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(millis) = header("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(millis / 1000.0).ok();
    }
    let text = header(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    Some((at - now).to_std().unwrap_or(Duration::ZERO))
}

/// Any number; the middle if the system has no randomness to give, which costs only the jitter.
fn random() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("retry-after", "3", Some(3000))]
    #[case("retry-after", " 0.5 ", Some(500))]
    #[case("retry-after", "Sat, 21 Nov 2026 09:00:10 GMT", Some(10_000))]
    #[case("retry-after", "Sat, 21 Nov 2026 08:00:00 GMT", Some(0))]
    #[case("retry-after-ms", "250", Some(250))]
    #[case("retry-after", "soon", None)]
    #[case("retry-after", "-1", None)]
    #[case("retry-after", "1e300", None)]
    #[case("x-other", "3", None)]
    fn the_provider_says_when(#[case] name: &'static str, #[case] value: &str, #[case] millis: Option<u64>) {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
        let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
        assert_eq!(after(&headers, now), millis.map(Duration::from_millis));
    }

    #[test]
    fn pauses_grow_and_have_jitter() {
        let late = ModelError::TimedOut { after: Duration::ZERO };
        for attempt in [0, 1, 2, 3, 60] {
            let longest = FIRST.saturating_mul(1 << attempt.min(10)).min(LONGEST);
            let pauses: Vec<_> = (0..20).map(|_| pause(attempt, &late)).collect();
            assert!(pauses.iter().all(|pause| *pause >= longest / 2 && *pause <= longest), "{pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]));
        }
    }
}
