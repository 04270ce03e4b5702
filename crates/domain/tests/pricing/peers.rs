//! Cases whose figures other engines state in their own tests and documents.

use crate::case::{figures, read, shop};
use crate::peer_case::PeerCase;

/// Cases that agree; never to be lowered.
const AGREE: usize = 155;

fn cases() -> Option<Vec<PeerCase>> {
    let file = read("peer_pricing.json")?;
    let case = |case| PeerCase::read(case).expect("every case can be said in our terms");
    Some(file.as_array().expect("a list").iter().map(case).collect())
}

fn differences(case: &PeerCase) -> Vec<String> {
    let shown = figures(&shop(case).quote(), case.fee);
    for field in case.expected.as_object().expect("an object").keys() {
        assert!(!shown[field].is_null(), "a field this reader does not know: {field}");
    }
    case.differences(&shown)
}

#[test]
fn figures_that_other_engines_state_are_ours_under_the_settings_they_name() {
    let Some(cases) = cases() else { return };
    let mut agree = 0;
    for case in &cases {
        let differences = differences(case);
        match differences.is_empty() {
            true => agree += 1,
            false => println!("{}: {}", case.id, differences.join(", ")),
        }
    }
    println!("{agree} of {} cases agree", cases.len());
    assert_eq!(agree, cases.len(), "every case agrees");
    assert!(agree >= AGREE, "the file has lost cases: {agree} where there were {AGREE}");
}

#[test]
fn turning_one_setting_gives_the_figures_computed_for_that_setting() {
    let Some(cases) = cases() else { return };
    let (mut agree, mut all) = (0, 0);
    for case in &cases {
        for (setting, turned) in case.alternatives() {
            let differences = differences(&turned);
            all += 1;
            match differences.is_empty() {
                true => agree += 1,
                false => println!("{} with {setting}: {}", case.id, differences.join(", ")),
            }
        }
    }
    println!("{agree} of {all} alternatives agree");
    assert!(all > 0, "there are alternatives");
    assert_eq!(agree, all);
}
