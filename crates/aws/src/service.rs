/// A service of AWS that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    Ecr,
    Iam,
    InspectorScan,
    Kms,
    Signer,
    Sts,
}

impl Service {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ecr, Self::Iam, Self::InspectorScan, Self::Kms, Self::Signer, Self::Sts];

    /// As IAM actions and messages name it.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Ecr => "ecr",
            Self::Iam => "iam",
            Self::InspectorScan => "inspector-scan",
            Self::Kms => "kms",
            Self::Signer => "signer",
            Self::Sts => "sts",
        }
    }

    /// The end of `AWS_ENDPOINT_URL_…`: the service id of the SDKs in capitals.
    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::Ecr => "AWS_ENDPOINT_URL_ECR",
            Self::Iam => "AWS_ENDPOINT_URL_IAM",
            Self::InspectorScan => "AWS_ENDPOINT_URL_INSPECTOR_SCAN",
            Self::Kms => "AWS_ENDPOINT_URL_KMS",
            Self::Signer => "AWS_ENDPOINT_URL_SIGNER",
            Self::Sts => "AWS_ENDPOINT_URL_STS",
        }
    }
}
