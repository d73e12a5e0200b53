//! All catalogers over one file after another.

use std::fs::File;
use std::io::BufRead;

use object::read::ReadCache;

use super::{ALL, Cataloger, FileBytes, FileHead, Role};
use crate::record::{Content, Findings};
use crate::tar::{Entry, Walker};
use crate::{LayerFault, Limits, path};

/// A larger executable is looked at in a temporary file.
const MEMORY_BYTES: u64 = 16 * 1024 * 1024;

/// The catalogers, and a buffer that they take turns to look at.
pub(crate) struct Catalog {
    limits: Limits,
    buffer: Vec<u8>,
    /// How many packages and problems may still be found.
    room: usize,
}

impl Catalog {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self { limits: *limits, buffer: Vec::new(), room: limits.packages }
    }

    /// Whether a file at `path` would be read as a record.
    pub(crate) fn names(path: &[u8]) -> bool {
        wanting(&FileHead::named(path)).any(|(_, role)| role == Role::Record)
    }

    /// Reads the content of `entry` if anyone wants it; `None` where nothing is found in it.
    pub(crate) fn read<R: BufRead>(
        &mut self,
        entry: &Entry,
        walker: &mut Walker<R>,
    ) -> Result<Option<Findings>, LayerFault> {
        let Some(role) = self.role(entry, walker)? else {
            return Ok(None);
        };
        let limit = role.limit(&self.limits);
        match role {
            Role::Executable if entry.size > limit => {
                let text = format!("an executable of {} bytes, over the {limit}", entry.size);
                Ok(Some(unread(&format!("{text} that are looked into"))))
            }
            Role::Record if entry.size > limit => Err(LayerFault::TooMuch {
                what: "bytes in a package record",
                limit,
                path: path::text(&entry.path),
            }),
            Role::Executable if entry.size > MEMORY_BYTES => {
                let file = ReadCache::new(self.spool(walker)?);
                self.ask(entry, FileBytes::Spooled(&file))
            }
            Role::Executable | Role::Record => {
                let size = usize::try_from(entry.size.min(MEMORY_BYTES)).unwrap_or_default();
                self.buffer.reserve(size);
                walker.read_content(u64::MAX, &mut self.buffer)?;
                self.ask(entry, FileBytes::Memory(&self.buffer))
            }
        }
    }

    /// Reads the first bytes, and asks who wants the rest. What a record needs goes before what
    /// an executable needs.
    fn role<R: BufRead>(
        &mut self,
        entry: &Entry,
        walker: &mut Walker<R>,
    ) -> Result<Option<Role>, LayerFault> {
        self.buffer.clear();
        self.buffer.shrink_to(usize::try_from(MEMORY_BYTES).unwrap_or(usize::MAX));
        walker.read_content(FileHead::START, &mut self.buffer)?;
        let head = self.head(entry);
        let roles = wanting(&head).map(|(_, role)| role);
        Ok(roles.max_by_key(|role| *role == Role::Record))
    }

    fn head<'a>(&'a self, entry: &'a Entry) -> FileHead<'a> {
        let start = usize::try_from(FileHead::START).unwrap_or(usize::MAX);
        FileHead {
            path: &entry.path,
            mode: entry.mode,
            start: &self.buffer[..start.min(self.buffer.len())],
        }
    }

    fn spool<R: BufRead>(&self, walker: &mut Walker<R>) -> Result<File, LayerFault> {
        use std::io::Write as _;
        let mut file = tempfile::tempfile().map_err(LayerFault::Spool)?;
        file.write_all(&self.buffer).map_err(LayerFault::Spool)?;
        walker.write_content(&mut file)?;
        Ok(file)
    }

    fn ask(&self, entry: &Entry, bytes: FileBytes<'_>) -> Result<Option<Findings>, LayerFault> {
        let mut findings = Findings::within(self.room);
        for (cataloger, _) in wanting(&self.head(entry)) {
            cataloger.read(&entry.path, bytes, &mut findings);
        }
        findings.count().ok_or_else(|| self.too_many(&entry.path))?;
        Ok(Some(findings).filter(|found| !found.is_empty()))
    }

    /// Takes the room that `content` needs, which is the record of the file at `path`.
    pub(crate) fn charge(&mut self, path: &[u8], content: &Content) -> Result<(), LayerFault> {
        let count = match content {
            Content::Link(_) => Some(1),
            Content::Read(findings) => findings.count(),
        };
        let left = count.and_then(|count| self.room.checked_sub(count.max(1)));
        self.room = left.ok_or_else(|| self.too_many(path))?;
        Ok(())
    }

    fn too_many(&self, path: &[u8]) -> LayerFault {
        LayerFault::TooMuch {
            what: "packages and problems in the records of one layer",
            limit: self.limits.packages as u64,
            path: path::text(path),
        }
    }

    /// A sparse file that someone wants: its content is not laid out as it would be on disk.
    pub(crate) fn refuse_sparse<R: BufRead>(
        &mut self,
        entry: &Entry,
        walker: &mut Walker<R>,
    ) -> Result<Option<Findings>, LayerFault> {
        let role = self.role(entry, walker)?;
        Ok(role.map(|_| unread("stored as a sparse file")))
    }

    /// A symbolic link at `path`, where the way to a package database would be, to a `target`
    /// below which nobody looks for one.
    pub(crate) fn refuse_link(path: &[u8], target: &[u8]) -> Option<Findings> {
        let moved = |database: &&&[u8]| {
            let rest = database.strip_prefix(path).filter(|rest| rest.starts_with(b"/"));
            rest.is_some_and(|rest| !Self::names(&[target, rest].concat()))
        };
        let mut databases = ALL.iter().flat_map(|cataloger| cataloger.databases());
        let database = databases.find(moved)?;
        let (database, target) = (path::text(database), path::text(target));
        Some(unread(&format!("a symbolic link to {target} on the way to {database}")))
    }

    /// A hard link to a file that was not read, at the path of a record.
    pub(crate) fn refuse_hard_link(path: &[u8]) -> Option<Findings> {
        Self::names(path).then(|| unread("a hard link to a file that was not read"))
    }
}

fn unread(what: &str) -> Findings {
    let mut findings = Findings::within(1);
    findings.problem(format!("not read: {what}"));
    findings
}

fn wanting<'a>(
    head: &'a FileHead<'a>,
) -> impl Iterator<Item = (&'static dyn Cataloger, Role)> + 'a {
    let asked = |cataloger: &&'static dyn Cataloger| Some((*cataloger, cataloger.wants(head)?));
    ALL.iter().filter_map(asked)
}
