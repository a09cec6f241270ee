//! In which language most was said, by `whatlang`: it counts triples of letters, so a few words tell it little.

use super::Line;

/// So many bytes are enough to tell.
const ENOUGH: usize = 8000;
/// What stands for a language that cannot be told (ISO 639-2).
pub(super) const UNKNOWN: &str = "und";

pub(super) fn of(lines: &[Line<'_>]) -> &'static str {
    let mut text = String::new();
    for line in lines.iter().rev() {
        if text.len() >= ENOUGH {
            break;
        }
        text.push_str(line.text);
        text.push('\n');
    }
    let found = whatlang::detect(&text).filter(whatlang::Info::is_reliable);
    found.map_or(UNKNOWN, |found| shortest(found.lang().code()))
}

/// The code of two letters (ISO 639-1) for one of three, where there is one, as BCP 47 wants it.
fn shortest(code: &'static str) -> &'static str {
    const SHORT: [(&str, &str); 69] = [
        ("afr", "af"),
        ("aka", "ak"),
        ("amh", "am"),
        ("ara", "ar"),
        ("aze", "az"),
        ("bel", "be"),
        ("ben", "bn"),
        ("bul", "bg"),
        ("cat", "ca"),
        ("ces", "cs"),
        ("cmn", "zh"),
        ("cym", "cy"),
        ("dan", "da"),
        ("deu", "de"),
        ("ell", "el"),
        ("eng", "en"),
        ("epo", "eo"),
        ("est", "et"),
        ("fin", "fi"),
        ("fra", "fr"),
        ("guj", "gu"),
        ("heb", "he"),
        ("hin", "hi"),
        ("hrv", "hr"),
        ("hun", "hu"),
        ("hye", "hy"),
        ("ind", "id"),
        ("ita", "it"),
        ("jav", "jv"),
        ("jpn", "ja"),
        ("kan", "kn"),
        ("kat", "ka"),
        ("khm", "km"),
        ("kor", "ko"),
        ("lat", "la"),
        ("lav", "lv"),
        ("lit", "lt"),
        ("mal", "ml"),
        ("mar", "mr"),
        ("mkd", "mk"),
        ("mya", "my"),
        ("nep", "ne"),
        ("nld", "nl"),
        ("nob", "nb"),
        ("ori", "or"),
        ("pan", "pa"),
        ("pes", "fa"),
        ("pol", "pl"),
        ("por", "pt"),
        ("ron", "ro"),
        ("rus", "ru"),
        ("sin", "si"),
        ("slk", "sk"),
        ("slv", "sl"),
        ("sna", "sn"),
        ("spa", "es"),
        ("srp", "sr"),
        ("swe", "sv"),
        ("tam", "ta"),
        ("tel", "te"),
        ("tgl", "tl"),
        ("tha", "th"),
        ("tuk", "tk"),
        ("tur", "tr"),
        ("ukr", "uk"),
        ("urd", "ur"),
        ("uzb", "uz"),
        ("vie", "vi"),
        ("yid", "yi"),
    ];
    SHORT.iter().find(|(long, _)| *long == code).map_or(code, |(_, short)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("We should book the hall before Friday, because everybody wants to come to the party this year.", "en")]
    #[case("Wir sollten den Saal vor Freitag buchen, weil dieses Jahr alle zum Fest kommen wollen.", "de")]
    #[case("Deberíamos reservar la sala antes del viernes, porque este año todos quieren venir a la fiesta.", "es")]
    #[case("Мы должны забронировать зал до пятницы, потому что все хотят прийти на праздник.", "ru")]
    #[case("我们应该在星期五之前预订大厅，因为今年大家都想来参加聚会。", "zh")]
    #[case("ok", UNKNOWN)]
    #[case("", UNKNOWN)]
    #[case("42 👋", UNKNOWN)]
    fn is_told_by_its_shortest_code(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(of(&[Line { from: "ann", text }]), expected);
    }

    #[test]
    fn every_language_that_can_be_found_has_a_code() {
        for lang in whatlang::Lang::all() {
            assert!((2..=3).contains(&shortest(lang.code()).len()));
        }
        let long: Vec<_> = whatlang::Lang::all().iter().filter(|lang| shortest(lang.code()).len() == 3).collect();
        assert!(long.len() <= 1, "{long:?} have no code of two letters here");
    }
}
