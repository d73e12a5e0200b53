//! Asking whether Notation signatures have been revoked, before they are judged.

use boltseal_crypto::notation::{Revocation, RevocationQuestion};
use boltseal_ports::{RevocationAuthority, SignatureJob};
use boltseal_verify::{Evidence, NotationTrust, PieceContent, Trust};
use jiff::Timestamp;

/// Finds out what has been revoked, for every signature that counts otherwise. Without anybody to
/// ask, as offline, it stays unknown, and the policy's level decides what that means.
pub(crate) async fn ask(
    evidence: &mut Evidence,
    trust: &Trust,
    authority: Option<&dyn RevocationAuthority>,
    now: Timestamp,
) {
    let (Some(trust), Some(authority)) = (trust.notation.as_deref(), authority) else { return };
    ask_about(evidence, trust, authority, now).await;
    for child in &mut evidence.children {
        ask_about(child, trust, authority, now).await;
    }
}

async fn ask_about(
    evidence: &mut Evidence,
    trust: &NotationTrust,
    authority: &dyn RevocationAuthority,
    now: Timestamp,
) {
    for piece in &mut evidence.pieces {
        let PieceContent::Notation(content) = &mut piece.content else { continue };
        content.revocation = match content.revocation_question(trust, now) {
            RevocationQuestion::Nothing => Revocation::NotChecked,
            RevocationQuestion::Certificates(subjects) => Revocation::CouldNotFindOut {
                why: format!("that OCSP and CRLs are not asked yet, about {}", subjects.join(", ")),
            },
            RevocationQuestion::AwsSigner(query) => {
                let job = SignatureJob {
                    signed_at: query.signature_timestamp.as_second(),
                    profile_version: query.profile_version_arn,
                    job: query.job_arn,
                    certificate_hashes: query.certificate_hashes,
                };
                match authority.revoked(&job).await {
                    Ok(what) if what.is_empty() => Revocation::Checked,
                    Ok(what) => Revocation::Revoked { what },
                    Err(why) => Revocation::CouldNotFindOut { why },
                }
            }
        };
    }
}
