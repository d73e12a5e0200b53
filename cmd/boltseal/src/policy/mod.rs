//! `policy.toml`: what a verifier demands.
//!
//! Read only where it is named. Paths in it are taken from the folder that it lies in. What it does
//! not write is not demanded, but for the kinds of evidence: without `require` all five must be
//! there.

mod cases;
#[cfg(test)]
mod reference;
mod section;

use std::path::{Path, PathBuf};

use boltseal_core::{Kind, Reason};
use boltseal_gate::MaxAge;
use boltseal_pipeline::Failure;
use boltseal_verify::{Demands, NamedKey, ScanDemand, SourceDemand, Validity};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::argument::KeySource;
use crate::config::{ConfigError, FileKind, Known, place, read_toml, text_or_none, texts};
use crate::waiver_file;
use crate::wire::{Cloud, public_key};

pub(crate) use cases::Case;

use section::{ScanSection, SignerSection, SourceSection};

/// The keys that there are. A test keeps them equal to the structs and to the published schema.
const KNOWN: Known = Known {
    top: &["bind_tag", "max_verdict_age", "require", "signatures", "trusted_root"],
    sections: &[
        (
            "gate",
            &[
                "max_critical",
                "max_high",
                "max_informational",
                "max_low",
                "max_medium",
                "max_scan_age",
                "max_unknown",
                "waivers",
            ],
        ),
        ("signer", &["digests", "key", "name", "not_after", "not_before"]),
        ("source", &["builders", "refs", "repository"]),
    ],
};

/// A policy that was read, with everything in it that can be wrong by itself looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicyFile {
    path: PathBuf,
    text: String,
    written: Written,
}

/// The file as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    /// The kinds that must be there.
    #[serde(with = "texts")]
    require: Vec<Kind>,
    /// How many different signers each kind must have.
    signatures: Option<usize>,
    /// Whether a tag must be signed for.
    bind_tag: bool,
    /// How old the verdict may be.
    #[serde(with = "text_or_none")]
    max_verdict_age: Option<MaxAge>,
    /// Logs and timestamp authorities.
    trusted_root: Option<PathBuf>,
    signer: Vec<Spanned<SignerSection>>,
    source: SourceSection,
    gate: ScanSection,
}

impl PolicyFile {
    /// Reads a file that was named.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let (text, written) = read_toml(path, FileKind::Policy, &KNOWN)?;
        Ok(Self { path: path.to_owned(), text, written }.checked()?)
    }

    #[cfg(test)]
    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let written = crate::config::parse_toml(path, text, FileKind::Policy, &KNOWN)?;
        Self { path: path.to_owned(), text: text.to_owned(), written }.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let count = self.written.signer.len();
        if count == 0 {
            return Err(self.invalid(0, "no [[signer]]: nobody is trusted"));
        }
        let wanted = self.written.signatures.unwrap_or(1);
        if wanted == 0 || wanted > count {
            let found = format!("signatures = {wanted}, and there are {count} signers");
            return Err(self.invalid(self.offset_of("signatures"), &found));
        }
        let source = &self.written.source;
        let texts = source.refs.iter().chain(&source.builders).chain(&source.repository);
        if texts.into_iter().any(|it| it.trim().is_empty()) {
            return Err(self.invalid(self.offset_of("[source]"), "an empty text in [source]"));
        }
        for (at, signer) in self.written.signer.iter().enumerate() {
            let problem = problem_of(signer.get_ref()).or_else(|| {
                let name = &signer.get_ref().name;
                let earlier = &self.written.signer[..at];
                let twice = earlier.iter().any(|it| it.get_ref().name == *name);
                twice.then(|| format!("the name {name:?} twice"))
            });
            if let Some(problem) = problem {
                return Err(self.invalid(signer.span().start, &problem));
            }
        }
        Ok(self)
    }

    fn invalid(&self, offset: usize, found: &str) -> ConfigError {
        let place = place(&self.path, &self.text, offset);
        ConfigError::Value { kind: FileKind::Policy, place, found: found.to_owned() }
    }

    /// Where the line of a key at the top begins.
    fn offset_of(&self, key: &str) -> usize {
        let lines = self.text.split_inclusive('\n');
        let before = lines.take_while(|line| !line.trim_start().starts_with(key));
        before.map(str::len).sum()
    }

    /// What it demands; the kinds that a demand is about must be there.
    pub(crate) fn demands(&self) -> Result<Demands, Reason> {
        let written = &self.written;
        let source = SourceDemand {
            repository: written.source.repository.clone(),
            refs: written.source.refs.clone(),
            builders: written.source.builders.clone(),
        };
        let scans = self.scans()?;
        let implied = [
            (Kind::Signature, written.bind_tag),
            (Kind::Provenance, source != SourceDemand::default()),
            (Kind::Vuln, scans.is_some()),
            (Kind::Vsa, written.max_verdict_age.is_some()),
        ];
        let implied = implied.into_iter().filter_map(|(kind, is)| is.then_some(kind));
        let named =
            if written.require.is_empty() { &Kind::RELEASE[..] } else { &written.require[..] };
        let mut required: Vec<Kind> = Vec::new();
        for kind in named.iter().cloned().chain(implied) {
            if !required.contains(&kind) {
                required.push(kind);
            }
        }
        Ok(Demands {
            signers: written.signatures.unwrap_or(1),
            bind_tag: written.bind_tag,
            source,
            scans,
            max_verdict_age: written.max_verdict_age.unwrap_or(MaxAge::Unlimited),
            ..Demands::kinds(&required)
        })
    }

    fn scans(&self) -> Result<Option<ScanDemand>, Reason> {
        let section = &self.written.gate;
        if *section == ScanSection::default() {
            return Ok(None);
        }
        let waivers = section.waivers.as_ref().map(|path| self.below(path));
        Ok(Some(ScanDemand {
            thresholds: section.thresholds(),
            waivers: waiver_file::read(waivers.as_deref())?,
            max_age: section.max_scan_age.unwrap_or(MaxAge::Unlimited),
        }))
    }

    /// The signers' keys, with the time in which they count. Every one that cannot be had is a
    /// reason, and so is one that two signers have: it would count twice.
    pub(crate) async fn keys(&self, cloud: &Cloud) -> Result<Vec<NamedKey>, Failure> {
        let (mut keys, mut reasons) = (Vec::<NamedKey>::new(), Vec::new());
        for spanned in &self.written.signer {
            let signer = spanned.get_ref();
            let source = KeySource::below(signer.key.clone(), self.folder());
            let key = match public_key(&source, cloud).await {
                Ok(key) => key,
                Err(failure) => {
                    reasons.extend(failure.reasons().iter().cloned());
                    continue;
                }
            };
            if let Some(other) = keys.iter().find(|it| it.key.spki_der() == key.spki_der()) {
                let found = format!("the key of {:?} again, as {:?}", other.name, signer.name);
                reasons.push(self.invalid(spanned.span().start, &found).into());
                continue;
            }
            let validity = Validity {
                not_before: signer.not_before,
                not_after: signer.not_after,
                digests: signer.digests.clone(),
            };
            keys.push(NamedKey { name: signer.name.clone(), key, validity });
        }
        if reasons.is_empty() { Ok(keys) } else { Err(Failure::of(reasons)) }
    }

    /// The trusted root that it names.
    pub(crate) fn trusted_root(&self) -> Option<PathBuf> {
        self.written.trusted_root.as_ref().map(|path| self.below(path))
    }

    fn below(&self, path: &Path) -> PathBuf {
        self.folder().join(path)
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

fn problem_of(signer: &SignerSection) -> Option<String> {
    if signer.name.trim().is_empty() {
        return Some("a signer without a name".to_owned());
    }
    let (start, end) = (signer.not_before?, signer.not_after?);
    (end < start).then(|| format!("not_after {end}, which is before not_before {start}"))
}
