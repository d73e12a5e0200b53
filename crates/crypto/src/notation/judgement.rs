//! Whether an envelope counts under a trust policy.

use boltseal_core::Descriptor;
use jiff::Timestamp;

use super::aws_signer::{Plugin, PluginDoubt};
use super::certificate::Certificate;
use super::intact::Intact;
use super::refusal::{Refusal, Undetermined};
use super::revocation::{Revocation, RevocationQuestion};
use super::signed_attributes::SigningScheme;
use super::subject_name::SubjectName;
use super::timestamp_token::Stamp;
use super::trust_policy::{PolicyStatement, TimestampRule, TrustedIdentity};
use super::trust_store::{StoreKind, TrustStores};
use super::verdict::{Accepted, Doubt, Finding, Signer, Verdict};
use super::verification_level::{Action, Check};

/// Whom somebody trusts: a statement of a policy and the stores that it names.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// The statement.
    pub statement: &'a PolicyStatement,
    /// The trust stores. One that the statement names and that is needed must be there.
    pub stores: &'a TrustStores,
}

/// What a verification has to be told, since it asks nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The time of the verification.
    pub now: Timestamp,
    /// The answer to [`Intact::revocation_question`].
    pub revocation: Revocation,
    /// The answer to [`Intact::authority_question`].
    pub authority_revocation: Revocation,
}

impl Intact {
    /// Judges a signature of `subject` by a policy, as notation does: is it about the artifact,
    /// is the signer trusted, has the signature expired, were the certificates valid, is anything
    /// revoked, is every critical attribute understood. Every check is made, and every one that
    /// does not pass is told.
    pub fn judge(
        &self,
        subject: &Descriptor,
        trust: Trust<'_>,
        circumstances: &Circumstances,
    ) -> Verdict {
        let mut judgement = Judgement {
            intact: self,
            trust,
            circumstances,
            findings: Vec::new(),
            identity: None,
            stamp: None,
        };
        judgement.artifact(subject);
        let plugin = judgement.plugin();
        judgement.authenticity(&plugin);
        judgement.expiry();
        judgement.authentic_timestamp();
        judgement.revocation(&plugin);
        judgement.verdict(&plugin)
    }

    /// What to find out about the signer before [`Intact::judge`].
    pub fn revocation_question(&self) -> RevocationQuestion {
        if let Ok(Plugin::AwsSigner(job)) = Plugin::of(self.attributes()) {
            let query = job.query(self.attributes(), self.chain());
            return RevocationQuestion::AwsSigner(Box::new(query));
        }
        certificates(self.chain().revocable())
    }

    /// What to find out about the timestamp's authority before [`Intact::judge`]: nothing where
    /// the policy wants no timestamp, or where it does not hold anyway.
    pub fn authority_question(&self, trust: Trust<'_>, now: Timestamp) -> RevocationQuestion {
        let stamp = self.needs_timestamp(trust, now).then(|| self.stamp(trust));
        match stamp {
            Some(Ok(stamp)) => certificates(stamp.chain.revocable()),
            _ => RevocationQuestion::Nothing,
        }
    }

    fn needs_timestamp(&self, trust: Trust<'_>, now: Timestamp) -> bool {
        let is_expired =
            |certificate: &Certificate| certificate.validity().last().is_some_and(|end| now > *end);
        let has_store = trust.statement.stores_of(StoreKind::Tsa).next().is_some();
        let applies = match trust.statement.timestamps {
            TimestampRule::Always => true,
            TimestampRule::AfterCertExpiry => self.chain().certificates().iter().any(is_expired),
        };
        self.attributes().scheme == SigningScheme::X509 && has_store && applies
    }

    fn stamp(&self, trust: Trust<'_>) -> Result<Stamp, Refusal> {
        let policy = || trust.statement.name().to_owned();
        let token = self.envelope.timestamp.as_deref();
        let token = token.ok_or_else(|| Refusal::TimestampMissing { policy: policy() })?;
        let roots = trust.certificates(StoreKind::Tsa)?;
        Ok(Stamp::verify(token, &self.envelope.signature, &roots)?)
    }
}

fn certificates(subjects: Vec<String>) -> RevocationQuestion {
    if subjects.is_empty() {
        return RevocationQuestion::Nothing;
    }
    RevocationQuestion::Certificates(subjects)
}

impl<'a> Trust<'a> {
    /// The certificates of every store of this kind that the statement names.
    fn certificates(&self, kind: StoreKind) -> Result<Vec<&'a Certificate>, Refusal> {
        let mut certificates = Vec::new();
        for store in self.statement.stores_of(kind) {
            let missing = || Refusal::StoreMissing { store: store.clone() };
            certificates.extend(self.stores.find(store).ok_or_else(missing)?);
        }
        Ok(certificates)
    }
}

struct Judgement<'a> {
    intact: &'a Intact,
    trust: Trust<'a>,
    circumstances: &'a Circumstances,
    findings: Vec<Finding>,
    identity: Option<String>,
    stamp: Option<Stamp>,
}

impl Judgement<'_> {
    fn find(&mut self, check: Check, doubt: impl Into<Doubt>) {
        self.findings.push(Finding { check, doubt: doubt.into() });
    }

    fn artifact(&mut self, subject: &Descriptor) {
        if !self.intact.payload().is_about(subject) {
            let expected = Box::new(subject.bare());
            let found = Box::new(self.intact.payload().target.bare());
            self.find(Check::Integrity, Refusal::OtherArtifact { expected, found });
        }
    }

    /// What no level relaxes: a critical attribute that is not understood.
    fn plugin(&mut self) -> Plugin {
        match Plugin::of(self.intact.attributes()) {
            Ok(plugin) => return plugin,
            Err(PluginDoubt::Refused(refusal)) => self.find(Check::Integrity, refusal),
            Err(PluginDoubt::Undetermined(it)) => self.find(Check::Integrity, it),
        }
        Plugin::None
    }

    fn authenticity(&mut self, plugin: &Plugin) {
        if let Err(refusal) = self.anchored() {
            self.find(Check::Authenticity, refusal);
        }
        match self.identified(plugin) {
            Ok(identity) => self.identity = Some(identity),
            Err(refusal) => self.find(Check::Authenticity, refusal),
        }
    }

    /// Any certificate of the chain may be the one that is trusted, not only the root.
    fn anchored(&self) -> Result<(), Refusal> {
        let scheme = self.intact.attributes().scheme;
        let kind = match scheme {
            SigningScheme::X509 => StoreKind::Ca,
            SigningScheme::SigningAuthority => StoreKind::SigningAuthority,
        };
        let trusted = self.trust.certificates(kind)?;
        if trusted.is_empty() {
            let policy = self.trust.statement.name().to_owned();
            return Err(Refusal::NoStore { policy, scheme });
        }
        let chain = self.intact.chain();
        if chain.certificates().iter().any(|certificate| trusted.contains(&certificate)) {
            return Ok(());
        }
        Err(Refusal::Untrusted { root: chain.root().subject() })
    }

    fn identified(&self, plugin: &Plugin) -> Result<String, Refusal> {
        let statement = self.trust.statement;
        let refuse =
            |found: String| Refusal::Identity { policy: statement.name().to_owned(), found };
        if let Plugin::AwsSigner(job) = plugin {
            let identity = job.identity(&statement.identities).map(str::to_owned);
            return identity.ok_or_else(|| refuse(job.profile_version_arn.clone()));
        }
        if statement.identities.contains(&TrustedIdentity::Any) {
            return Ok("*".to_owned());
        }
        let leaf = self.intact.chain().leaf();
        let name = SubjectName::of(leaf.subject_name())
            .map_err(|why| Refusal::Subject { found: leaf.subject(), why })?;
        let matched = statement.identities.iter().find_map(|identity| match identity {
            TrustedIdentity::Subject { text, name: trusted } if trusted.is_within(&name) => {
                Some(text.clone())
            }
            _ => None,
        });
        matched.ok_or_else(|| refuse(leaf.subject()))
    }

    fn expiry(&mut self) {
        let expiry = self.intact.attributes().expiry;
        if let Some(at) = expiry.filter(|expiry| *expiry <= self.circumstances.now) {
            self.find(Check::Expiry, Refusal::Expired { at });
        }
    }

    fn authentic_timestamp(&mut self) {
        let attributes = self.intact.attributes();
        let (chain, now) = (self.intact.chain(), self.circumstances.now);
        if self.intact.needs_timestamp(self.trust, now) {
            return self.timestamp();
        }
        let (time, is_now) = match attributes.scheme {
            SigningScheme::X509 => (now, true),
            SigningScheme::SigningAuthority => (attributes.signing_time, false),
        };
        let Some(subject) = chain.invalid_at(time).map(Certificate::subject) else { return };
        let refusal = if is_now {
            Refusal::NotValidNow { subject, now }
        } else {
            Refusal::NotValidWhenSigned { subject, at: time }
        };
        self.find(Check::AuthenticTimestamp, refusal);
    }

    fn timestamp(&mut self) {
        let stamp = match self.intact.stamp(self.trust) {
            Ok(stamp) => stamp,
            Err(refusal) => return self.find(Check::AuthenticTimestamp, refusal),
        };
        let outside = |at: Timestamp| self.intact.chain().invalid_at(at).map(Certificate::subject);
        if let Some(subject) = stamp.info.bounds().into_iter().find_map(outside) {
            let time = stamp.info.time;
            self.find(Check::AuthenticTimestamp, Refusal::TimestampOutside { subject, time });
        }
        let question = certificates(stamp.chain.revocable());
        let doubt = match &self.circumstances.authority_revocation {
            Revocation::Revoked { what } => {
                Some(Refusal::AuthorityRevoked { what: what.clone() }.into())
            }
            other => unknown(other, &question)
                .map(|why| Undetermined::AuthorityRevocation { why }.into()),
        };
        if let Some(doubt) = doubt {
            let doubt: Doubt = doubt;
            self.find(Check::AuthenticTimestamp, doubt);
        }
        self.stamp = Some(stamp);
    }

    fn revocation(&mut self, plugin: &Plugin) {
        if self.trust.statement.level.action(Check::Revocation) == Action::Skip {
            return;
        }
        let question = match plugin {
            Plugin::AwsSigner(_) => self.intact.revocation_question(),
            Plugin::None => certificates(self.intact.chain().revocable()),
        };
        let doubt: Option<Doubt> = match &self.circumstances.revocation {
            Revocation::Revoked { what } => Some(Refusal::Revoked { what: what.clone() }.into()),
            other => unknown(other, &question).map(|why| Undetermined::Revocation { why }.into()),
        };
        if let Some(doubt) = doubt {
            self.find(Check::Revocation, doubt);
        }
    }

    fn verdict(self, plugin: &Plugin) -> Verdict {
        let level = self.trust.statement.level;
        let (mut reasons, mut undetermined, mut logged) = (Vec::new(), Vec::new(), Vec::new());
        let signer = self.signer(plugin);
        for finding in self.findings {
            match (level.action(finding.check), finding.doubt) {
                (Action::Enforce, Doubt::Refused(refusal)) => reasons.push(refusal),
                (Action::Enforce, Doubt::Undetermined(it)) => undetermined.push(it),
                (_, doubt) => logged.push(Finding { check: finding.check, doubt }),
            }
        }
        if !reasons.is_empty() {
            return Verdict::Refused { reasons, undetermined };
        }
        if !undetermined.is_empty() {
            return Verdict::Undetermined(undetermined);
        }
        Verdict::Accepted(Box::new(Accepted { signer, logged }))
    }

    fn signer(&self, plugin: &Plugin) -> Signer {
        let (chain, attributes) = (self.intact.chain(), self.intact.attributes());
        Signer {
            subject: chain.leaf().subject(),
            root: chain.root().subject(),
            thumbprints: chain.certificates().iter().map(Certificate::thumbprint).collect(),
            scheme: attributes.scheme,
            signing_time: attributes.signing_time,
            timestamp: self.stamp.as_ref().map(|stamp| stamp.info.time),
            expiry: attributes.expiry,
            identity: self.identity.clone(),
            job: match plugin {
                Plugin::AwsSigner(job) => Some(job.clone()),
                Plugin::None => None,
            },
        }
    }
}

/// Why it is not known whether something is revoked. Where nobody can be asked, nothing can be
/// revoked (trust store and policy specification, "Certificate Revocation Evaluation").
fn unknown(answer: &Revocation, question: &RevocationQuestion) -> Option<String> {
    match answer {
        Revocation::CouldNotFindOut { why } if *question != RevocationQuestion::Nothing => {
            Some(why.clone())
        }
        Revocation::NotChecked if *question != RevocationQuestion::Nothing => {
            Some("that nobody was asked".to_owned())
        }
        _ => None,
    }
}
