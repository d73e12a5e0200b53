use clap::Args;

/// Who boltseal is at AWS. Without a role the ordinary credentials are used: environment,
/// profile, container, machine.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "AWS")]
pub(crate) struct AwsArgs {
    /// The role to assume with the CI run's own identity (OIDC).
    #[arg(long, value_name = "ARN")]
    pub(crate) role: Option<String>,

    /// The region; else that of the registry, of AWS_REGION, of the key.
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// The audience of the identity token; sts.amazonaws.com unless said otherwise.
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<String>,

    /// An account that may be used; in any other one nothing is written. Repeatable.
    #[arg(long = "allowed-account", value_name = "ID")]
    pub(crate) allowed_accounts: Vec<String>,
}
