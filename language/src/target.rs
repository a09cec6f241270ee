//! Which tasks a sentence means: references to what was shown ("the second one", "it", "both"), words of the title, dates.
//!
//! One more way to point at something: a branch in [`crate::reference`]; one more quality: a row in [`qualities`].

use crate::lexicon::{is_filler, is_generic, is_kind, same_word, stem};

use crate::pattern::{find, has, whole};
use crate::reference::{Reference, references};

use crate::task::Task;

use crate::when::{Clock, Half, Lead, Part, When, dates, mentions, range};

use crate::words::Token;

use chrono::{DateTime, NaiveDate, Timelike};

use chrono_tz::Tz;

/// By its place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    Next,
    Last,
}

/// A description of tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) references: Vec<Reference>,
    /// Stems that the title must have.
    pub(crate) words: Vec<String>,
    /// Stems of sorts (meeting, alarm) that a title may leave out when `words` fit.
    pub(crate) kinds: Vec<String>,
    pub(crate) when: When,
    pub(crate) priority: Option<&'static str>,
    /// `pending`, `in_progress`, `completed`, `archived` or `overdue`
    pub(crate) status: Option<&'static str>,
    /// "all", "every", or a plural.
    pub(crate) group: bool,
    /// "the other ones too": nothing was described, only "everything".
    pub(crate) everything: bool,
    pub(crate) pick: Option<Pick>,
    /// Each of several that were named ("bread and milk"), if they were.
    pub(crate) each: Vec<Target>,
    /// What is left alone: "everything except the bread".
    pub(crate) except: Option<Box<Target>>,
    /// Only tasks without a due date.
    pub(crate) undated: bool,
    /// As the user said it, for the answer.
    pub(crate) said: String,
}

impl Target {
    /// Reads the words that are left when the verb is gone.
    pub(crate) fn read(tokens: &[&Token]) -> Self {
        let said = tokens.iter().filter(|t| t.is_word()).map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
        if let Some((from, to)) = exception(tokens) {
            let except = Some(Box::new(Self::read(&tokens[to..])));
            return Self { except, said, ..Self::read(&tokens[..from]) };
        }
        let mut target = Self { said, ..Self::default() };
        let mut taken = vec![false; tokens.len()];
        references(tokens, &mut target.references, &mut taken);
        for mention in mentions(tokens) {
            if mention.span.clone().any(|i| taken[i]) {
                continue;
            }
            if let Some(merged) = target.when.merged(mention.when) {
                target.when = merged;
            }
            taken[mention.span].iter_mut().for_each(|t| *t = true);
        }
        qualities(tokens, &mut target, &mut taken);
        let rest: Vec<&Token> = tokens.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(t, _)| *t).collect();
        target.name(&rest);
        let named: Vec<Self> = rest
            .split(|t| !t.quoted && matches!(t.text.as_str(), "and" | "," | "&"))
            .map(|part| {
                let mut one = Self { when: target.when, ..Self::default() };
                one.name(part);
                one
            })
            .collect();
        if named.len() > 1 {
            target.each = named.into_iter().filter(|t| !t.words.is_empty() || !t.kinds.is_empty()).collect();
        }
        if whole(tokens, &["all|everything", "all of it"]) {
            (target.everything, target.group) = (true, true);
        }
        target
    }

    /// Sorts the words that are left into what names the task and what only says that it is one.
    fn name(&mut self, rest: &[&Token]) {
        let all = has(rest, &["all|every|everything|each|entire|whole"]);
        let lists = has(rest, &["calendar|schedule|agenda|planner|diary|list|lists|todo"]);
        for token in rest.iter().filter(|t| t.is_word()) {
            let word = token.base();
            if token.quoted {
                self.words.push(stem(word));
            } else if is_kind(word) {
                self.group |= word.ends_with('s') && word != "alarms";
                self.kinds.push(stem(word));
            } else if is_generic(word) {
                self.group |= word.ends_with('s');
            } else if !is_filler(word) {
                self.words.extend(word.split('-').filter(|w| !w.is_empty()).map(stem));
            }
        }
        self.group |= all || self.words.is_empty() && rest.iter().any(|t| t.text == "alarms");
        let bare = self.words.is_empty() && self.kinds.is_empty() && self.references.is_empty() && self.pick.is_none();
        let plural = has(rest, &["tasks|todos|items|events|reminders|things|entries|todo|everything|all|plans"]);
        let single = has(rest, &["item|event|reminder|task|thing|entry|one"]) && !plural;
        self.everything = bare && !single && (plural || lists || all);
        self.group |= self.everything && bare;
    }

    /// Nothing was said that could tell tasks apart.
    pub(crate) fn is_empty(&self) -> bool {
        self.references.is_empty() && !self.is_described() && !self.everything
    }

    /// Whether something narrows the tasks down.
    pub(crate) fn is_described(&self) -> bool {
        !self.words.is_empty()
            || !self.kinds.is_empty()
            || !self.when.is_empty()
            || self.priority.is_some()
            || self.status.is_some()
            || self.pick.is_some()
            || self.undated
    }

    /// The tasks whose title fits, the better fits alone if some fit better. `strict`: a sort that is named must be there.
    pub(crate) fn named<'t>(&self, tasks: &[&'t Task], strict: bool) -> Vec<&'t Task> {
        if self.words.is_empty() && self.kinds.is_empty() {
            return tasks.to_vec();
        }
        let has = |stems: &[String], word: &String| stems.iter().any(|s| same_word(s, word) || sort_of(word, s));
        let fits: Vec<(&Task, Vec<String>)> = tasks
            .iter()
            .map(|t| (*t, t.stems()))
            .filter(|(_, stems)| self.words.iter().all(|w| has(stems, w)))
            .collect();
        let sorted: Vec<_> = fits.iter().filter(|(_, stems)| self.kinds.iter().all(|k| has(stems, k))).collect();
        if sorted.is_empty() {
            let loose = !self.words.is_empty() || !strict;
            return if loose { fits.iter().map(|(t, _)| *t).collect() } else { Vec::new() };
        }
        let wanted = self.words.len() + self.kinds.len();
        let exact: Vec<&Task> = sorted.iter().filter(|(_, stems)| stems.len() == wanted).map(|(t, _)| *t).collect();
        if exact.is_empty() || self.group { sorted.iter().map(|(t, _)| *t).collect() } else { exact }
    }

    /// Titles that have at least one of the words: what may have been meant when nothing fits.
    pub(crate) fn nearly<'t>(&self, tasks: &[&'t Task]) -> Vec<&'t Task> {
        let has = |t: &Task| t.stems().iter().any(|s| self.words.iter().any(|w| same_word(s, w)));
        tasks.iter().filter(|t| has(t)).copied().collect()
    }

    /// Whether the task is due when the description says; tasks without a due date are not.
    pub(crate) fn is_timely(&self, task: &Task, now: DateTime<Tz>) -> bool {
        let when = &self.when;
        if when.is_empty() {
            return true;
        }
        if let (Some(minutes), Some(at)) = (when.ahead, task.moment()) {
            return (at - now).num_minutes() <= minutes && at >= now;
        }
        let Some(date) = task.date() else { return false };
        let day_fits = when.day.is_none_or(|d| match when.bound.filter(|_| when.clock.is_none()) {
            Some(Lead::Before) => date <= range(d, now.date_naive()).1,
            Some(Lead::After) => date > range(d, now.date_naive()).1,
            _ => covers(d, date, now.date_naive()),
        });
        let Some(at) = task.moment() else { return day_fits && when.clock.is_none() && when.part.is_none() };
        let clock_fits = when.clock.is_none_or(|c| match when.until {
            Some(end) => within(c, end, at),
            None => shows(c, when.bound, at),
        });
        day_fits && clock_fits && when.part.is_none_or(|p| when.clock.is_some() || in_part(p, at))
    }

    /// The word that tells most about the task, as it was said: for the search of the tool.
    pub(crate) fn keyword(&self) -> Option<&str> {
        self.said.split(' ').filter(|word| self.words.contains(&stem(word))).max_by_key(|word| word.len())
    }

    /// Whether it describes this very task.
    pub(crate) fn fits(&self, task: &Task, now: DateTime<Tz>) -> bool {
        self.is_described()
            && self.has_quality(task, now)
            && self.is_timely(task, now)
            && !self.named(&[task], true).is_empty()
            || self.each.iter().any(|one| one.fits(task, now))
    }

    pub(crate) fn has_quality(&self, task: &Task, now: DateTime<Tz>) -> bool {
        !(self.undated && task.due.is_some())
            && self.except.as_ref().is_none_or(|except| !except.fits(task, now))
            && self.priority.is_none_or(|p| task.priority == p || (p == "high" && task.priority == "urgent"))
            && self.status.is_none_or(|s| if s == "overdue" { task.is_overdue(now) } else { task.status == s })
    }
}

/// Where "except" stands after a group, and where what is excepted starts.
fn exception(tokens: &[&Token]) -> Option<(usize, usize)> {
    let plain = find(tokens, "except|excluding|besides|excepting [for|from]")
        .or_else(|| find(tokens, "other|apart|aside than|from"));
    let after_all =
        || find(tokens, "but [for|not]").filter(|&(from, _)| has(&tokens[..from], &["all|everything|every|each"]));
    plain.or_else(after_all).filter(|&(from, to)| from > 0 && to < tokens.len())
}

/// Titles that make a task one of a sort without naming it.
fn sort_of(kind: &str, stem: &str) -> bool {
    match kind {
        "alarm" => matches!(stem, "wak" | "timer" | "alarm"),
        "meet" => matches!(stem, "standup" | "sync"),
        _ => false,
    }
}

fn covers(day: crate::when::Day, date: NaiveDate, today: NaiveDate) -> bool {
    use crate::when::Day;
    match day {
        Day::Period(_) | Day::WeekOf { .. } => {
            let (from, to) = range(day, today);
            (from..=to).contains(&date)
        }
        _ => dates(day, today).contains(&date),
    }
}

fn shows(clock: Clock, bound: Option<Lead>, at: DateTime<Tz>) -> bool {
    let minutes = |h: u32| h * 60 + clock.minute;
    let is = at.hour() * 60 + at.minute();
    let halves: Vec<u32> = match clock.half {
        _ if clock.sure => vec![clock.hour],
        Some(Half::Am) => vec![clock.hour % 12],
        Some(Half::Pm) => vec![clock.hour % 12 + 12],
        None => vec![clock.hour % 12 + 12, clock.hour % 12],
    };
    match bound {
        Some(Lead::Before) => halves.first().is_some_and(|h| is < minutes(*h)),
        Some(Lead::After) => halves.first().is_some_and(|h| is >= minutes(*h)),
        _ => halves.iter().any(|h| is == minutes(*h)),
    }
}

/// Between two times of day, in whichever halves of it.
fn within(start: Clock, end: Clock, at: DateTime<Tz>) -> bool {
    let is = at.hour() * 60 + at.minute();
    let minutes = |c: Clock| c.hour * 60 + c.minute;
    let length = (minutes(end) + 24 * 60 - minutes(start)) % (12 * 60);
    let halves: &[u32] = match start.half {
        _ if start.sure => &[0],
        Some(Half::Am) => &[0],
        Some(Half::Pm) => &[12 * 60],
        None => &[0, 12 * 60],
    };
    let first = if start.sure { minutes(start) } else { minutes(start) % (12 * 60) };
    halves.iter().any(|half| (first + half..=first + half + length).contains(&is))
}

fn in_part(part: Part, at: DateTime<Tz>) -> bool {
    let (from, to) = part.hours();
    (from..=to).contains(&at.hour())
}

/// Priority, status and place in time.
fn qualities(tokens: &[&Token], target: &mut Target, taken: &mut [bool]) {
    const PRIORITIES: [(&str, &str); 9] = [
        ("high priority|prio", "high"),
        ("high-priority", "high"),
        ("top priority", "urgent"),
        ("low priority", "low"),
        ("low-priority", "low"),
        ("medium|normal priority", "medium"),
        ("urgent", "urgent"),
        ("most important", "high"),
        ("important", "high"),
    ];
    const STATUSES: [(&str, &str); 9] = [
        ("overdue", "overdue"),
        ("past due", "overdue"),
        ("[that|which] [are|is] late", "overdue"),
        ("[that|which] [i] [have|i've] completed|finished|done", "completed"),
        ("[that|which] [are|is] completed|finished|done", "completed"),
        ("archived", "archived"),
        ("in progress", "in_progress"),
        ("in-progress", "in_progress"),
        ("missed", "overdue"),
    ];
    let mut take = |pattern: &str| {
        let (from, to) = find(tokens, pattern).filter(|&(from, to)| !taken[from..to].iter().any(|t| *t))?;
        taken[from..to].iter_mut().for_each(|t| *t = true);
        Some(())
    };
    target.priority = PRIORITIES.iter().find_map(|(p, name)| take(p).map(|()| *name));
    target.status = STATUSES.iter().find_map(|(p, name)| take(p).map(|()| *name));
    if take("next|earliest|first").is_some() {
        target.pick = Some(Pick::Next);
    } else if take("last|latest").is_some() {
        target.pick = Some(Pick::Last);
    }
    target.undated = take("without|no|with|have|has [no|without] [a|any] due date|dates").is_some()
        || take("without|no [a|any] date|dates|deadline|deadlines").is_some()
        || take("undated|unscheduled").is_some();
    let _ = take("pending|outstanding|unfinished|open|incomplete");
    let _ = take("not|isn't|aren't done|finished|completed");
}
