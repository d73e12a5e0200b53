//! Notation: the signature of the Notary Project beside the statements.

use std::time::Duration;

use boltseal_core::{Annotations, Descriptor, Exit, Reason, Statement};
use boltseal_crypto::notation::{
    Certificate, CertificateChain, Payload, SignedEnvelope, SigningError, SigningRequest,
    SigningTimes, check_signed_payload,
};
use boltseal_ports::{ManagedSignature, ManagedSigning, PayloadSigner, Progress};
use boltseal_verify::{Evidence, NotationTrust, Piece, Trust, authenticate};
use jiff::Timestamp;
use tokio::time::Instant;

use super::identify::Identified;
use super::{ReleaseRequest, ReleaseWorld};
use crate::Failure;
use crate::evidence::collect::{NotationLookup, collect_referrers};
use crate::evidence::referrer::Referrer;
use crate::evidence::sealed::{NotationSeal, Sealed};
use crate::evidence::signing_key::SigningKey;

/// The pause between two questions to a registry that signs by itself.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a registry is asked that knows of no signature by itself.
const QUESTIONS_WHILE_UNLISTED: u32 = 3;

/// Who makes Notation signatures.
#[derive(Clone, Copy)]
pub struct NotationSigning<'a> {
    /// The signer.
    pub signer: NotationSigner<'a>,
    /// What the registry signs by itself; none where it is no registry that could.
    pub managed: Option<&'a dyn ManagedSigning>,
    /// How long to wait for that.
    pub patience: Duration,
}

/// A signer of Notation signatures.
#[derive(Clone, Copy)]
pub enum NotationSigner<'a> {
    /// The one of the release's keys whose certificate is the leaf of this chain.
    Chain(&'a CertificateChain),
    /// A service with a key and a chain of its own.
    Profile(&'a dyn PayloadSigner),
}

/// The Notation signatures of a release, as its last steps need to know them.
#[derive(Debug)]
pub(crate) struct OwnSignatures {
    /// Which signatures are this release's.
    pub(crate) trust: NotationTrust,
    /// Whether the registry made them: then they came after everything was looked at.
    pub(crate) awaited: bool,
}

/// Refuses, before anything is written, a chain that the keys of the release cannot sign with.
pub(crate) fn check(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    identified: &Identified<'_>,
) -> Result<(), Failure> {
    if !request.formats.notation() {
        return Ok(());
    }
    let signing = wanted(world)?;
    let NotationSigner::Chain(chain) = signing.signer else { return Ok(()) };
    key_of(chain, &identified.keys)?;
    match chain.invalid_at(world.clock.now()).map(Certificate::subject) {
        Some(subject) => {
            let at = world.clock.now();
            Err(unsignable(chain, &SigningError::NotValid { subject, at }).into())
        }
        None => Ok(()),
    }
}

fn wanted<'a>(world: &ReleaseWorld<'a>) -> Result<NotationSigning<'a>, Reason> {
    world.notation.ok_or_else(|| {
        Reason::new(Exit::Usage, "notation-signer-missing")
            .expected("who makes the Notation signature")
            .found("nobody")
            .fix("give --signer-profile, or --certificate-chain for one of the keys")
    })
}

/// The key whose certificate is the leaf.
fn key_of<'k, 'a>(
    chain: &CertificateChain,
    keys: &'k [SigningKey<'a>],
) -> Result<&'k SigningKey<'a>, Reason> {
    let leaf = chain.leaf().spki_der();
    keys.iter().find(|key| key.public().spki_der() == leaf).ok_or_else(|| {
        let names: Vec<&str> = keys.iter().map(SigningKey::name).collect();
        Reason::new(Exit::Invalid, "certificate-key-mismatch")
            .expected("a chain whose leaf is the certificate of a key that signs")
            .found(format!(
                "{}, which is another key's than {}",
                chain.leaf().subject(),
                names.join(", ")
            ))
            .place("--certificate-chain")
            .fix("give the chain that was issued for this key, or the key that it was issued for")
    })
}

fn unsignable(chain: &CertificateChain, problem: &SigningError) -> Reason {
    Reason::new(Exit::Invalid, "certificate-unusable")
        .expected("a chain that signs for Notation now")
        .found(problem.to_string())
        .place(format!("--certificate-chain, {}", chain.leaf().subject()))
        .fix("have a certificate issued that is valid now, for an ECDSA or RSA key")
}

/// Signs, or finds signed, one subject after the other.
pub(crate) struct NotationSealer<'w> {
    world: &'w ReleaseWorld<'w>,
    identified: &'w Identified<'w>,
    signing: NotationSigning<'w>,
    own: OwnSignatures,
    now: Timestamp,
}

impl<'w> NotationSealer<'w> {
    /// None where no Notation signature is wanted. Asks the registry whether it signs with the
    /// same profile by itself.
    pub(crate) async fn open(
        request: &ReleaseRequest,
        world: &'w ReleaseWorld<'w>,
        identified: &'w Identified<'w>,
    ) -> Result<Option<Self>, Failure> {
        if !request.formats.notation() {
            return Ok(None);
        }
        let signing = wanted(world)?;
        let trust = match signing.signer {
            NotationSigner::Chain(chain) => NotationTrust::Chain(chain.clone()),
            NotationSigner::Profile(profile) => {
                NotationTrust::Profile { arn: profile.profile().to_owned(), root: None }
            }
        };
        let awaited = is_managed(&signing).await?;
        let own = OwnSignatures { trust, awaited };
        Ok(Some(Self { world, identified, signing, own, now: world.clock.now() }))
    }

    /// What the last steps need to know.
    pub(crate) fn into_own(self) -> OwnSignatures {
        self.own
    }

    /// Puts a Notation signature of `subject` beside those in `signature`: the one that is there,
    /// the one that the registry makes, or a new one, which says of names what `claim` says.
    pub(crate) async fn seal(
        &mut self,
        subject: &Descriptor,
        claim: &Statement,
        signature: Sealed,
    ) -> Result<Sealed, Failure> {
        let seal = match self.managed(subject).await? {
            Some(seal) => seal,
            None => self.own_seal(subject, claim).await?,
        };
        let signer = match self.signing.signer {
            NotationSigner::Chain(chain) => chain.leaf().subject(),
            NotationSigner::Profile(profile) => profile.profile().to_owned(),
        };
        Ok(signature.with_notation(signer, seal))
    }

    async fn own_seal(
        &mut self,
        subject: &Descriptor,
        claim: &Statement,
    ) -> Result<NotationSeal, Failure> {
        let payload = payload(subject, claim)?;
        match self.signing.signer {
            NotationSigner::Chain(chain) => {
                if let Some(seal) = self.adopted(subject) {
                    return Ok(seal);
                }
                let envelope = self.by_key(chain, &payload).await?;
                referrer(subject, &envelope, &Annotations::new())
            }
            NotationSigner::Profile(profile) => self.by_profile(profile, subject, &payload).await,
        }
    }

    async fn by_key(
        &self,
        chain: &CertificateChain,
        payload: &Payload,
    ) -> Result<SignedEnvelope, Failure> {
        let key = key_of(chain, &self.identified.keys)?;
        let times = SigningTimes { signed_at: self.now, expiry: None };
        let request = SigningRequest::new(payload, chain, key.public(), times)
            .map_err(|problem| unsignable(chain, &problem))?;
        let signature = key.sign_for_notation(request.message()).await?;
        Ok(request.seal(&signature).map_err(|problem| unsignable(chain, &problem))?)
    }

    /// Anybody who may push can attach an envelope that names the profile. Whether one that is
    /// there ends at the service's own root, only the service can tell: so it signs anew, which
    /// is then dropped where the one that is there is as good.
    async fn by_profile(
        &mut self,
        profile: &dyn PayloadSigner,
        subject: &Descriptor,
        payload: &Payload,
    ) -> Result<NotationSeal, Failure> {
        let signed = profile.sign_payload(&payload.to_bytes()).await?;
        let arn = profile.profile().to_owned();
        let envelope =
            check_signed_payload(&signed.envelope, payload, &arn, self.world.clock.now())
                .map_err(|problem| untrue(&arn, &problem))?;
        let root = Some(envelope.intact().chain().root().thumbprint());
        self.own.trust = NotationTrust::Profile { arn, root };
        match self.adopted(subject) {
            Some(seal) => Ok(seal),
            None => referrer(subject, &envelope, &signed.annotations),
        }
    }

    fn adopted(&self, subject: &Descriptor) -> Option<NotationSeal> {
        let root = &self.identified.collected.evidence;
        let mut all = std::iter::once(root).chain(&root.children);
        let evidence = all.find(|it| it.subject == subject.digest)?;
        self.found(evidence)
    }

    /// The first signature that is this release's.
    fn found(&self, evidence: &Evidence) -> Option<NotationSeal> {
        let trust = Trust::in_notation(self.own.trust.clone());
        let is_ours =
            |piece: &&Piece| authenticate(piece, &evidence.subject, &trust, self.now).verifies();
        let piece = evidence.pieces.iter().find(is_ours)?;
        Some(NotationSeal::Adopted(piece.carrier.clone()))
    }

    /// The signature that the registry has made by itself, waited for. None where it makes none
    /// of this image.
    async fn managed(&mut self, subject: &Descriptor) -> Result<Option<NotationSeal>, Failure> {
        let (NotationSigner::Profile(profile), Some(managed), true) =
            (self.signing.signer, self.signing.managed, self.own.awaited)
        else {
            return Ok(None);
        };
        if !self.wait(managed, profile.profile(), subject).await? {
            self.own.awaited = false;
            return Ok(None);
        }
        let registry = self.world.destination;
        let collected = collect_referrers(registry, subject, NotationLookup::Read).await;
        let found = self.found(&collected.evidence);
        Ok(Some(found.ok_or_else(|| self.lost(profile.profile(), subject))?))
    }

    /// Whether there is a signature in the end.
    async fn wait(
        &self,
        managed: &dyn ManagedSigning,
        profile: &str,
        subject: &Descriptor,
    ) -> Result<bool, Failure> {
        let until = Instant::now() + self.signing.patience;
        let mut unlisted = 0;
        loop {
            let state = match managed.status(profile, &subject.digest).await? {
                ManagedSignature::Done => return Ok(true),
                ManagedSignature::Failed { reason } => {
                    return Err(self.failed(profile, subject, &reason).into());
                }
                ManagedSignature::NotListed if unlisted + 1 == QUESTIONS_WHILE_UNLISTED => {
                    return Ok(false);
                }
                ManagedSignature::NotListed => {
                    unlisted += 1;
                    "no signature yet"
                }
                ManagedSignature::Pending => "in progress",
            };
            if Instant::now() + PAUSE > until {
                return Err(self.out_of_time(profile, subject, state).into());
            }
            let note = format!("the registry's own signing: {state}; asking again");
            self.world.reporter.report(Progress::Note(note));
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn failed(&self, profile: &str, subject: &Descriptor, found: &str) -> Reason {
        let denied = found.to_ascii_lowercase().contains("accessdenied");
        let exit = if denied { Exit::Unauthorised } else { Exit::Undetermined };
        self.about(Reason::new(exit, "managed-signing-failed"), subject)
            .expected(format!("the registry to sign with {profile} what is pushed"))
            .found(found)
            .fix(
                "allow whoever pushes signer:SignPayload on the profile, or take it out of the \
                 registry's signing configuration; then run the release again",
            )
    }

    fn out_of_time(&self, profile: &str, subject: &Descriptor, found: &str) -> Reason {
        self.about(Reason::new(Exit::Undetermined, "managed-signing-timeout"), subject)
            .expected(format!("the registry's signature by {profile} within its time"))
            .found(found)
            .fix("run the release again, it continues from here")
    }

    fn lost(&self, profile: &str, subject: &Descriptor) -> Reason {
        self.about(Reason::new(Exit::Undetermined, "managed-signature-lost"), subject)
            .expected(format!("the signature by {profile} that the registry says it has made"))
            .found("none among the referrers that verifies")
            .fix("run the release again; where this stays so, look at the registry's signatures")
    }

    fn about(&self, reason: Reason, subject: &Descriptor) -> Reason {
        reason.place(format!("{}@{}", self.world.destination.location(), subject.digest))
    }
}

/// Whether the registry signs with the very profile.
async fn is_managed(signing: &NotationSigning<'_>) -> Result<bool, Failure> {
    let (NotationSigner::Profile(profile), Some(managed)) = (signing.signer, signing.managed)
    else {
        return Ok(false);
    };
    let profiles = managed.profiles().await?;
    Ok(profiles.iter().any(|it| it.eq_ignore_ascii_case(profile.profile())))
}

fn payload(subject: &Descriptor, claim: &Statement) -> Result<Payload, Reason> {
    let names = claim.subject.first().map(|it| it.annotations.clone()).unwrap_or_default();
    Payload::new(subject, names).map_err(|problem| {
        Reason::new(Exit::Invalid, "notation-payload-invalid")
            .expected("names that fit into a Notation signature")
            .found(problem.to_string())
            .place(subject.digest.to_string())
            .fix("release under fewer or shorter tags")
    })
}

fn referrer(
    subject: &Descriptor,
    envelope: &SignedEnvelope,
    annotations: &Annotations,
) -> Result<NotationSeal, Failure> {
    let referrer = Referrer::notation(subject, envelope, annotations)
        .map_err(|problem| untrue("the signer", &problem))?;
    Ok(NotationSeal::New(Box::new(referrer)))
}

/// An answer that must not be attached.
fn untrue(signer: &str, problem: &dyn std::fmt::Display) -> Reason {
    Reason::new(Exit::Contradiction, "notation-signature-untrue")
        .expected("the envelope that was asked for")
        .found(problem.to_string())
        .place(signer)
        .fix("nothing was attached; find out what answers there: a proxy, or an endpoint that was set")
}
