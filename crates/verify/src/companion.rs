//! What an evidence file holds beside its evidence: a policy, a bare summary, keys.

use boltseal_core::{Digest, Exit, Kind, Reason};
use boltseal_crypto::{Envelope, PublicKey};
use jiff::Timestamp;

use crate::{Judgement, Outcome, Piece, PieceContent, Refusal, SummaryReport, Trust, authenticate};

const INTACT: &str = "get the evidence file again from an intact place";

/// The members of an evidence file that are not of its layout (DESIGN.md 5). Nothing of them is
/// trusted by itself: each is compared with what was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Companions {
    /// The effective policy.
    pub policy: Option<Companion>,
    /// The verification summary as a bare DSSE envelope.
    pub summary: Option<Companion>,
    /// Public keys, each named by the SHA-256 of its SPKI.
    pub keys: Vec<Companion>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// Where it is: the file and the member.
    pub place: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a comparison came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What contradicts.
    pub reasons: Vec<Reason>,
    /// What agrees, in words.
    pub checked: Vec<String>,
    /// What could not be compared, or was not trusted, in words.
    pub notes: Vec<String>,
}

impl Companions {
    /// Compares the members with a judgement of the evidence in the same file.
    ///
    /// # Outcome
    /// A policy that no summary in the file names though one verifies, a key under another's
    /// name: contradictions (exit 30). A bare summary that is none of the file's summaries: where
    /// one is required and verifies, refused for what is wrong with it (exit 11, or 30 where that
    /// is nothing). All else is remarked upon: keys that are not trusted, and what cannot be
    /// compared, since the judgement says already what is wrong with the evidence.
    pub fn compare(
        &self,
        judgement: &Judgement,
        subject: &Digest,
        trust: &Trust,
        now: Timestamp,
    ) -> Comparison {
        let mut comparison = Comparison::default();
        if let Some(policy) = &self.policy {
            comparison.policy(policy, &judgement.summaries);
        }
        if let Some(summary) = &self.summary {
            comparison.summary(summary, judgement, || {
                let content = PieceContent::LegacyAttestation(summary.bytes.clone());
                let carrier = Digest::sha256_of(&summary.bytes);
                let piece = Piece { carrier, hinted_type: None, content };
                authenticate(&piece, subject, trust, now).refusal
            });
        }
        for key in &self.keys {
            comparison.key(key, trust);
        }
        comparison
    }
}

impl Comparison {
    fn policy(&mut self, member: &Companion, summaries: &[SummaryReport]) {
        let digest = Digest::sha256_of(&member.bytes);
        let matches = |it: &&SummaryReport| it.policy.as_ref() == Some(&digest);
        let by: Vec<_> = summaries.iter().filter(matches).collect();
        let verified = || summaries.iter().filter(|it| it.verifies);
        if by.iter().any(|it| it.verifies) {
            self.checked.push("the policy in the file, by a verified summary".to_owned());
        } else if !by.is_empty() || verified().next().is_none() {
            self.notes.push("the policy in the file is not named by a verified summary".to_owned());
        } else {
            let policies = verified().filter_map(|it| it.policy.as_ref());
            let policies: Vec<_> = policies.map(ToString::to_string).collect();
            self.reasons.push(
                Reason::new(Exit::Contradiction, "policy-contradicts")
                    .expected(format!("the policy that a summary names: {}", policies.join(", ")))
                    .found(digest.to_string())
                    .place(&*member.place)
                    .fix(INTACT),
            );
        }
    }

    fn summary(
        &mut self,
        member: &Companion,
        judgement: &Judgement,
        refusal: impl FnOnce() -> Option<Refusal>,
    ) {
        let envelope = Envelope::parse(&member.bytes).ok();
        let digest = envelope.map(|it| Digest::sha256_of(&it.to_json()));
        let same = judgement.summaries.iter().filter(|it| Some(&it.envelope) == digest.as_ref());
        match same.map(|it| it.verifies).max() {
            Some(true) => self.checked.push("the bare summary in the file".to_owned()),
            Some(false) => {
                self.notes
                    .push("the bare summary in the file is not by an accepted key".to_owned());
            }
            None if judgement.required.contains(&Kind::Vsa) && is_verified(judgement) => {
                self.reasons.push(stray(member, refusal()));
            }
            None => self.notes.push("the bare summary is none of the file's evidence".to_owned()),
        }
    }

    fn key(&mut self, member: &Companion, trust: &Trust) {
        let name = member.place.rsplit('/').next().unwrap_or_default();
        let contradicts = |found: String| {
            Reason::new(Exit::Contradiction, "key-contradicts")
                .expected("a PEM public key named by the SHA-256 of its SPKI")
                .found(found)
                .place(&*member.place)
                .fix(INTACT)
        };
        let key = match PublicKey::from_pem(&member.bytes) {
            Ok(key) => key,
            Err(problem) => return self.reasons.push(contradicts(problem.to_string())),
        };
        let hash = Digest::sha256_of(key.spki_der());
        if name != format!("{}.pub", hash.hex()) {
            self.reasons.push(contradicts(format!("a key with SHA-256 {}", hash.hex())));
        } else if !trust.keys.iter().any(|it| it.key.spki_der() == key.spki_der()) {
            self.notes.push(format!("the key {name} is in the file and is not trusted"));
        }
    }
}

const fn is_verified(judgement: &Judgement) -> bool {
    matches!(judgement.outcome, Outcome::Verified(_))
}

/// A bare summary that is none of the file's evidence, good by itself or not.
fn stray(member: &Companion, refusal: Option<Refusal>) -> Reason {
    let reason = match refusal {
        Some(refusal) => Reason::new(Exit::Untrusted, refusal.code()).found(refusal.to_string()),
        None => Reason::new(Exit::Contradiction, "summary-contradicts")
            .found("a signed summary that is not among the evidence"),
    };
    reason.expected("the vsa evidence of the file, bare").place(&*member.place).fix(INTACT)
}
