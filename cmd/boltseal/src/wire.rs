//! The only place that joins adapters to what needs them.

mod companions;
pub(crate) mod evidence_file;
mod image;
mod registry;
mod saved;

use std::path::Path;
use std::sync::Arc;

use boltseal_core::{Exit, Location, Reason, Target};
use boltseal_oci::archive::Archive;
use boltseal_oci::http::HttpRegistry;
use boltseal_oci::layout::Layout;
use boltseal_pipeline::{BuildFacts, Failure, Intent};
use boltseal_ports::{Registry, Signer, TagWriter};
use boltseal_verify::Companions;
use tempfile::TempDir;

use crate::argument::{KeySource, RegistryArgs};
use crate::local_signer::LocalSigner;
use crate::reasons;
use crate::usage::usage;

pub(crate) use image::{OpenedImage, open_image, refuse_tag};

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
    /// The folder that stands for a layout which a dry run must not make.
    _folder: Option<TempDir>,
}

/// Opens what TARGET names: a registry, a layout, an archive or an evidence file.
pub(crate) fn open(target: &Target, args: &RegistryArgs) -> Result<Place, Failure> {
    args.allow(target)?;
    let location = target.location.clone();
    let mut companions = Companions::default();
    let (registry, only): (Arc<dyn Registry>, _) = match &location {
        Location::Registry(repository) => {
            (Arc::new(HttpRegistry::new(repository, &registry::options(args)?)?), None)
        }
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

/// Opens DEST. A layout is made where there is none; a dry run makes one elsewhere and throws it
/// away.
pub(crate) fn open_destination(
    target: &Target,
    args: &RegistryArgs,
    intent: Intent,
) -> Result<Destination, Failure> {
    args.allow(target)?;
    match &target.location {
        Location::Registry(repository) => {
            let registry = Arc::new(HttpRegistry::new(repository, &registry::options(args)?)?);
            Ok(Destination { registry: registry.clone(), tags: registry, _folder: None })
        }
        Location::Layout(path) => open_layout(path, intent),
        Location::OciArchive(_) | Location::DockerArchive(_) | Location::Evidence(_) => {
            Err(read_only(target))
        }
    }
}

/// Refuses a destination that cannot be written, before anything is read.
pub(crate) fn check_destination(target: &Target, args: &RegistryArgs) -> Result<(), Failure> {
    args.allow(target)?;
    match &target.location {
        Location::Registry(_) | Location::Layout(_) => Ok(()),
        _ => Err(read_only(target)),
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

fn open_layout(path: &Path, intent: Intent) -> Result<Destination, Failure> {
    let folder = match intent {
        Intent::DryRun if !path.exists() => Some(temporary_folder()?),
        _ => None,
    };
    let path = folder.as_ref().map_or(path, TempDir::path);
    let layout = Arc::new(Layout::open_or_create(path)?);
    Ok(Destination { registry: layout.clone(), tags: layout, _folder: folder })
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
pub(crate) fn signers(keys: &[KeySource]) -> Result<Vec<Box<dyn Signer>>, Vec<Reason>> {
    reasons::all(keys.iter().map(|source| {
        let signer = LocalSigner::new(source.to_string(), source.private_key()?);
        Ok(Box::new(signer) as Box<dyn Signer>)
    }))
}

/// What the environment says about this run.
pub(crate) fn build_facts() -> BuildFacts {
    let Some(run) = boltseal_ci::Run::detect(|name| std::env::var(name).ok()) else {
        return BuildFacts::default();
    };
    let mut unverified = run.facts;
    unverified.insert("ci".to_owned(), run.provider.to_string());
    BuildFacts { built_here: None, invocation_id: run.invocation_id, unverified }
}

fn no_evidence_there(target: &Target) -> Failure {
    usage(
        "no-evidence-there",
        "HOST/REPO:TAG, HOST/REPO@DIGEST, oci:DIR[:TAG|@DIGEST] or evidence:FILE",
        format!("{target}, which holds no evidence"),
        "name the place that the image was released to",
    )
}
