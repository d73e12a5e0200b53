//! One page that needs nothing else: no script, style, font or picture from anywhere. Its policy
//! (`Content-Security-Policy`) forbids the browser to ask for any.

mod cell;
mod chart;
mod finding;
mod section;
mod timeline;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::Digest;

use crate::dossier::Dossier;
use crate::escape::html;
use crate::occasion::Occasion;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page: the verdict first, then why, the checks as a chart, what to look at, the findings,
/// the evidence, the provenance and the steps.
pub(crate) fn page(dossier: &Dossier<'_>, occasion: &Occasion) -> String {
    let main = [
        section::reasons(dossier),
        chart::checks(dossier),
        section::notes(dossier),
        finding::findings(dossier),
        finding::fixed(dossier),
        finding::posture(dossier),
        finding::waived(dossier),
        section::evidence(dossier),
        section::provenance(dossier),
        timeline::steps(dossier),
        section::verify_it(dossier),
    ];
    let lines = [
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n".to_owned(),
        meta("viewport", "width=device-width, initial-scale=1"),
        meta("color-scheme", "light dark"),
        meta("referrer", "no-referrer"),
        format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", policy()),
        format!("<title>{}</title>\n", html(&title(dossier))),
        icon(dossier),
        format!("<style>{STYLE}</style>\n</head>\n<body>\n"),
        section::header(dossier),
        format!("<main>\n{}</main>\n", main.concat()),
        section::footer(dossier, occasion),
        format!("<script>{SCRIPT}</script>\n</body>\n</html>\n"),
    ];
    lines.concat()
}

fn meta(name: &str, content: &str) -> String {
    format!("<meta name=\"{name}\" content=\"{content}\">\n")
}

fn title(dossier: &Dossier<'_>) -> String {
    format!("{}: {} \u{2013} boltseal", dossier.head.outcome.name(), dossier.reference())
}

/// Only this style and this script run, and nothing is asked for. A picture may stand in the page
/// itself: that is the icon.
fn policy() -> String {
    let own = |text: &str| format!("'sha256-{}'", STANDARD.encode(sha256(text)));
    format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; \
         form-action 'none'",
        own(SCRIPT),
        own(STYLE)
    )
}

fn sha256(text: &str) -> Vec<u8> {
    let digest = Digest::sha256_of(text.as_bytes());
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        u8::from_str_radix(pair, 16).unwrap_or_default()
    };
    digest.hex().as_bytes().chunks(2).map(byte).collect()
}

/// A dot in the colour of the verdict; without one a browser asks the server for an icon.
fn icon(dossier: &Dossier<'_>) -> String {
    let colour = match dossier.verdict() {
        "passed" => "1a7f4b",
        "refused" => "c2342b",
        _ => "9a6700",
    };
    format!(
        "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg \
         xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' \
         fill='%23{colour}'/%3E%3C/svg%3E\">\n"
    )
}
