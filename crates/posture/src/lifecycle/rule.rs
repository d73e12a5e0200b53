use std::fmt;

use super::Piece;
use crate::pattern;

/// One rule of a lifecycle policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The lowest is applied first.
    pub(crate) priority: u64,
    pub(crate) tags: Tags,
    /// Whether it is about archived images.
    pub(crate) is_for_archive: bool,
    pub(crate) count: Count,
    pub(crate) action: Action,
}

/// Which images it takes, by their tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tags {
    Any,
    Untagged,
    /// Each of these, as a prefix or a pattern, must be met by a tag.
    Tagged {
        prefixes: Vec<String>,
        patterns: Vec<String>,
    },
}

/// When it takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// The oldest, where there are more than so many.
    MoreThan(u64),
    /// So many days after the push.
    DaysSincePush(u64),
    /// So many days after the last pull.
    DaysSincePull(u64),
    /// So many days after they were archived.
    DaysSinceArchived(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Expire,
    Archive,
}

impl Rule {
    /// Whether the tags of `piece` meet its requirements.
    pub(crate) fn takes(&self, piece: &Piece) -> bool {
        if self.is_for_archive != piece.is_archived {
            return false;
        }
        match &self.tags {
            Tags::Any => true,
            Tags::Untagged => piece.tags.is_empty(),
            Tags::Tagged { prefixes, patterns } => {
                let has = |meets: &dyn Fn(&String) -> bool| piece.tags.iter().any(meets);
                !piece.tags.is_empty()
                    && prefixes.iter().all(|prefix| has(&|tag| tag.starts_with(prefix.as_str())))
                    && patterns.iter().all(|it| has(&|tag| pattern::matches(it, tag)))
            }
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.action {
            Action::Expire => "expires",
            Action::Archive => "archives",
        };
        let which = match &self.tags {
            Tags::Any => "images".to_owned(),
            Tags::Untagged => "untagged images".to_owned(),
            Tags::Tagged { prefixes, patterns } => {
                let prefixes = prefixes.iter().map(|it| format!("{it}*"));
                let all: Vec<String> = prefixes.chain(patterns.iter().cloned()).collect();
                format!("images tagged {}", all.join(" and "))
            }
        };
        write!(f, "rule {} {verb} {which} ", self.priority)?;
        match self.count {
            Count::MoreThan(count) => write!(f, "beyond the newest {count}"),
            Count::DaysSincePush(days) => write!(f, "{days} days after their push"),
            Count::DaysSincePull(days) => write!(f, "{days} days after their last pull"),
            Count::DaysSinceArchived(days) => write!(f, "{days} days after they were archived"),
        }
    }
}
