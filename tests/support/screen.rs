//! A program in a pseudo-terminal, and what its screen shows. Waits for facts, never for time.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::{
    env,
    io::{Read as _, Write},
    num::NonZeroU16,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use portable_pty::{CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(crate) use super::program::TOKSCOPE;

const ROWS: u16 = 40;
const COLUMNS: u16 = 120;
/// What a frame without a cursor ends with.
const FRAME_END: &[u8] = b"\x1b[?25l";

/// Generous, because it only passes when something is broken; `TOKSCOPE_TEST_TIMEOUT` is in seconds.
fn patience() -> Duration {
    let seconds = env::var("TOKSCOPE_TEST_TIMEOUT").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(30))
}

/// What the threads that watch the program tell.
enum News {
    Output(Vec<u8>),
    Exited(u32),
    /// No more output can come.
    End,
}

pub(crate) struct Screen {
    parser: vt100::Parser,
    output: Vec<u8>,
    news: Receiver<News>,
    keyboard: Option<Box<dyn Write + Send>>,
    /// None: the terminal is closed.
    master: Option<Box<dyn MasterPty + Send>>,
    closing: Arc<AtomicBool>,
    slave: Option<Box<dyn SlavePty + Send>>,
    /// The terminal's attributes before the program came.
    before: String,
    pid: Pid,
    exit: Option<u32>,
    config: TempDir,
}

impl Screen {
    /// Runs tokscope with these arguments.
    pub(crate) fn tokscope(arguments: &[&str]) -> Self {
        Self::run(TOKSCOPE, arguments, &[], |_| {})
    }

    /// Runs tokscope on this profiles file.
    pub(crate) fn tokscope_with_profiles(profiles: &str) -> Self {
        Self::run(TOKSCOPE, &[], &[], |config| std::fs::write(config.path().join("profiles.toml"), profiles).unwrap())
    }

    /// Runs any program in a terminal of 120 columns and 40 rows, with a configuration directory of its own. A variable
    /// with an empty value is taken out of its environment.
    pub(crate) fn run(
        program: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
        prepare: impl FnOnce(&TempDir),
    ) -> Self {
        Self::sized((COLUMNS, ROWS), program, arguments, environment, prepare)
    }

    /// The same in a terminal of so many columns and rows.
    pub(crate) fn sized(
        (columns, rows): (u16, u16),
        program: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
        prepare: impl FnOnce(&TempDir),
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let config = tempfile::tempdir().unwrap();
        prepare(&config);
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.cwd(config.path());
        command.env("TOKSCOPE_CONFIG_DIR", config.path());
        command.env("HOME", config.path());
        // No test asks the keyring of whoever runs it.
        command.env("TOKSCOPE_IDENTITY", "memory");
        let usual =
            [("PATH", env!("PATH")), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC"), ("PS1", "$ ")];
        for (name, value) in usual.iter().chain(environment) {
            match value.is_empty() {
                true => command.env_remove(name),
                false => command.env(name, value),
            }
        }

        let before = attributes(&*pty.master);
        let mut child = pty.slave.spawn_command(command).unwrap();
        let pid = Pid::from_raw(child.process_id().unwrap().try_into().unwrap()).unwrap();
        let (tell, news) = mpsc::channel();
        let mut output = pty.master.try_clone_reader().unwrap();
        let (exited, closing) = (tell.clone(), Arc::<AtomicBool>::default());
        let closes = Arc::clone(&closing);
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                if closes.load(Ordering::SeqCst) {
                    break;
                }
                let _ = tell.send(News::Output(buffer[..length].to_vec()));
            }
            drop(output);
            let _ = tell.send(News::End);
        });
        thread::spawn(move || {
            let status = child.wait().unwrap();
            let _ = exited.send(News::Exited(status.exit_code()));
        });
        let (rows, columns) = (NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap());
        Self {
            parser: vt100::Parser::new(rows, columns, 0),
            output: Vec::new(),
            news,
            keyboard: Some(pty.master.take_writer().unwrap()),
            master: Some(pty.master),
            closing,
            slave: Some(pty.slave),
            before,
            pid,
            exit: None,
            config,
        }
    }

    #[allow(dead_code, reason = "for a test that looks into the process")]
    pub(crate) fn id(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    pub(crate) fn config(&self) -> &std::path::Path {
        self.config.path()
    }

    /// The text on the screen, a line a row.
    pub(crate) fn text(&self) -> String {
        let (_, columns) = self.parser.screen().size();
        self.parser.screen().rows(0, columns.get()).map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    /// Every byte that came so far.
    pub(crate) fn output(&self) -> &[u8] {
        &self.output
    }

    /// How many frames have come by now. Their ends tell, not in how many pieces the bytes came.
    pub(crate) fn frames(&self) -> usize {
        self.output.windows(FRAME_END.len()).filter(|bytes| *bytes == FRAME_END).count()
    }

    /// So many bytes came, all that wait to be read included.
    pub(crate) fn written(&mut self) -> usize {
        while let Ok(News::Output(bytes)) = self.news.try_recv() {
            self.heard(&bytes);
        }
        self.output.len()
    }

    /// Waits for output and what follows it without a pause of so long. When its last piece came.
    pub(crate) fn burst(&mut self, quiet: Duration) -> Instant {
        let (mut last, mut patience) = (Instant::now(), patience());
        while let Ok(news) = self.news.recv_timeout(patience) {
            (last, patience) = (Instant::now(), quiet);
            match news {
                News::Output(bytes) => self.heard(&bytes),
                News::Exited(code) => self.exit = Some(code),
                News::End => break,
            }
        }
        last
    }

    /// Whether the last frame has come whole.
    pub(crate) fn is_whole(&self) -> bool {
        self.output.ends_with(FRAME_END)
    }

    fn heard(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.output.extend_from_slice(bytes);
    }

    /// Presses keys, given as the bytes that the terminal sends for them.
    pub(crate) fn press(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    fn master(&self) -> &dyn MasterPty {
        self.master.as_deref().unwrap()
    }

    /// Closes the terminal, as its window does.
    pub(crate) fn hang_up(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // A last byte of output lets the reading thread see it.
        std::fs::write(self.master().tty_name().unwrap(), " ").unwrap();
        loop {
            match self.news.recv_timeout(patience()).unwrap() {
                News::End => break,
                // It may be over by itself already.
                News::Exited(code) => self.exit = Some(code),
                News::Output(_) => {}
            }
        }
        (self.keyboard, self.slave, self.master) = (None, None, None);
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Waits for the exit, whatever becomes of the terminal.
    #[track_caller]
    pub(crate) fn wait_exit(&mut self) -> u32 {
        let deadline = Instant::now() + patience();
        while self.exit.is_none() {
            match self.news.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(News::Exited(code)) => self.exit = Some(code),
                Ok(News::Output(bytes)) => self.parser.process(&bytes),
                Ok(News::End) => {}
                Err(_) => self.fail("the exit", "the time is over"),
            }
        }
        self.exit.expect("it was waited for")
    }

    /// Pastes as a terminal with bracketed paste does.
    pub(crate) fn paste(&mut self, text: &str) {
        self.press(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Where a text begins: column and row from 1 on, as the mouse's reports count.
    pub(crate) fn place(&self, text: &str) -> Option<(usize, usize)> {
        place(self.text().lines().enumerate(), text)
    }

    /// The same, searched for from the last row upwards: where the bars are.
    pub(crate) fn place_below(&self, text: &str) -> Option<(usize, usize)> {
        place(self.text().lines().enumerate().collect::<Vec<_>>().into_iter().rev(), text)
    }

    /// What came through OSC 52, oldest first.
    pub(crate) fn copied(&self) -> Vec<String> {
        let output = String::from_utf8_lossy(&self.output);
        let copies = output.split("\x1b]52;c;").skip(1).filter_map(|copy| copy.split_once("\x1b\\"));
        copies.map(|(base64, _)| String::from_utf8(BASE64_STANDARD.decode(base64).unwrap()).unwrap()).collect()
    }

    /// Sends a signal to the job in the foreground of a shell.
    pub(crate) fn signal_foreground(&self, signal: Signal) {
        kill_process(self.foreground(), signal).unwrap();
    }

    /// The job in the foreground of a shell.
    pub(crate) fn foreground(&self) -> Pid {
        self.master().process_group_leader().and_then(Pid::from_raw).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.screen_mut().set_size(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap());
        self.master().resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), |screen| screen.text().contains(text));
    }

    /// Waits until the screen does not show a text any more.
    #[track_caller]
    pub(crate) fn wait_gone(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} gone from the screen"), |screen| !screen.text().contains(text));
    }

    /// Waits until something holds.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, fact: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + patience();
        while !holds(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.news.recv_timeout(left) {
                Ok(News::Output(bytes)) => self.heard(&bytes),
                Ok(News::Exited(code)) => self.exit = Some(code),
                Ok(News::End) | Err(RecvTimeoutError::Disconnected) => self.fail(fact, "the terminal is closed"),
                Err(RecvTimeoutError::Timeout) => self.fail(fact, "the time is over"),
            }
        }
    }

    /// Waits for the exit and for all output before it, and checks that the terminal is as it was.
    #[track_caller]
    pub(crate) fn wait_restored(&mut self) -> u32 {
        self.wait_until("the exit", |screen| screen.exit.is_some());
        assert_eq!(attributes(self.master()), self.before, "the terminal's attributes");
        // Without a last user the terminal is at its end, and with it the output.
        self.slave = None;
        while let Ok(News::Output(bytes)) = self.news.recv_timeout(patience()) {
            self.heard(&bytes);
        }
        self.assert_restored();
        self.exit.expect("it was waited for")
    }

    /// Whether the screen is the one before: not the alternate one, cursor shown, no bracketed paste.
    pub(crate) fn restored(&self) -> bool {
        let screen = self.parser.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste() && self.has_no_mouse()
    }

    /// Whether the mouse is the terminal's.
    pub(crate) fn has_no_mouse(&self) -> bool {
        self.parser.screen().mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }

    #[track_caller]
    pub(crate) fn assert_restored(&self) {
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "alternate screen left\n{}", self.text());
        assert!(!screen.hide_cursor(), "cursor shown");
        assert!(!screen.bracketed_paste(), "bracketed paste off");
        assert!(self.has_no_mouse(), "the mouse given back");
    }

    #[track_caller]
    fn fail(&self, fact: &str, why: &str) -> ! {
        panic!("waiting for {fact}: {why}; exit: {:?}; the screen:\n{}", self.exit, self.text());
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.exit.is_none() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

/// The bytes of a click at a cell.
pub(crate) fn click((column, row): (usize, usize)) -> String {
    format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
}

fn place<'a>(lines: impl Iterator<Item = (usize, &'a str)>, text: &str) -> Option<(usize, usize)> {
    let mut found = lines.filter_map(|(row, line)| Some((line.split_once(text)?.0.chars().count() + 1, row + 1)));
    found.next()
}

fn attributes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}
