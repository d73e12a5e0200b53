/// An AWS account in one region, and how its things are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// Twelve digits.
    pub(crate) id: String,
    pub(crate) region: String,
}

impl Account {
    pub(crate) fn repository_arn(&self, name: &str) -> String {
        format!("arn:aws:ecr:{}:{}:repository/{name}", self.region, self.id)
    }

    /// The host of its registry, as the world knows it.
    pub(crate) fn registry_host(&self) -> String {
        format!("{}.dkr.ecr.{}.amazonaws.com", self.id, self.region)
    }

    pub(crate) fn role_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.id)
    }

    pub(crate) fn session_arn(&self, role: &str, session: &str) -> String {
        format!("arn:aws:sts::{}:assumed-role/{role}/{session}", self.id)
    }

    /// The identity provider of an issuer: its URL without the scheme.
    pub(crate) fn provider_arn(&self, issuer: &str) -> String {
        format!("arn:aws:iam::{}:oidc-provider/{}", self.id, without_scheme(issuer))
    }
}

/// How condition keys begin for an issuer.
pub(crate) fn without_scheme(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer)
}
