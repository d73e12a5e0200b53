/// What a job checks out of a made-up repository by.
const CHECKOUT: &str = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683";

/// The last step of a job, by which a test learns what came of the others.
pub(crate) const TELLING: &str = r#"      - if: ${{ always() }}
        shell: bash
        env: {STEPS: "${{ toJSON(steps) }}"}
        run: |
          printf '%s' "$STEPS" > "$RESULT"
          if [ -d out ]; then cp -R out/. "$OUT"; fi
"#;

/// A workflow with one job that runs the action once, and tells the test what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Workflow {
    uses: &'static str,
    inputs: Vec<(String, String)>,
    variables: Vec<(String, String)>,
    before: String,
}

impl Workflow {
    /// The action out of the repository that is checked out, with the boltseal of these tests.
    pub(crate) fn new(inputs: &[(&str, &str)]) -> Self {
        let (uses, variables, before) = ("./workflows/github", Vec::new(), String::new());
        let empty = Self { uses, inputs: Vec::new(), variables, before };
        let with = |it: Self, (name, value): &(&str, &str)| it.with(name, value);
        let path = ("boltseal-path", env!("CARGO_BIN_EXE_boltseal"));
        std::iter::once(&path).chain(inputs).fold(empty, with)
    }

    /// The action of another repository.
    pub(crate) fn using(self, uses: &'static str) -> Self {
        Self { uses, ..self }
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

    /// With a variable in the environment of the action's step.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a step of shell before the action.
    pub(crate) fn before(self, script: &str) -> Self {
        Self { before: script.to_owned(), ..self }
    }

    /// As YAML. Values stand there as JSON, so that they arrive as they are.
    pub(crate) fn to_yaml(&self) -> String {
        let map = |pairs: &[(String, String)]| {
            let lines = pairs.iter().map(|(name, value)| {
                format!("\n          {name}: {}", serde_json::Value::from(value.as_str()))
            });
            lines.collect::<String>()
        };
        let (uses, inputs, variables) = (self.uses, map(&self.inputs), map(&self.variables));
        let before = serde_json::Value::from(format!("true\n{}", self.before));
        format!(
            r#"name: release
on: [push, pull_request, pull_request_target]
permissions: {{}}
jobs:
  release:
    name: Release
    runs-on: ubuntu-24.04
    steps:
      - uses: {CHECKOUT}
        with: {{persist-credentials: false}}
      - shell: bash
        run: {before}
      - id: boltseal
        uses: {uses}
        env:
          NOTHING: "1"{variables}
        with:{inputs}
{TELLING}"#
        )
    }
}
