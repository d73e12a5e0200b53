//! Stanzas of `Name: value` lines, as dpkg and Python packages write them (deb822, RFC 822).

/// One stanza: its fields in their order.
#[derive(Debug, Default)]
pub(super) struct Stanza<'a> {
    fields: Vec<(&'a str, &'a str)>,
    /// The first line that is neither a field nor the continuation of one.
    pub(super) broken: Option<&'a str>,
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

    fn read_line(&mut self, line: &'a str) {
        if line.starts_with([' ', '\t']) {
            if self.fields.is_empty() {
                self.broken.get_or_insert(line);
            }
            return;
        }
        match line.split_once(':') {
            Some((name, value)) if !name.is_empty() => self.fields.push((name, value.trim())),
            _ => drop(self.broken.get_or_insert(line)),
        }
    }
}

/// The stanzas of `text`, which empty lines part.
pub(super) fn stanzas(text: &str) -> impl Iterator<Item = Stanza<'_>> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|line| line.trim().is_empty()).is_some() {}
        lines.peek()?;
        let mut stanza = Stanza::default();
        while let Some(line) = lines.next_if(|line| !line.trim().is_empty()) {
            stanza.read_line(line);
        }
        Some(stanza)
    })
}
