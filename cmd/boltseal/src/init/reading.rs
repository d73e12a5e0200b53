use std::fmt::Display;
use std::str::FromStr;

use boltseal_pipeline::Failure;
use boltseal_report::v1::InitSetting;

use super::source::{Origin, Source};
use crate::usage::usage;

/// Asks one place after the other, and takes note of which answered.
pub(super) struct Reading<'a> {
    sources: &'a [Source],
    /// What was answered, and from where.
    pub(super) shown: Vec<InitSetting>,
}

impl<'a> Reading<'a> {
    pub(super) const fn of(sources: &'a [Source]) -> Self {
        Self { sources, shown: Vec::new() }
    }

    /// All values of a setting, by the first place that has any.
    pub(super) fn many<T>(&mut self, name: &'static str) -> Result<Vec<T>, Failure>
    where
        T: FromStr<Err: Display> + Display,
    {
        let answers = |it: &&Source| it.values(name).is_some_and(|it| !it.is_empty());
        let Some(source) = self.sources.iter().find(answers) else { return Ok(Vec::new()) };
        let texts = source.values(name).unwrap_or_default();
        let malformed = |error: T::Err| {
            let place = format!("--{name}, by {}", source.origin.name());
            usage("init-malformed", place, error.to_string(), format!("set --{name}"))
        };
        let values: Vec<T> =
            texts.iter().map(|it| it.parse().map_err(malformed)).collect::<Result<_, _>>()?;
        self.show(name, &values, source.origin);
        Ok(values)
    }

    /// A value; of several the last.
    pub(super) fn one<T: FromStr<Err: Display> + Display>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Failure> {
        Ok(self.many(name)?.into_iter().next_back())
    }

    /// A value, or the one that is assumed.
    pub(super) fn or<T: FromStr<Err: Display> + Display>(
        &mut self,
        name: &'static str,
        assumed: impl FnOnce() -> T,
    ) -> Result<T, Failure> {
        if let Some(value) = self.one(name)? {
            return Ok(value);
        }
        let value = assumed();
        self.show(name, std::slice::from_ref(&value), Origin::Default);
        Ok(value)
    }

    /// A value, or exit 2 with an example of its flag.
    pub(super) fn needed<T: FromStr<Err: Display> + Display>(
        &mut self,
        name: &'static str,
        example: &str,
    ) -> Result<T, Failure> {
        self.one(name)?.ok_or_else(|| {
            let found = "nothing that says it: no flag, boltseal.toml, CI variable or git remote";
            usage("init-missing", format!("--{name}"), found, format!("name it: {example}"))
        })
    }

    fn show<T: Display>(&mut self, name: &'static str, values: &[T], origin: Origin) {
        let value = values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        self.shown.push(InitSetting { name, value, origin: origin.name() });
    }
}
