use jiff::Timestamp;

use crate::documents::ImageDetail;

/// One manifest of a repository, as lifecycle rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    /// Its digest, or what it will be.
    pub(crate) name: String,
    pub(crate) tags: Vec<String>,
    /// When its manifest was pushed; none where that is not known.
    pub(crate) pushed: Option<Timestamp>,
    pub(crate) pulled: Option<Timestamp>,
    pub(crate) is_archived: bool,
    /// It is not there yet.
    pub(crate) is_coming: bool,
}

/// What it is to the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// The image or the index that is released.
    Release,
    /// A statement about it, without a tag.
    Referrer,
    /// Signatures or attestations of cosign's older kind, under a tag.
    LegacyEvidence,
    /// Anything else.
    Other,
}

impl Piece {
    /// An image that is there.
    pub(crate) fn of(detail: &ImageDetail, kind: PieceKind) -> Self {
        Self {
            kind,
            name: detail.image_digest.clone(),
            tags: detail.image_tags.clone(),
            pushed: detail.image_pushed_at,
            pulled: detail.last_recorded_pull_time,
            is_archived: detail.image_status.as_deref() == Some("ARCHIVED"),
            is_coming: false,
        }
    }

    /// One that is about to be pushed.
    pub(crate) fn coming(kind: PieceKind, name: &str, tags: &[String], now: Timestamp) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            tags: tags.to_vec(),
            pushed: Some(now),
            pulled: None,
            is_archived: false,
            is_coming: true,
        }
    }
}
