use jiff::Timestamp;

/// When and where a run was, which its result does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The page of the CI job, where there is one: an `http` or `https` URL.
    pub job_url: Option<String>,
    /// The HTML report of the same run, as a path relative to the job's folder.
    pub html: Option<String>,
    /// The report of the same run that leaves nothing out, as its user named it.
    pub whole: Option<String>,
    /// How many bytes the job's summary still takes, where others have written to it.
    pub room: Option<usize>,
}

impl Occasion {
    /// A run at this time, in no CI.
    pub const fn at(started: Timestamp, ended: Timestamp) -> Self {
        Self { started, ended, job_url: None, html: None, whole: None, room: None }
    }

    /// How long it took, in seconds; a clock that was set back took none.
    pub(crate) fn seconds(&self) -> f64 {
        let took = self.ended.duration_since(self.started).as_secs_f64();
        (took.max(0.0) * 1000.0).round() / 1000.0
    }

    /// A time as GitLab and `JUnit` want it: in UTC, to the second, without saying so.
    pub(crate) fn plain(at: Timestamp) -> String {
        at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}
