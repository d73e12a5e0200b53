use boltseal_core::Kind;
use clap::Args;

/// What must be there.
#[derive(Args, Clone, Debug)]
pub(crate) struct RequireArgs {
    /// Kinds of evidence that must be there and verify: signature, provenance, sbom, vuln, vsa or
    /// a predicate type URI. Separated by commas or repeated.
    #[arg(long = "require", value_name = "LIST", value_delimiter = ',')]
    kinds: Vec<Kind>,
}

impl RequireArgs {
    /// The kinds, each once; `default` where none is named.
    pub(crate) fn or(&self, default: &[Kind]) -> Vec<Kind> {
        let named = if self.kinds.is_empty() { default } else { &self.kinds };
        let mut kinds = Vec::new();
        for kind in named {
            if !kinds.contains(kind) {
                kinds.push(kind.clone());
            }
        }
        kinds
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        require: RequireArgs,
    }

    #[test]
    fn lists_and_repeats_join_and_nothing_means_the_default() {
        let line = ["x", "--require", "sbom,vsa", "--require", "sbom,https://example.com/p"];
        let kinds = Line::parse_from(line).require.or(&[Kind::Signature]);
        let other = Kind::Other("https://example.com/p".to_owned());
        assert_eq!(kinds, [Kind::Sbom, Kind::Vsa, other]);
        let kinds = Line::parse_from(["x"]).require.or(&[Kind::Signature]);
        assert_eq!(kinds, [Kind::Signature]);
        assert!(Line::try_parse_from(["x", "--require", "sbom,"]).is_err());
        assert!(Line::try_parse_from(["x", "--require", "everything"]).is_err());
    }
}
