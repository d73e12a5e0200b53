//! The only place that joins adapters to what needs them.

mod cloud;
mod companions;
pub(crate) mod evidence_file;
mod health;
mod image;
mod init;
mod notation;
mod plan;
mod posture;
mod registry;
mod saved;
pub(crate) mod unasked;

use std::sync::Arc;

use boltseal_aws::EcrHost;
use boltseal_core::{Exit, Location, Reason, Repository, Target};
use boltseal_crypto::PublicKey;
use boltseal_oci::archive::Archive;
use boltseal_oci::http::{Credentials, HttpOptions, HttpRegistry, Issuer};
use boltseal_oci::layout::Layout;
use boltseal_pipeline::{BuildFacts, Failure};
use boltseal_ports::{Registry, RegistryLogin, Signer, TagWriter};
use boltseal_posture::PublicPull;
use boltseal_verify::{Companions, NamedKey};
use tempfile::TempDir;

use crate::argument::{KeySource, RegistryArgs};
use crate::local_signer::LocalSigner;
use crate::usage::usage;

pub(crate) use boltseal_aws::DEFAULT_AUDIENCE;
pub(crate) use cloud::{Cloud, Touches};
pub(crate) use health::{abilities, identity, key_state};
pub(crate) use image::{OpenedImage, open_image, refuse_tag};
pub(crate) use init::{ci_source, ecr_place, iam_files, posture_fits, role_arn};
pub(crate) use notation::NotationMaker;
pub(crate) use posture::ReleasePosture;

/// A place that is read.
pub(crate) struct Place {
    /// The place.
    pub(crate) registry: Arc<dyn Registry>,
    /// The target, with the digest of the only image where it names none.
    pub(crate) target: Target,
    /// What an evidence file holds beside its evidence.
    pub(crate) companions: Companions,
}

/// A place that is written.
pub(crate) struct Destination {
    /// The place.
    pub(crate) registry: Arc<dyn Registry>,
    /// Its tags.
    pub(crate) tags: Arc<dyn TagWriter>,
}

/// Opens what TARGET names: a registry, a layout, an archive or an evidence file.
pub(crate) fn open(target: &Target, args: &RegistryArgs, cloud: &Cloud) -> Result<Place, Failure> {
    args.allow(target)?;
    let location = target.location.clone();
    let mut companions = Companions::default();
    let (registry, only): (Arc<dyn Registry>, _) = match &location {
        Location::Registry(repository) => (Arc::new(http(repository, args, cloud)?), None),
        Location::Layout(path) => {
            let layout = Layout::open(path)?;
            let only = target.pick.is_none().then(|| layout.only_image());
            (Arc::new(layout), only)
        }
        Location::OciArchive(path) | Location::Evidence(path) => {
            let archive = Archive::open(path)?.named(location.clone());
            if matches!(location, Location::Evidence(_)) {
                companions = companions::read(&archive)?;
            }
            let only = target.pick.is_none().then(|| archive.only_image());
            (Arc::new(archive), only)
        }
        Location::DockerArchive(_) => return Err(no_evidence_there(target)),
    };
    let target = match only.transpose()? {
        Some(only) => target.pinned(&only.digest),
        None => target.clone(),
    };
    Ok(Place { registry, target, companions })
}

/// Opens DEST. Where there is no layout, the first write makes one.
pub(crate) fn open_destination(
    target: &Target,
    args: &RegistryArgs,
    cloud: &Cloud,
) -> Result<Destination, Failure> {
    args.allow(target)?;
    match &target.location {
        Location::Registry(repository) => {
            let registry = Arc::new(http(repository, args, cloud)?);
            Ok(Destination { registry: registry.clone(), tags: registry })
        }
        Location::Layout(path) => {
            let layout = Arc::new(Layout::open_or_create(path)?);
            Ok(Destination { registry: layout.clone(), tags: layout })
        }
        Location::OciArchive(_) | Location::DockerArchive(_) | Location::Evidence(_) => {
            Err(read_only(target))
        }
    }
}

/// A repository of a registry; ECR's logs in and looks for blobs by its control plane.
fn http(
    repository: &Repository,
    args: &RegistryArgs,
    cloud: &Cloud,
) -> Result<HttpRegistry, Failure> {
    let options = registry::options(args)?;
    let Some(ecr) = cloud.ecr(repository)? else {
        return Ok(HttpRegistry::new(repository, &options)?);
    };
    let ecr = Arc::new(ecr);
    let login: Arc<dyn RegistryLogin> = ecr.clone();
    let credentials = Credentials::Issued(Issuer::new(login));
    let registry = HttpRegistry::new(repository, &HttpOptions { credentials, ..options })?;
    Ok(registry.with_presence(ecr.clone()).with_rules(ecr))
}

/// Refuses a destination that cannot be written, before anything is read.
pub(crate) fn check_destination(target: &Target) -> Result<(), Failure> {
    match &target.location {
        Location::Registry(_) | Location::Layout(_) => Ok(()),
        _ => Err(read_only(target)),
    }
}

/// Refuses ECR Public, from which anybody may pull, unless that is meant.
pub(crate) fn check_public(target: &Target, pull: PublicPull) -> Result<(), Failure> {
    match &target.location {
        Location::Registry(repository)
            if EcrHost::is_public(repository.host()) && pull == PublicPull::Refused =>
        {
            Err(Reason::new(Exit::Gate, "registry-public")
                .expected("a private registry")
                .found("Amazon ECR Public, from which anybody may pull")
                .place(target.to_string())
                .fix("name a private registry; or give --allow-public-pull, if it is meant")
                .into())
        }
        _ => Ok(()),
    }
}

fn read_only(target: &Target) -> Failure {
    usage(
        "destination-read-only",
        "a destination that can be written: HOST/REPO[:TAG] or oci:DIR[:TAG]",
        target.to_string(),
        "name a registry or a layout directory",
    )
}

/// A folder that is removed with the value.
fn temporary_folder() -> Result<TempDir, Failure> {
    Ok(tempfile::tempdir().map_err(|error| {
        Reason::new(Exit::Undetermined, "no-temporary-folder")
            .expected("a temporary folder")
            .found(error.to_string())
            .place(std::env::temp_dir().display().to_string())
            .fix("make room there, or set TMPDIR")
    })?)
}

/// Reads the keys that sign; every one that cannot be read is a reason.
pub(crate) fn signers(
    keys: &[KeySource],
    cloud: &Cloud,
) -> Result<Vec<Box<dyn Signer>>, Vec<Reason>> {
    let mut reasons = Vec::new();
    let mut signers = Vec::new();
    for key in keys {
        match signer(key, cloud) {
            Ok(signer) => signers.push(signer),
            Err(failure) => reasons.extend(failure.reasons().iter().cloned()),
        }
    }
    if reasons.is_empty() { Ok(signers) } else { Err(reasons) }
}

/// A key that signs.
pub(crate) fn signer(key: &KeySource, cloud: &Cloud) -> Result<Box<dyn Signer>, Failure> {
    if let Some(uri) = key.kms() {
        return Ok(Box::new(cloud.key(uri)?));
    }
    Ok(Box::new(LocalSigner::new(key.to_string(), key.private_key()?)))
}

/// Reads the keys that evidence is checked with; every one that cannot be read is a reason.
pub(crate) async fn public_keys(
    keys: &[KeySource],
    cloud: &Cloud,
) -> Result<Vec<NamedKey>, Vec<Reason>> {
    let mut reasons = Vec::new();
    let mut named = Vec::new();
    for source in keys {
        match public_key(source, cloud).await {
            Ok(key) => named.push(NamedKey::new(source.to_string(), key)),
            Err(failure) => reasons.extend(failure.reasons().iter().cloned()),
        }
    }
    if reasons.is_empty() { Ok(named) } else { Err(reasons) }
}

/// The public half of a key, wherever it is.
pub(crate) async fn public_key(key: &KeySource, cloud: &Cloud) -> Result<PublicKey, Failure> {
    let Some(uri) = key.kms() else { return Ok(key.public_key()?) };
    let der = cloud.key(uri)?.public_key().await.map_err(Reason::from)?;
    let key = PublicKey::from_spki_der(&der);
    Ok(key.map_err(|problem| {
        Reason::new(Exit::Invalid, "key-invalid")
            .expected("a key of a kind that boltseal knows")
            .found(problem.to_string())
            .place(uri)
            .fix("give a key that signs by ECDSA or RSA")
    })?)
}

/// What the environment says about this run.
pub(crate) fn build_facts() -> BuildFacts {
    let Some(run) = boltseal_ci::Run::detect(|name| std::env::var(name).ok()) else {
        return BuildFacts::default();
    };
    let mut unverified = run.facts;
    unverified.insert("ci".to_owned(), run.provider.to_string());
    BuildFacts { invocation_id: run.invocation_id, unverified, ..BuildFacts::default() }
}

fn no_evidence_there(target: &Target) -> Failure {
    usage(
        "no-evidence-there",
        "HOST/REPO:TAG, HOST/REPO@DIGEST, oci:DIR[:TAG|@DIGEST] or evidence:FILE",
        format!("{target}, which holds no evidence"),
        "name the place that the image was released to",
    )
}
