//! Signatures of the Notary Project, judged by what is trusted.

use boltseal_core::{Descriptor, Kind, Statement, Subject};
use boltseal_crypto::notation::{
    Certificate, Check, Circumstances, Doubt, Format, Intact, Refusal as NotationRefusal,
    Revocation, RevocationQuestion, Trust as PolicyTrust, Verdict,
};
use jiff::Timestamp;

use crate::{NotationTrust, REPOSITORY_ANNOTATION, Refusal};

/// A Notation signature as it was fetched, and what was found out about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotationPiece {
    /// The envelope's format.
    pub format: Format,
    /// The envelope.
    pub envelope: Vec<u8>,
    /// The image, as its place describes it: what is signed must be equal to this.
    pub subject: Descriptor,
    /// What was found out about the revocation of the signer.
    pub revocation: Revocation,
    /// What was found out about the revocation of the timestamp's authority.
    pub authority_revocation: Revocation,
}

/// A signature that counts.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) signer: String,
    pub(crate) notes: Vec<String>,
    pub(crate) statement: Statement,
}

impl NotationPiece {
    /// A signature about whose revocation nobody was asked yet.
    pub const fn new(format: Format, envelope: Vec<u8>, subject: Descriptor) -> Self {
        let (revocation, authority_revocation) = (Revocation::NotChecked, Revocation::NotChecked);
        Self { format, envelope, subject, revocation, authority_revocation }
    }

    /// What to find out about the revocation of the signer before it is judged. Nothing where
    /// the signature does not count anyway, or where the policy does not want to know: whoever
    /// may push must not make a verifier ask.
    pub fn revocation_question(&self, trust: &NotationTrust, now: Timestamp) -> RevocationQuestion {
        let NotationTrust::Policy { statement, stores } = trust else {
            return RevocationQuestion::Nothing;
        };
        let Ok(intact) = Intact::read(self.format, &self.envelope) else {
            return RevocationQuestion::Nothing;
        };
        let trust = PolicyTrust { statement, stores };
        let judged = |revocation| {
            let authority_revocation = Revocation::Checked;
            let circumstances = Circumstances { now, revocation, authority_revocation };
            intact.judge(&self.subject, trust, &circumstances)
        };
        let counts = matches!(&judged(Revocation::Checked), Verdict::Accepted(it)
            if it.is_authentic());
        let unasked = judged(Revocation::Checked) == judged(Revocation::NotChecked);
        if counts && !unasked { intact.revocation_question() } else { RevocationQuestion::Nothing }
    }

    /// Whether somebody answered whether the signer is revoked.
    pub(crate) const fn was_revocation_asked(&self) -> bool {
        matches!(self.revocation, Revocation::Checked | Revocation::Revoked { .. })
    }

    /// Whether it counts. Without trust only its integrity is looked at, and it counts never.
    pub(crate) fn judge(
        &self,
        trust: Option<&NotationTrust>,
        now: Timestamp,
    ) -> Result<Signed, Refusal> {
        let intact = Intact::read(self.format, &self.envelope)
            .map_err(|problem| Refusal::Notation { reasons: vec![problem.into()] })?;
        let (signer, notes) = match trust.ok_or(Refusal::NoTrustPolicy)? {
            NotationTrust::Policy { statement, stores } => {
                self.by_policy(&intact, PolicyTrust { statement, stores }, now)?
            }
            NotationTrust::Chain(chain) => {
                self.own(&intact, now)?;
                let found = intact.chain();
                if found != chain {
                    let (expected, found) = (chain.leaf().subject(), found.leaf().subject());
                    return Err(Refusal::OtherSigner { expected, found });
                }
                (chain.leaf().subject(), Vec::new())
            }
            NotationTrust::Profile { arn, root } => {
                self.own(&intact, now)?;
                (by_profile(&intact, arn, root.as_deref())?, Vec::new())
            }
        };
        Ok(Signed { signer, notes, statement: statement(&intact) })
    }

    fn by_policy(
        &self,
        intact: &Intact,
        trust: PolicyTrust<'_>,
        now: Timestamp,
    ) -> Result<(String, Vec<String>), Refusal> {
        let circumstances = Circumstances {
            now,
            revocation: self.revocation.clone(),
            authority_revocation: self.authority_revocation.clone(),
        };
        let accepted = match intact.judge(&self.subject, trust, &circumstances) {
            Verdict::Accepted(accepted) => accepted,
            Verdict::Refused { reasons, .. } => return Err(Refusal::Notation { reasons }),
            Verdict::Undetermined(problems) => {
                return Err(Refusal::NotationUndetermined { problems });
            }
        };
        if !accepted.is_authentic() {
            let authenticity =
                accepted.logged().iter().filter(|it| it.check == Check::Authenticity);
            let found: Vec<Doubt> = authenticity.map(|it| it.doubt.clone()).collect();
            return Err(Refusal::NotationUnauthentic { found });
        }
        let notes =
            accepted.logged().iter().map(|it| format!("logged by the policy: {}", it.doubt));
        let signer = accepted.signer();
        let name = signer.job.as_ref().map_or(signer.subject.as_str(), |job| job.profile_arn());
        Ok((name.to_owned(), notes.collect()))
    }

    /// What must hold of a release's own signature, whoever of both made it: it is about this
    /// image, it has not expired, and nobody's certificate was out of date.
    fn own(&self, intact: &Intact, now: Timestamp) -> Result<(), Refusal> {
        let refuse = |reason| Err(Refusal::Notation { reasons: vec![reason] });
        let payload = intact.payload();
        if !payload.is_about(&self.subject) {
            let expected = Box::new(self.subject.bare());
            let found = Box::new(payload.target.bare());
            return refuse(NotationRefusal::OtherArtifact { expected, found });
        }
        let attributes = intact.attributes();
        if let Some(at) = attributes.expiry.filter(|expiry| *expiry <= now) {
            return refuse(NotationRefusal::Expired { at });
        }
        let (time, is_now) = match intact.signing_job() {
            Some(_) => (attributes.signing_time, false),
            None => (now, true),
        };
        match intact.chain().invalid_at(time).map(Certificate::subject) {
            Some(subject) if is_now => refuse(NotationRefusal::NotValidNow { subject, now }),
            Some(subject) => refuse(NotationRefusal::NotValidWhenSigned { subject, at: time }),
            None => Ok(()),
        }
    }
}

fn by_profile(intact: &Intact, arn: &str, root: Option<&str>) -> Result<String, Refusal> {
    let refuse = |found: String| Refusal::OtherSigner { expected: arn.to_owned(), found };
    let job = intact.signing_job().ok_or_else(|| refuse(intact.chain().leaf().subject()))?;
    if !job.profile_arn().eq_ignore_ascii_case(arn) {
        return Err(refuse(job.profile_arn().to_owned()));
    }
    let end = intact.chain().root();
    if root.is_some_and(|root| root != end.thumbprint()) {
        return Err(refuse(format!("somebody below {}", end.subject())));
    }
    Ok(job.profile_arn().to_owned())
}

/// The same claim as a statement, so that everything after this sees one form.
fn statement(intact: &Intact) -> Statement {
    let target = &intact.payload().target;
    let name = target.annotations.get(REPOSITORY_ANNOTATION).cloned().unwrap_or_default();
    let mut subject = Subject::of(&name, &target.digest);
    subject.annotations.clone_from(&target.annotations);
    Statement::new(subject, &Kind::Signature, serde_json::Value::Object(serde_json::Map::new()))
}
