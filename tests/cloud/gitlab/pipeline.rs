use serde_json::Value;

use super::interpolation::interpolated;

/// A `.gitlab-ci.yml` that takes the component in, and a later job that shows what it was told.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    include: Include,
    inputs: Vec<(String, String)>,
}

/// How the component is named.
#[derive(Clone, Debug)]
enum Include {
    /// Out of the repository itself.
    Local,
    /// As another project's component.
    Component(&'static str),
    /// The job for those who include files.
    Job,
    /// As GitLab puts the component into the pipeline.
    Text,
}

impl Pipeline {
    /// The component of this checkout, with the boltseal of these tests.
    pub(crate) fn new(inputs: &[(&str, &str)]) -> Self {
        let empty = Self { include: Include::Local, inputs: Vec::new() };
        let path = ("boltseal-path", env!("CARGO_BIN_EXE_boltseal"));
        std::iter::once(&path).chain(inputs).fold(empty, |it, (name, value)| it.with(name, value))
    }

    /// The component of another project.
    pub(crate) fn of(self, component: &'static str) -> Self {
        Self { include: Include::Component(component), ..self }
    }

    /// The job that is extended.
    pub(crate) fn extending(self) -> Self {
        Self { include: Include::Job, ..self }
    }

    /// The job that GitLab makes of the component.
    pub(crate) fn interpolated(self) -> Self {
        Self { include: Include::Text, ..self }
    }

    /// With this input, or with this value for it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.inputs.retain(|(known, _)| known != name);
        self.inputs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without this input.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.inputs.retain(|(known, _)| known != name);
        self
    }

    /// As YAML. Values stand there as JSON, so that they arrive as they are.
    pub(crate) fn to_yaml(&self) -> String {
        let map = |indent: &str, name: fn(&str) -> String| {
            let lines = self.inputs.iter().map(|(input, value)| {
                format!("\n{indent}{}: {}", name(input), Value::from(value.as_str()))
            });
            lines.collect::<String>()
        };
        let inputs = map("      ", str::to_owned);
        let job = match &self.include {
            Include::Local => {
                format!("include:\n  - local: templates/boltseal.yml\n    inputs:{inputs}\n")
            }
            Include::Component(name) => {
                format!("include:\n  - component: {name}\n    inputs:{inputs}\n")
            }
            Include::Text => interpolated(&self.inputs),
            Include::Job => format!(
                "include:\n  - local: boltseal.gitlab-ci.yml\nboltseal:\n  stage: deploy\n  \
                 extends: .boltseal\n  variables:{}\n",
                map("    ", |input| {
                    format!("BOLTSEAL_INPUT_{}", input.replace('-', "_").to_uppercase())
                })
            ),
        };
        format!("stages: [build, deploy, after]\n{job}{AFTER}")
    }
}

/// What a job that needs the release is told by its dotenv report.
const AFTER: &str = r#"
after:
  stage: after
  when: always
  needs: [boltseal]
  script:
    - mkdir -p after
    - printf '%s' "${BOLTSEAL_DIGEST-}" > after/digest
    - printf '%s' "${BOLTSEAL_OUTCOME-}" > after/outcome
  artifacts:
    paths: [after/]
"#;
