//! Where in a text with indented names, as YAML, a value is.

/// How many names may be around one another.
const DEEPEST: usize = 16;

/// The names around the current line, from the outermost.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    /// How far each is indented, and the name.
    names: Vec<(usize, &'a str)>,
}

impl<'a> Outline<'a> {
    /// A line begins here.
    pub(super) fn enter(&mut self, text: &'a str, start: usize) {
        let line = &text[start..];
        let inner = line.trim_start_matches([' ', '-']);
        let indent = line.len() - inner.len();
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let name = &inner[..inner.bytes().take_while(inside).count()];
        if name.is_empty() || !inner[name.len()..].starts_with(':') {
            return;
        }
        let kept = self.names.iter().take_while(|(around, _)| *around < indent).count();
        self.names.truncate(kept.min(DEEPEST));
        self.names.push((indent, name));
    }

    /// `data.token`: the path to the value of this name, where the current line has it.
    pub(super) fn path(&self, name: &str) -> Option<String> {
        let (_, last) = self.names.last()?;
        (*last == name).then(|| self.names.iter().map(|(_, name)| *name).collect::<Vec<_>>().join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_indented_names() {
        let text = "kind: Secret\nitems:\n- data:\n    ca.crt: x\n    token: y\n  type: z\nlast: w\n";
        let mut outline = Outline::default();
        let mut paths = Vec::new();
        let mut at = 0;
        for line in text.lines() {
            outline.enter(text, at);
            let name = line.trim_start_matches([' ', '-']).split(':').next().unwrap();
            paths.extend(outline.path(name));
            at += line.len() + 1;
        }
        assert_eq!(
            paths,
            ["kind", "items", "items.data", "items.data.ca.crt", "items.data.token", "items.type", "last"]
        );
        assert_eq!(outline.path("token"), None);
    }
}
