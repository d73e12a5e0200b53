//! Of several verifying verdicts the latest counts, and of several at one time the worst.

use boltseal_core::predicate::{Verdict, Vsa, Vuln};
use boltseal_core::{Digest, Exit, Kind, Reason, Statement};
use boltseal_gate::MaxAge;
use jiff::{SignedDuration, Timestamp};

use crate::judgement::SummaryReport;
use crate::{Authentic, CLOCK_SKEW_SECONDS, Refusal};

/// A verifying verification summary and its time.
pub(crate) struct Summary {
    pub(crate) time: Timestamp,
    pub(crate) vsa: Vsa,
}

/// Refuses a verdict whose time is ahead of `now`, or which has none.
pub(crate) fn untimely(statement: &Statement, now: Timestamp) -> Option<Refusal> {
    let (member, text) = match statement.kind() {
        Kind::Vsa => ("timeVerified", read::<Vsa>(statement)?.time_verified),
        Kind::Vuln => {
            ("metadata.scanFinishedOn", read::<Vuln>(statement)?.metadata.scan_finished_on)
        }
        _ => return None,
    };
    if text.is_empty() && statement.kind() == Kind::Vuln {
        // A report may carry no time; whether that is good enough is for a policy to say.
        return None;
    }
    let Ok(time) = text.parse::<Timestamp>() else {
        return Some(Refusal::NoTime { member, found: text.chars().take(60).collect() });
    };
    let ahead = time.duration_since(now) > SignedDuration::from_secs(CLOCK_SKEW_SECONDS);
    ahead.then(|| Refusal::FromTheFuture { claimed: text, now: now.to_string() })
}

fn read<T: serde::de::DeserializeOwned>(statement: &Statement) -> Option<T> {
    serde_json::from_value(statement.predicate.clone()).ok()
}

/// Refuses a predicate of a known kind that cannot be read as one.
pub(crate) fn unreadable(statement: &Statement) -> Option<Refusal> {
    let readable = match statement.kind() {
        Kind::Vsa => read::<Vsa>(statement).is_some(),
        Kind::Vuln => read::<Vuln>(statement).is_some(),
        _ => true,
    };
    let problem = || format!("its predicate is no {}", statement.predicate_type);
    (!readable).then(|| Refusal::Malformed { problem: problem() })
}

/// The summaries that carry the latest time.
pub(crate) fn latest_summaries<'a>(verifying: impl Iterator<Item = &'a Authentic>) -> Vec<Summary> {
    let mut summaries: Vec<Summary> = verifying.filter_map(summary).collect();
    let latest = summaries.iter().map(|it| it.time).max();
    summaries.retain(|it| Some(it.time) == latest);
    summaries
}

/// The verifying summaries that say PASSED and that their own signer has not replaced.
pub(crate) fn standing<'a>(verifying: &[&'a Authentic]) -> Vec<&'a Authentic> {
    let of_signer = |piece: &Authentic| {
        let same = verifying.iter().filter(|it| it.signer_key == piece.signer_key);
        same.filter_map(|it| summary(it)).map(|it| it.time).max()
    };
    let stands = |piece: &&&Authentic| {
        summary(piece).is_some_and(|it| {
            it.vsa.verification_result == Verdict::Passed && Some(it.time) == of_signer(piece)
        })
    };
    verifying.iter().filter(stands).copied().collect()
}

/// Why the latest summaries are too old at `now`.
pub(crate) fn outdated(latest: &[Summary], max_age: MaxAge, now: Timestamp) -> Option<Reason> {
    let MaxAge::Seconds(most) = max_age else { return None };
    let time = latest.first()?.time;
    let age = u64::try_from(now.as_second() - time.as_second()).unwrap_or(0);
    (age > most).then(|| {
        Reason::new(Exit::Gate, "verdict-too-old")
            .expected(format!("a verification summary at most {max_age} old"))
            .found(time.to_string())
            .place("the latest verification summary")
            .fix("release the image again, or raise max_verdict_age in the policy")
    })
}

fn summary(piece: &Authentic) -> Option<Summary> {
    let vsa: Vsa = read(piece.statement.as_ref()?)?;
    let time = vsa.time_verified.parse().ok()?;
    Some(Summary { time, vsa })
}

/// What a summary says of the policy, whoever signed it.
pub(crate) fn report(piece: &Authentic) -> Option<SummaryReport> {
    Some(SummaryReport {
        envelope: piece.envelope.clone()?,
        policy: named_policy(&piece.signed),
        verifies: piece.verifies(),
    })
}

fn named_policy(payload: &[u8]) -> Option<Digest> {
    #[derive(serde::Deserialize)]
    struct Claim {
        predicate: Vsa,
    }
    let claim: Claim = serde_json::from_slice(payload).ok()?;
    let hex = claim.predicate.policy.digest.get("sha256")?;
    format!("sha256:{hex}").parse().ok()
}

/// The reason that a failed verdict is.
pub(crate) fn failed(summary: &Summary) -> Option<Reason> {
    (summary.vsa.verification_result == Verdict::Failed).then(|| {
        Reason::new(Exit::Untrusted, "vsa-failed")
            .expected("the latest verification summary to say PASSED")
            .found(format!("FAILED, at {}", summary.vsa.time_verified))
            .place(summary.vsa.resource_uri.clone())
            .fix("find out why the gate failed; a later release that passes replaces this verdict")
    })
}
