/// What a right is a right to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Push,
    Pull,
    Delete,
    /// Changing who may do what, whether tags can move, and what expires.
    Policy,
    Sign,
    /// Changing who may sign, or taking the key away.
    KeyPolicy,
}

impl Deed {
    /// Any of these is enough.
    pub(crate) const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Push => &["ecr:PutImage"],
            Self::Pull => &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            Self::Delete => &["ecr:BatchDeleteImage", "ecr:DeleteRepository"],
            Self::Policy => &[
                "ecr:SetRepositoryPolicy",
                "ecr:DeleteRepositoryPolicy",
                "ecr:PutImageTagMutability",
                "ecr:PutLifecyclePolicy",
                "ecr:DeleteLifecyclePolicy",
                "ecr:PutImageScanningConfiguration",
            ],
            Self::Sign => &["kms:Sign"],
            Self::KeyPolicy => &[
                "kms:PutKeyPolicy",
                "kms:CreateGrant",
                "kms:DisableKey",
                "kms:ScheduleKeyDeletion",
            ],
        }
    }

    /// As in "may push".
    pub(crate) const fn verb(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Pull => "pull",
            Self::Delete => "delete",
            Self::Policy => "change the repository",
            Self::Sign => "sign",
            Self::KeyPolicy => "change the key",
        }
    }
}
