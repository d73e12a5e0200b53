use jiff::{SignedDuration, Timestamp};

use super::{Action, Count, LifecyclePolicy, Piece, Rule};

/// A policy over the images of a repository.
pub(crate) struct Simulation<'a> {
    pub(crate) policy: &'a LifecyclePolicy,
    /// All manifests that are known, the release among them.
    pub(crate) pieces: &'a [Piece],
}

/// What a rule would do to an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken<'a> {
    pub(crate) rule: &'a Rule,
    /// When, where that is a matter of time.
    pub(crate) at: Option<Timestamp>,
    /// After how many further pushes that the rule counts, where that is a matter of number; zero
    /// means at the next evaluation.
    pub(crate) after: Option<u64>,
}

impl<'a> Simulation<'a> {
    /// What the policy would do to `piece`, first and last: an image may be archived and expire
    /// from the archive.
    pub(crate) fn of(&self, piece: &Piece) -> Vec<Taken<'a>> {
        let Some(first) = self.taken(piece, None) else { return Vec::new() };
        if first.rule.action == Action::Expire {
            return vec![first];
        }
        let archived = Piece { is_archived: true, ..piece.clone() };
        let last = self.taken(&archived, first.at);
        std::iter::once(first).chain(last).collect()
    }

    fn taken(&self, piece: &Piece, archived_at: Option<Timestamp>) -> Option<Taken<'a>> {
        let rule = self.policy.rules.iter().find(|rule| rule.takes(piece))?;
        let days = |since: Option<Timestamp>, days: u64| {
            let days = i64::try_from(days).ok()?;
            since?.checked_add(SignedDuration::from_hours(days.checked_mul(24)?)).ok()
        };
        Some(match rule.count {
            Count::MoreThan(kept) => {
                let left = kept.saturating_sub(self.newer(rule, piece));
                Taken { rule, at: None, after: Some(left) }
            }
            Count::DaysSincePush(count) => {
                Taken { rule, at: days(piece.pushed, count), after: None }
            }
            Count::DaysSincePull(count) => {
                Taken { rule, at: days(piece.pulled.or(piece.pushed), count), after: None }
            }
            Count::DaysSinceArchived(count) => {
                Taken { rule, at: days(archived_at, count), after: None }
            }
        })
    }

    /// How many images that the rule counts are newer.
    fn newer(&self, rule: &Rule, piece: &Piece) -> u64 {
        let is_newer =
            |other: &&Piece| !other.is_coming && rule.takes(other) && other.pushed > piece.pushed;
        self.pieces.iter().filter(is_newer).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::lifecycle::PieceKind;

    const NOW: &str = "2026-06-01T00:00:00Z";

    fn rule(priority: u64, selection: &Value, action: &str) -> Value {
        json!({"rulePriority": priority, "selection": selection, "action": {"type": action}})
    }

    fn policy(rules: &[Value]) -> LifecyclePolicy {
        LifecyclePolicy::parse(&json!({"rules": rules}).to_string()).unwrap()
    }

    fn piece(tags: &[&str]) -> Piece {
        let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
        Piece::coming(PieceKind::Release, "release", &tags, NOW.parse().unwrap())
    }

    fn fate(rules: &[Value], piece: &Piece) -> Vec<(u64, Option<String>, Option<u64>)> {
        let policy = policy(rules);
        let all = [piece.clone()];
        let taken = Simulation { policy: &policy, pieces: &all }.of(piece);
        let one = |it: &Taken<'_>| (it.rule.priority, it.at.map(|at| at.to_string()), it.after);
        taken.iter().map(one).collect()
    }

    fn aged(status: &str, days: u64) -> Value {
        json!({"tagStatus": status, "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days})
    }

    fn named(list: &str, values: &[&str], days: u64) -> Value {
        let mut selection = aged("tagged", days);
        selection[list] = json!(values);
        selection
    }

    #[test]
    fn the_first_rule_that_takes_an_image_keeps_the_others_off() {
        let rules = [
            rule(1, &named("tagPrefixList", &["v"], 365), "expire"),
            rule(2, &aged("any", 30), "expire"),
        ];
        let in_a_year = Some("2027-06-01T00:00:00Z".to_owned());
        let in_a_month = Some("2026-07-01T00:00:00Z".to_owned());
        assert_eq!(fate(&rules, &piece(&["v1"])), [(1, in_a_year, None)]);
        assert_eq!(fate(&rules, &piece(&["1.0"])), [(2, in_a_month, None)]);
        assert_eq!(fate(&rules[..1], &piece(&["1.0"])), []);
    }

    #[test]
    fn every_prefix_and_pattern_must_be_met() {
        for (list, values, tags, taken) in [
            ("tagPrefixList", &["v", "prod"][..], &["v1"][..], false),
            ("tagPrefixList", &["v", "prod"], &["v1", "prod-1"], true),
            ("tagPatternList", &["v*.*"], &["v1.2"], true),
            ("tagPatternList", &["v*.*"], &["v1"], false),
            ("tagPatternList", &["*"], &[], false),
            ("tagPatternList", &["sha256-*"], &["sha256-00.sig"], true),
        ] {
            let rules = [rule(1, &named(list, values, 1), "expire")];
            assert_eq!(!fate(&rules, &piece(tags)).is_empty(), taken, "{values:?} {tags:?}");
        }
    }

    #[test]
    fn untagged_rules_take_evidence_and_no_release() {
        let rules = [rule(1, &aged("untagged", 7), "expire")];
        assert_eq!(fate(&rules, &piece(&["v1"])), []);
        assert_eq!(fate(&rules, &piece(&[])).len(), 1);
    }

    #[test]
    fn counts_are_of_newer_images_that_the_rule_counts() {
        let selection = json!({"tagStatus": "tagged", "tagPrefixList": ["v"],
            "countType": "imageCountMoreThan", "countNumber": 3});
        let policy = policy(&[rule(1, &selection, "expire")]);
        let release = Piece { pushed: "2026-05-01T00:00:00Z".parse().ok(), ..piece(&["v1"]) };
        let other = |name: &str, tag: &str| Piece {
            name: name.to_owned(),
            is_coming: false,
            ..piece(&[tag])
        };
        let mut pieces = vec![release.clone(), other("a", "v2"), other("b", "x")];
        let left = |pieces: &[Piece]| Simulation { policy: &policy, pieces }.of(&release)[0].after;
        assert_eq!(left(&pieces), Some(2));
        pieces.extend([other("c", "v3"), other("d", "v4"), other("e", "v5")]);
        assert_eq!(left(&pieces), Some(0));
    }

    #[test]
    fn an_image_may_be_archived_and_then_expire() {
        let archive = rule(1, &aged("any", 30), "transition");
        let expire = json!({"tagStatus": "any", "storageClass": "archive",
            "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 10});
        let rules = [archive, rule(2, &expire, "expire")];
        let july = |day: &str| Some(format!("2026-07-{day}T00:00:00Z"));
        assert_eq!(fate(&rules, &piece(&["v1"])), [(1, july("01"), None), (2, july("11"), None)]);
    }

    #[test]
    fn a_pull_renews_only_rules_about_pulls() {
        let mut selection = aged("any", 30);
        selection["countType"] = json!("sinceImagePulled");
        let pulled = Piece { pulled: "2026-06-11T00:00:00Z".parse().ok(), ..piece(&["v1"]) };
        let when = fate(&[rule(1, &selection, "expire")], &pulled)[0].1.clone();
        assert_eq!(when.as_deref(), Some("2026-07-11T00:00:00Z"));
    }
}
