use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// What a query finds in `texts`, of which the first is the newest.
fn search<'a>(query: &str, texts: &[&'a str]) -> Found<&'a str> {
    let query = Query::parse(query).unwrap();
    let mut scan = Scan::new(&query);
    for text in texts {
        scan.read(*text, text);
    }
    scan.end(20)
}

fn messages<'a>(found: &Found<&'a str>) -> Vec<&'a str> {
    found.hits.iter().map(|hit| hit.message).collect()
}

#[rstest]
#[case::a_word("hall", &["Who books the HALL?", "The hall, please."])]
#[case::only_whole_words("hal", &[])]
#[case::a_phrase("\"the hall\"", &["The hall, please.", "Who books the HALL?"])]
#[case::a_phrase_in_order("\"hall the\"", &[])]
#[case::over_punctuation("\"friday the\"", &["On Friday. The cake is mine."])]
#[case::any_of_them("cake please", &["The hall, please.", "On Friday. The cake is mine."])]
#[case::no_word_of_it("dentist", &[])]
fn what_is_found(#[case] query: &str, #[case] expected: &[&str]) {
    let texts = ["Who books the HALL?", "On Friday. The cake is mine.", "The hall, please.", "👋", ""];
    let found = search(query, &texts);
    let (mut here, mut expected) = (messages(&found), expected.to_vec());
    here.sort_unstable();
    expected.sort_unstable();
    assert_eq!(here, expected);
    assert_eq!((found.total, found.read), (expected.len(), texts.len()));
}

#[test]
fn the_best_come_first() {
    // The rare word tells more than the frequent one, both more than one, a short message more than a long one, twice more than once.
    let texts = [
        "the hall is large",
        "the garden has a lot of space, and we can sit in it until late if it is warm enough for a hall",
        "the hall and the dentist",
        "a dentist is large",
        "hall hall is large",
        "the weather is fine",
    ];
    let found = search("hall dentist", &texts);
    assert_eq!(messages(&found), [texts[2], texts[3], texts[4], texts[0], texts[1]]);
    assert!(found.hits.iter().all(|hit| hit.score > 0.0));
    assert_eq!(found.hits[0].matched_terms, ["hall", "dentist"]);
    assert_eq!(found.hits[1].matched_terms, ["dentist"]);
}

/// By hand: one message of two holds the word once, each has four words; ln(1 + 1.5 / 1.5) × 1 × 2.2 / (1 + 1.2).
#[test]
fn the_score_is_that_of_bm25() {
    let found = search("hall", &["we book the hall", "they book the boat"]);
    assert!((found.hits[0].score - 2_f64.ln()).abs() < 1e-12, "{}", found.hits[0].score);
}

#[test]
fn of_equals_the_newest_come_first_and_the_limit_is_kept() {
    let query = Query::parse("hall").unwrap();
    let mut scan = Scan::new(&query);
    for number in 0..50 {
        scan.read(number, "the hall");
    }
    let found = scan.end(3);
    assert_eq!(found.hits.iter().map(|hit| hit.message).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!((found.total, found.read), (50, 50));
}

#[test]
fn no_more_is_read_than_is_read_at_most() {
    let query = Query::parse("hall").unwrap();
    let mut scan = Scan::new(&query);
    for number in 0..SCAN_MAX + 5 {
        assert_eq!(scan.is_full(), number >= SCAN_MAX);
        scan.read(number, if number < SCAN_MAX { "a boat" } else { "the hall" });
    }
    assert_eq!(scan.end(10), Found { hits: Vec::new(), total: 0, read: SCAN_MAX });
}

#[rstest]
#[case::all_of_it("We book the hall on Friday", "hall", "We book the ", "hall", " on Friday")]
#[case::as_it_is_written("Ja, die STRASSE dort!", "straße", "Ja, die ", "STRASSE", " dort!")]
#[case::the_longest("the hall", "the \"the hall\"", "", "the hall", "")]
#[case::the_first("boat, hall", "hall boat", "", "boat", ", hall")]
fn the_context_shows_the_first_match(
    #[case] text: &str,
    #[case] query: &str,
    #[case] before: &str,
    #[case] matched: &str,
    #[case] after: &str,
) {
    let context = Context { before: before.into(), matched: matched.into(), after: after.into() };
    assert_eq!(search(query, &[text]).hits[0].context, context);
}

#[test]
fn the_context_is_cut_between_words() {
    let (long, text) = ("y".repeat(200), "word ".repeat(40));
    let text = format!("{text}hall, {}", text.trim_end());
    let context = &search("hall", &[&text]).hits[0].context;
    assert_eq!(
        (context.before.as_str(), context.after.as_str()),
        (&*"word ".repeat(16), &*format!(",{}", " word".repeat(15)))
    );
    let context = search("hall", &[&format!("{long}hall {long} hall {long}")]).hits[0].context.clone();
    assert_eq!((context.before.as_str(), context.after.as_str()), ("", ""), "what does not fit is left out whole");
}

proptest! {
    #[test]
    fn a_context_is_a_piece_of_the_message(text in "\\PC{0,300}", word in "[a-c]{1,2}") {
        let text = format!("{text} {word} {text}");
        let found = search(&word, &[&text]);
        prop_assert_eq!(found.total, 1);
        let Context { before, matched, after } = &found.hits[0].context;
        let piece = format!("{before}{matched}{after}");
        prop_assert!(text.contains(&piece));
        prop_assert_eq!(&Query::parse(matched).unwrap().terms[0].words, &[word]);
        prop_assert!(before.chars().count() <= AROUND && after.chars().count() <= AROUND);
    }

    #[test]
    fn no_query_and_no_text_brings_it_down(query in "\\PC{0,200}", texts in prop::collection::vec("\\PC{0,80}", 0..20)) {
        if let Ok(query) = Query::parse(&query) {
            let mut scan = Scan::new(&query);
            for text in &texts {
                scan.read(text, text);
            }
            let found = scan.end(5);
            prop_assert!(found.hits.len() == found.total.min(5) && found.read == texts.len());
            prop_assert!(found.hits.iter().all(|hit| hit.score.is_finite() && !hit.matched_terms.is_empty()));
        }
    }
}
