use boltseal_core::{Location, Repository};

/// The repository to mount blobs from: the source's, where both ends are in one registry.
pub(crate) fn from<'a>(source: &'a Location, destination: &Location) -> Option<&'a Repository> {
    match (source, destination) {
        (Location::Registry(from), Location::Registry(to)) if from.host() == to.host() => {
            (from != to).then_some(from)
        }
        _ => None,
    }
}
