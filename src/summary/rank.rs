//! How central a sentence is: continuous `LexRank` (Erkan and Radev, JAIR 22, 2004). Sentences recommend those that they resemble, and a
//! recommendation counts as much as who gives it. They resemble each other by the cosine of their words' TF-IDF.

use std::collections::HashMap;

use super::sentences::Sentence;

/// Sentences that are less alike than this do not recommend each other.
const UNLIKE: f64 = 0.1;
/// How much of a sentence's rank comes from the others.
const DAMPING: f64 = 0.85;
/// The ranks have settled when none changes by more, or after so many rounds.
const SETTLED: f64 = 1e-6;
const ROUNDS: usize = 100;

/// The sentences' ranks, and how alike each two are.
pub(super) struct Ranked {
    pub(super) scores: Vec<f64>,
    /// Row after row.
    alike: Vec<f64>,
}

impl Ranked {
    /// How alike two sentences are, from 0 to 1.
    pub(super) fn alike(&self, one: usize, other: usize) -> f64 {
        self.alike[one * self.scores.len() + other]
    }
}

pub(super) fn of(sentences: &[Sentence<'_>]) -> Ranked {
    let vectors = vectors(sentences);
    let count = vectors.len();
    let mut alike = vec![0.0; count * count];
    for one in 0..count {
        for other in one..count {
            let cosine = cosine(&vectors[one], &vectors[other]);
            (alike[one * count + other], alike[other * count + one]) = (cosine, cosine);
        }
    }
    Ranked { scores: settle(&alike, count), alike }
}

/// Each sentence's words by number, in order, with their weights; of length 1.
fn vectors(sentences: &[Sentence<'_>]) -> Vec<Vec<(usize, f64)>> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut holding: Vec<f64> = Vec::new();
    let mut counted = Vec::with_capacity(sentences.len());
    for sentence in sentences {
        let mut counts: HashMap<usize, f64> = HashMap::new();
        for word in &sentence.words {
            let next = numbers.len();
            *counts.entry(*numbers.entry(word).or_insert(next)).or_default() += 1.0;
        }
        holding.resize(numbers.len(), 0.0);
        for word in counts.keys() {
            holding[*word] += 1.0;
        }
        counted.push(counts);
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
    let all = sentences.len() as f64;
    let weigh = |counts: HashMap<usize, f64>| {
        let weights = counts.into_iter().map(|(word, count)| (word, count * (all / holding[word]).ln_1p()));
        let mut weights: Vec<(usize, f64)> = weights.collect();
        let length = weights.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        for (_, weight) in &mut weights {
            *weight /= length.max(f64::MIN_POSITIVE);
        }
        weights.sort_unstable_by_key(|(word, _)| *word);
        weights
    };
    counted.into_iter().map(weigh).collect()
}

fn cosine(one: &[(usize, f64)], other: &[(usize, f64)]) -> f64 {
    let (mut one, mut other, mut sum) = (one.iter().peekable(), other.iter().peekable(), 0.0);
    while let (Some((left, weight)), Some((right, factor))) = (one.peek(), other.peek()) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => drop(one.next()),
            std::cmp::Ordering::Greater => drop(other.next()),
            std::cmp::Ordering::Equal => {
                sum += weight * factor;
                one.next();
                other.next();
            }
        }
    }
    sum
}

/// The power method, from equal ranks.
fn settle(alike: &[f64], count: usize) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
    let each = 1.0 / count.max(1) as f64;
    let edge = |weight: f64| if weight < UNLIKE { 0.0 } else { weight };
    let given: Vec<f64> = alike.chunks(count.max(1)).map(|row| row.iter().copied().map(edge).sum()).collect();
    let mut ranks = vec![each; count];
    for _ in 0..ROUNDS {
        let mut next = vec![(1.0 - DAMPING) * each; count];
        for ((row, rank), given) in alike.chunks(count.max(1)).zip(&ranks).zip(&given) {
            if *given > 0.0 {
                let share = DAMPING * rank / given;
                next.iter_mut().zip(row).for_each(|(to, weight)| *to += share * edge(*weight));
            }
        }
        let moved = next.iter().zip(&ranks).map(|(next, rank)| (next - rank).abs()).fold(0.0, f64::max);
        ranks = next;
        if moved < SETTLED {
            break;
        }
    }
    ranks
}
