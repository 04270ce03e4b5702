//! Hours and days by the clock of a place: each minute of the days on which clocks are put forward or back, in zones that
//! differ in how they do it, against a calendar library asked minute by minute.

use crate::properties::more;
use crate::shop::promotion_of;
use cartwright_domain::id::Timestamp;
use cartwright_domain::promotion::{Conditions, Promotion};
use cartwright_domain::recovery::{QuietHours, RecoverySettings};
use cartwright_domain::time_zone::TimeZone;
use jiff::civil::Weekday;
use jiff::{Timestamp as Instant, Zoned};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const MINUTE_MS: i64 = 60_000;

fn zone(name: &str) -> TimeZone {
    name.parse().expect("a zone")
}

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<Instant>().expect("an instant").as_millisecond())
}

fn conditions(conditions: Value) -> Conditions {
    let benefit = json!({"kind": "percentage", "percent": "10"});
    promotion_of(1, json!({"conditions": conditions, "benefit": benefit})).conditions
}

#[track_caller]
fn holds(rule: &Value, zone_name: &str, instants: &[(&str, bool)]) {
    let rule = conditions(rule.clone());
    for (text, expected) in instants {
        assert_eq!(rule.hold_at(at(text), &zone(zone_name)), *expected, "{text} in {zone_name}");
    }
}

#[test]
fn hours_past_midnight_belong_to_the_evening_on_which_they_begin() {
    let late = json!({"weekdays": ["sunday"], "hours": {"from_minute": 1320, "until_minute": 120}});
    // 29 November 2026 is a Sunday.
    let instants = [
        ("2026-11-28T23:00:00Z", false),
        ("2026-11-29T01:00:00Z", false),
        ("2026-11-29T21:59:59.999Z", false),
        ("2026-11-29T22:00:00Z", true),
        ("2026-11-30T01:59:59.999Z", true),
        ("2026-11-30T02:00:00Z", false),
        ("2026-11-30T22:00:00Z", false),
    ];
    holds(&late, "UTC", &instants);
}

#[test]
fn hours_follow_daylight_saving_time() {
    let evening = json!({"hours": {"from_minute": 1080, "until_minute": 1200}});
    let berlin = [
        ("2026-07-01T16:00:00Z", true),
        ("2026-07-01T18:00:00Z", false),
        ("2026-12-01T16:30:00Z", false),
        ("2026-12-01T18:30:00Z", true),
    ];
    holds(&evening, "Europe/Berlin", &berlin);
    // 02:30 does not exist on 29 March and comes twice on 25 October.
    let night = json!({"hours": {"from_minute": 120, "until_minute": 180}});
    let shifted = [
        ("2026-03-29T00:59:59Z", false),
        ("2026-03-29T01:00:00Z", false),
        ("2026-10-25T00:30:00Z", true),
        ("2026-10-25T01:30:00Z", true),
        ("2026-10-25T02:00:00Z", false),
    ];
    holds(&night, "Europe/Berlin", &shifted);
}

#[test]
fn a_promotion_may_name_its_own_clock_and_an_offset_is_one_that_never_changes() {
    let noon = |own: Value| {
        let mut rule = json!({"hours": {"from_minute": 720, "until_minute": 721}});
        rule.as_object_mut().expect("an object").extend(own.as_object().expect("an object").clone());
        rule
    };
    holds(&noon(json!({})), "Asia/Kathmandu", &[("2026-07-01T06:15:00Z", true), ("2026-07-01T12:00:00Z", false)]);
    holds(&noon(json!({"time_zone": "America/New_York"})), "Asia/Kathmandu", &[("2026-07-01T16:00:00Z", true)]);
    // What was stored before there were zones means UTC, wherever the store is now.
    holds(&noon(json!({"utc_offset_minutes": 0})), "Asia/Kathmandu", &[("2026-07-01T12:00:00Z", true)]);
    holds(&noon(json!({"utc_offset_minutes": -300})), "America/New_York", &[("2026-07-01T17:00:00Z", true)]);
    let both = json!({"name": "x", "conditions": {"utc_offset_minutes": 60, "time_zone": "Europe/Berlin"},
        "benefit": {"kind": "free_shipping"}});
    let both: Promotion = serde_json::from_value(both).expect("a promotion");
    assert_eq!(both.validate()[0].path, "conditions.time_zone");
}

#[test]
fn promotions_stored_before_there_were_zones_read_and_mean_the_same() {
    let old = r#"{"id":"00000000-0000-0000-0000-000000000001","name":"Old","active":true,"priority":0,"stacking":"combinable",
        "starts_at":1764000000000,"requires_code":false,"conditions":{"hours":{"from_minute":60,"until_minute":120},
        "utc_offset_minutes":0},"benefit":{"kind":"free_shipping"},"limits":{}}"#;
    let read: Promotion = serde_json::from_str(old).expect("it reads");
    assert_eq!(read.starts_at, Some(Timestamp(1_764_000_000_000)));
    assert_eq!(serde_json::to_value(&read).expect("JSON")["starts_at"], json!(1_764_000_000_000_i64));
    let in_hours = at("2026-07-01T01:30:00Z");
    assert!(read.conditions.hold_at(in_hours, &zone("Europe/Berlin")));
    let text: Promotion = serde_json::from_value(json!({"name": "x", "ends_at": "2025-11-24T17:00:00.0009+01:00",
        "benefit": {"kind": "free_shipping"}}))
    .expect("RFC 3339");
    assert_eq!(text.ends_at, Some(Timestamp(1_764_000_000_000)));
}

/// Zones, each with days around a shift (or around one that other places have), UTC.
const SHIFTS: [(&str, &str); 10] = [
    ("Europe/Berlin", "2026-03-27T00:00:00Z"),
    ("Europe/Berlin", "2026-10-23T00:00:00Z"),
    ("America/New_York", "2026-03-06T00:00:00Z"),
    ("America/New_York", "2026-10-30T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-02T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
    ("Asia/Kathmandu", "2026-03-27T00:00:00Z"),
    ("Asia/Beirut", "2026-03-27T00:00:00Z"),
    ("Pacific/Apia", "2011-12-28T00:00:00Z"),
    ("America/Havana", "2026-10-30T00:00:00Z"),
];

/// Whether the rule holds, by a calendar library and its own words.
fn by_calendar(zone: &jiff::tz::TimeZone, at: Timestamp, days: &[&str], hours: Option<(u16, u16)>) -> bool {
    let shown =
        |at: Timestamp| -> Zoned { Instant::from_millisecond(at.0).expect("an instant").to_zoned(zone.clone()) };
    let is_day = |day: Weekday| {
        let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        days.is_empty() || days.contains(&names[day.to_monday_zero_offset() as usize])
    };
    let now = shown(at);
    let minute = (now.hour() as u16) * 60 + now.minute() as u16;
    match hours {
        None => is_day(now.weekday()),
        Some((from, until)) if from < until => (from..until).contains(&minute) && is_day(now.weekday()),
        Some((from, _)) if minute >= from => is_day(now.weekday()),
        Some((_, until)) if minute < until => {
            // The evening before is the last minute that had another date.
            let before = (1..).map(|back| shown(at.plus_ms(-back * MINUTE_MS))).find(|one| one.date() < now.date());
            is_day(before.expect("a day before").weekday())
        }
        Some(_) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: more(64), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hours_hold_as_the_calendar_says_and_the_next_change_is_never_late(
        (name, first) in select(&SHIFTS[..]),
        from in 0..1440u16,
        until in 1..=1440u16,
        whole_days in prop::bool::weighted(0.2),
        days in prop::sample::subsequence(vec!["monday", "thursday", "friday", "saturday", "sunday"], 0..=3),
    ) {
        prop_assume!(from != until);
        let hours = (!whole_days).then_some((from, until));
        let hours_json = hours.map(|_| json!({"from_minute": from, "until_minute": until}));
        let rule = conditions(json!({"weekdays": days, "hours": hours_json}));
        let (clock, calendar) = (zone(name), jiff::tz::TimeZone::get(name).expect("a zone"));
        let first = at(first);
        let mut announced: Option<(Timestamp, bool)> = None;
        for minute in 0..5 * 24 * 60 {
            let now = first.plus_ms(minute * MINUTE_MS);
            let held = rule.hold_at(now, &clock);
            if !days.is_empty() || hours.is_some() {
                prop_assert_eq!(held, by_calendar(&calendar, now, &days, hours), "{:?} in {}", now, name);
            }
            match (announced, rule.next_change(now, &clock)) {
                (Some((until, before)), _) if now < until => prop_assert_eq!(held, before, "late at {:?}", now),
                (_, Some(next)) => {
                    prop_assert!(next > now);
                    announced = Some((next, held));
                }
                (_, None) => prop_assert!(days.is_empty() && hours.is_none()),
            }
        }
    }

    #[test]
    fn mails_wait_for_the_first_minute_that_is_not_quiet(
        (name, first) in select(&SHIFTS[..]),
        from_minute in 0..1440u16,
        until_minute in 0..1440u16,
        asked in 0..5 * 24 * 60i64,
    ) {
        let quiet_hours = QuietHours { from_minute, until_minute, utc_offset_minutes: None };
        let settings = RecoverySettings { quiet_hours: Some(quiet_hours), ..RecoverySettings::default() };
        let calendar = jiff::tz::TimeZone::get(name).expect("a zone");
        let asked = at(first).plus_ms(asked * MINUTE_MS);
        let is_quiet = |minute: i64| {
            let hours = Some((from_minute, until_minute));
            from_minute != until_minute && by_calendar(&calendar, asked.plus_ms(minute * MINUTE_MS), &[], hours)
        };
        let expected = (0..).find(|minute| !is_quiet(*minute)).expect("it ends");
        prop_assert_eq!(settings.awake(asked, &zone(name)), asked.plus_ms(expected * MINUTE_MS));
    }
}
