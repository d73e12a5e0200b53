//! Stanzas of `Name: value` lines, as dpkg and Python packages write them (deb822, RFC 822).

/// Fields of one stanza that are kept; a Python package may have dozens of classifiers.
const MAX_FIELDS: usize = 1000;

/// One stanza: those of its fields that were asked for, in their order.
#[derive(Debug, Default)]
pub(super) struct Stanza<'a> {
    fields: Vec<(&'a str, &'a str)>,
    /// The first line that is neither a field nor the continuation of one.
    pub(super) broken: Option<&'a str>,
    has_begun: bool,
}

impl<'a> Stanza<'a> {
    /// The first field with this name, in whatever case; of a folded field, the first line.
    pub(super) fn field(&self, name: &str) -> Option<&'a str> {
        self.fields_named(name).next()
    }

    /// The first field with exactly this name.
    pub(super) fn exact(&self, name: &str) -> Option<&'a str> {
        self.fields.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
    }

    /// All fields with this name.
    pub(super) fn fields_named(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    fn read_line(&mut self, line: &'a str, names: &[&str]) {
        if line.starts_with([' ', '\t']) {
            if !self.has_begun {
                self.broken.get_or_insert(line);
            }
            return;
        }
        match line.split_once(':') {
            Some((name, value)) if !name.is_empty() => {
                self.has_begun = true;
                let is_wanted = names.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
                if is_wanted && self.fields.len() < MAX_FIELDS {
                    self.fields.push((name, value.trim()));
                }
            }
            _ => drop(self.broken.get_or_insert(line)),
        }
    }
}

/// The stanzas of `text`, which empty lines part, with the fields called `names`.
pub(super) fn stanzas<'a>(
    text: &'a str,
    names: &'static [&'static str],
) -> impl Iterator<Item = Stanza<'a>> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|line| line.trim().is_empty()).is_some() {}
        lines.peek()?;
        let mut stanza = Stanza::default();
        while let Some(line) = lines.next_if(|line| !line.trim().is_empty()) {
            stanza.read_line(line, names);
        }
        Some(stanza)
    })
}
