use boltseal_core::Severity;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::case::Case;
use crate::catalogue::{
    INCOMPLETE, LIFECYCLE_EVIDENCE, LIFECYCLE_MAYBE, LIFECYCLE_NONE, LIFECYCLE_RELEASE, Rule,
};
use crate::documents::{Answer, ImageDetail};
use crate::finding::Finding;
use crate::lifecycle::{Action, Piece, PieceKind, Simulation, Taken};

/// A release that goes this soon is probably still deployed, in days.
const SOON_DAYS: i64 = 90;

/// And one that so few further pushes push out.
const SOON_PUSHES: u64 = 10;

/// What a rule of the lifecycle policy would do to the release or to what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expiry {
    /// `release`, `referrers` or `evidence-tags`.
    pub what: &'static str,
    /// The tag or digest that the rule was tried on.
    pub name: String,
    /// `expire` or `archive`.
    pub action: &'static str,
    /// The rule's priority.
    pub rule: u64,
    /// When, where that is a matter of time; ECR acts within 24 hours after it.
    pub at: Option<String>,
    /// After how many further pushes that the rule counts, where that is a matter of number.
    pub after_pushes: Option<u64>,
    /// The rule, in words.
    pub words: String,
}

/// What the lifecycle policy would do, first things first.
pub(crate) fn expiries(case: &Case<'_>) -> Vec<Expiry> {
    let Some(document) = case.documents.lifecycle.said() else { return Vec::new() };
    let pieces = pieces(case);
    let simulation = Simulation { policy: &document.policy, pieces: &pieces };
    let of_interest = pieces.iter().filter(|piece| piece.kind != PieceKind::Other);
    let fates = of_interest.flat_map(|piece| {
        simulation.of(piece).into_iter().map(|taken| expiry(piece, &taken)).collect::<Vec<_>>()
    });
    let mut expiries: Vec<Expiry> = Vec::new();
    for expiry in fates {
        let is_known =
            |it: &Expiry| it.what == expiry.what && it.rule == expiry.rule && it.what != "release";
        if !expiries.iter().any(is_known) {
            expiries.push(expiry);
        }
    }
    expiries
}

fn expiry(piece: &Piece, taken: &Taken<'_>) -> Expiry {
    Expiry {
        what: match piece.kind {
            PieceKind::Release | PieceKind::Other => "release",
            PieceKind::Referrer => "referrers",
            PieceKind::LegacyEvidence => "evidence-tags",
        },
        name: piece.tags.first().unwrap_or(&piece.name).clone(),
        action: match taken.rule.action {
            Action::Expire => "expire",
            Action::Archive => "archive",
        },
        rule: taken.rule.priority,
        at: taken.at.map(|at| at.to_string()),
        after_pushes: taken.after,
        words: taken.rule.to_string(),
    }
}

/// The release with its evidence, as it is or as it will be, among what else there is.
fn pieces(case: &Case<'_>) -> Vec<Piece> {
    let details: &[ImageDetail] =
        case.documents.images.said().map_or(&[], |it| it.image_details.as_slice());
    let request = case.request;
    let wanted = request.digest.as_ref().map(ToString::to_string);
    let is_release = |it: &ImageDetail| match &wanted {
        Some(digest) => it.image_digest == *digest,
        None => it.image_tags.iter().any(|tag| request.tags.contains(tag)),
    };
    let released: Vec<&ImageDetail> = details.iter().filter(|it| is_release(it)).collect();
    let kind = |it: &ImageDetail| {
        let subject = it.subject_manifest_digest.as_deref();
        let is_evidence = |one: &&ImageDetail| {
            let tag = one.image_digest.replace(':', "-");
            it.image_tags.iter().any(|it| it.starts_with(&tag))
        };
        if is_release(it) {
            PieceKind::Release
        } else if released.iter().any(|one| subject == Some(one.image_digest.as_str())) {
            PieceKind::Referrer
        } else if released.iter().any(is_evidence) {
            PieceKind::LegacyEvidence
        } else {
            PieceKind::Other
        }
    };
    let mut pieces: Vec<Piece> = details.iter().map(|it| Piece::of(it, kind(it))).collect();
    let has = |pieces: &[Piece], kind| pieces.iter().any(|piece| piece.kind == kind);
    if !has(&pieces, PieceKind::Release) && wanted.is_none() {
        let tags = if request.tags.is_empty() { Vec::new() } else { request.tags.clone() };
        if !tags.is_empty() {
            pieces.push(Piece::coming(PieceKind::Release, "the release", &tags, request.now));
        }
    }
    if !has(&pieces, PieceKind::Referrer) {
        pieces.push(Piece::coming(PieceKind::Referrer, "its referrers", &[], request.now));
    }
    if !has(&pieces, PieceKind::LegacyEvidence) {
        let tags = [format!("sha256-{}.sig", "0".repeat(64))];
        let name = "its evidence tags";
        pieces.push(Piece::coming(PieceKind::LegacyEvidence, name, &tags, request.now));
    }
    pieces
}

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Answer::None(refusal) = &case.documents.lifecycle
        && !refusal.is_no_repository()
    {
        findings
            .push(mended(case, Finding::new(&LIFECYCLE_NONE).what("there is no lifecycle policy")));
    }
    if case.documents.images.said().is_some_and(|it| it.next_token.is_some()) {
        findings.push(
            Finding::new(&INCOMPLETE)
                .what("describe-images is one page of several: counts are too low")
                .place("describe-images")
                .cli(case.site.ecr("describe-images", "> describe-images.json"))
                .terraform("nothing to change"),
        );
    }
    findings.extend(expiries(case).iter().filter_map(|it| of_expiry(case, it)));
    findings
}

fn of_expiry(case: &Case<'_>, expiry: &Expiry) -> Option<Finding> {
    let rule: &'static Rule = match expiry.what {
        "release" => &LIFECYCLE_RELEASE,
        "referrers" => &LIFECYCLE_MAYBE,
        _ if writes_tags(case) => &LIFECYCLE_EVIDENCE,
        _ => return None,
    };
    // Where the release itself goes at the same time, its evidence has nothing left to prove.
    if expiry.what == "referrers" && goes_with_release(case, expiry) {
        return None;
    }
    let finding = Finding::new(rule).what(words(expiry));
    let finding = if expiry.what == "release" && is_soon(case, expiry) {
        finding.at_severity(Severity::High)
    } else {
        finding
    };
    Some(mended(case, finding))
}

/// Whether evidence lives under tags here, by request or by what is there.
fn writes_tags(case: &Case<'_>) -> bool {
    let there = case.documents.images.said().is_some_and(|it| {
        it.image_details
            .iter()
            .any(|it| it.image_tags.iter().any(|tag| tag.starts_with("sha256-") && tag.len() > 64))
    });
    there || case.request.evidence == crate::request::EvidenceTags::Written
}

fn goes_with_release(case: &Case<'_>, expiry: &Expiry) -> bool {
    let all = expiries(case);
    all.iter().any(|it| it.what == "release" && it.rule == expiry.rule && it.after_pushes.is_none())
}

fn words(expiry: &Expiry) -> String {
    let when = match (&expiry.at, expiry.after_pushes) {
        (Some(at), _) => format!("on {}", at.split('T').next().unwrap_or(at)),
        (None, Some(0)) => "at the next evaluation".to_owned(),
        (None, Some(count)) => {
            format!("after {count} further pushes; every manifest counts, evidence included")
        }
        (None, None) => "at a time that the documents do not tell".to_owned(),
    };
    format!("{}: it takes {} {when}", expiry.words, expiry.name)
}

fn is_soon(case: &Case<'_>, expiry: &Expiry) -> bool {
    if let Some(at) = expiry.at.as_ref().and_then(|at| at.parse::<Timestamp>().ok()) {
        let soon = SignedDuration::from_hours(24 * SOON_DAYS);
        return case.request.now.checked_add(soon).is_ok_and(|soon| at < soon);
    }
    expiry.after_pushes.is_some_and(|count| count <= SOON_PUSHES)
}

fn mended(case: &Case<'_>, finding: Finding) -> Finding {
    finding
        .place("lifecycle policy")
        .cli(format!(
            "keep releases by a rule of their own with a lower priority number, such as \
             tagPatternList [\"v*\"] with a high count: {}",
            case.site.ecr("put-lifecycle-policy", "--lifecycle-policy-text file://lifecycle.json")
        ))
        .terraform(
            "aws_ecr_lifecycle_policy { policy = jsonencode({ rules = [...] }) } with the rule \
             that keeps releases first",
        )
}
