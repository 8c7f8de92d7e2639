//! `decode --lines`: one token a line in, one JSON object a line out.
//!
//! A thread reads, as many threads as there are processors decode, and the caller writes. What one read brought is one
//! job, so a slow producer's line is answered at once and a fast one's lines go through in bulk. Each job carries the
//! channel on which its answer is expected; the writer takes these channels in the order of the input.

use std::{
    io::{self, Read, Write},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Failure,
    json::{self, token::Brief},
};
use crate::{
    clock::{self, Timestamp},
    token::Token,
};

/// How much is asked for in one read.
const READ: usize = 256 << 10;
/// The longest line that is decoded: a longer one is an error of its own, and is never held in memory.
const LONGEST: usize = 8 << 20;
/// How many jobs may be under way, so that a slow reader of our output slows our reading down.
const AHEAD: usize = 16;

/// What was seen on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Some line was no token.
    pub(super) bad: bool,
    /// Some token was expired or not yet valid.
    pub(super) out_of_time: bool,
}

/// The answer to a line: a token, or what it is instead.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Line<'a> {
    /// The line is a token.
    Token(&'a Brief<'a>),
    /// The line is none.
    Refusal {
        /// The number of the line, from 1.
        line: u64,
        /// What it is instead.
        error: &'static str,
    },
}

/// The answer to some lines.
type Answer = Result<(String, Seen), Failure>;

/// Some lines, and where their answer goes.
struct Job {
    /// The number of the first line, from 1.
    first: u64,
    lines: Vec<u8>,
    answer: mpsc::Sender<Answer>,
}

/// What the writer waits for: an answer, or why there is no more input.
type Expected = io::Result<mpsc::Receiver<Answer>>;

/// Answers every line of the input. `now` is the time for all of them; `None` is the time of day.
pub(super) fn run(
    input: impl Read + Send + 'static,
    mut output: impl Write,
    now: Option<Timestamp>,
) -> Result<Seen, Failure> {
    let (jobs, queue) = mpsc::sync_channel::<Job>(AHEAD);
    let (expect, expected) = mpsc::sync_channel::<Expected>(AHEAD);
    let queue = Arc::new(Mutex::new(queue));
    // These threads are not joined: they end with their channels, and a reader that still waits for a line when our
    // output is closed must not keep the process alive.
    for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
        let queue = Arc::clone(&queue);
        thread::spawn(move || work(&queue, now));
    }
    thread::spawn(move || read(input, &jobs, &expect));
    let mut seen = Seen::default();
    for answer in expected {
        let answer = answer.map_err(|error| Failure::of_io("cannot read standard input", error))?;
        let (text, part) = answer.recv().expect("a worker answers each of its jobs")?;
        output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(Failure::output)?;
        seen = Seen { bad: seen.bad | part.bad, out_of_time: seen.out_of_time | part.out_of_time };
    }
    Ok(seen)
}

fn read(mut input: impl Read, jobs: &mpsc::SyncSender<Job>, expect: &mpsc::SyncSender<Expected>) {
    let mut first = 1;
    // Returns whether answers are still wanted.
    let mut send = |lines: Vec<u8>| {
        let (answer, expected) = mpsc::channel();
        // Sums of bytes over short chunks: that many lines are counted at once.
        let feeds = |chunk: &[u8]| u64::from(chunk.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>());
        let count: u64 = lines.chunks(255).map(feeds).sum();
        let job = Job { first, lines, answer };
        first += count;
        expect.send(Ok(expected)).is_ok() && jobs.send(job).is_ok()
    };
    let mut buffer = vec![0; READ];
    // The beginning of a line whose end has not come yet.
    let mut begun = Vec::new();
    loop {
        let read = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => &buffer[..count],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let _ = expect.send(Err(error));
                return;
            }
        };
        let (lines, rest) = read.split_at(read.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1));
        if !lines.is_empty() {
            begun.extend_from_slice(lines);
            if !send(std::mem::take(&mut begun)) {
                return;
            }
        }
        // One byte more than allowed is enough to be too long.
        let room = (LONGEST + 1).saturating_sub(begun.len());
        begun.extend_from_slice(&rest[..rest.len().min(room)]);
    }
    if !begun.is_empty() {
        send(begun);
    }
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>, now: Option<Timestamp>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { first, lines, answer }) = job else { return };
        // When the output was closed, there is no receiver, and the queue ends.
        let _ = answer.send(decode(&lines, first, now.unwrap_or_else(clock::now)));
    }
}

/// Answers some lines; the last one may lack its line feed.
fn decode(lines: &[u8], first: u64, now: Timestamp) -> Answer {
    let mut out = String::with_capacity(lines.len() * 2);
    let mut seen = Seen::default();
    let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
    match str::from_utf8(lines) {
        Ok(text) => {
            let mut lines = text.split('\n').zip(first..);
            lines.try_for_each(|(line, number)| answer(Ok(line), number, now, &mut out, &mut seen))?;
        }
        Err(_) => {
            let lines = lines.split(|&byte| byte == b'\n').map(|line| str::from_utf8(line).map_err(|_| "not UTF-8"));
            lines.zip(first..).try_for_each(|(line, number)| answer(line, number, now, &mut out, &mut seen))?;
        }
    }
    Ok((out, seen))
}

fn answer(
    line: Result<&str, &'static str>,
    number: u64,
    now: Timestamp,
    out: &mut String,
    seen: &mut Seen,
) -> Result<(), Failure> {
    match line.and_then(token) {
        Ok(token) => {
            let lifetime = token.lifetime();
            json::write(&Line::Token(&Brief::of(&token, &lifetime, now)), out)?;
            seen.out_of_time |= lifetime.is_out_of_time(now);
        }
        Err(error) => {
            json::write(&Line::Refusal { line: number, error }, out)?;
            seen.bad = true;
        }
    }
    out.push('\n');
    Ok(())
}

fn token(line: &str) -> Result<Token, &'static str> {
    if line.len() > LONGEST {
        return Err("longer than 8 MiB");
    }
    if line.trim().is_empty() {
        return Err("empty line");
    }
    Some(Token::inspect(line)).filter(Token::is_plausible).ok_or("not a token")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPAQUE: &str = "opaque-opaque-opaque";

    fn answers(input: impl Read + Send + 'static) -> Vec<String> {
        let mut out = Vec::new();
        run(input, &mut out, clock::parse("0")).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_line_gets_its_answer() {
        let input = format!("{OPAQUE}\n\nno token\r\n\u{1b}[0m{OPAQUE}\n{OPAQUE}\r\n").into_bytes();
        let input = [&input[..], b"\xff\xfe\n", OPAQUE.as_bytes()].concat();
        let answers = answers(io::Cursor::new(input));
        assert!(answers[0].starts_with("{\"form\":\"opaque\""));
        assert_eq!(answers[1], "{\"line\":2,\"error\":\"empty line\"}");
        assert_eq!(answers[2], "{\"line\":3,\"error\":\"not a token\"}");
        assert_eq!(answers[3], "{\"line\":4,\"error\":\"not a token\"}");
        assert_eq!(answers[4], answers[0]);
        assert_eq!(answers[5], "{\"line\":6,\"error\":\"not UTF-8\"}");
        assert_eq!(answers[6], answers[0]);
        assert_eq!(answers.len(), 7);
    }

    #[test]
    fn order_is_kept_over_many_jobs() {
        /// Gives a thousand bytes a read, so that there are many jobs.
        struct Dribble(io::Cursor<String>);
        impl Read for Dribble {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0.read(&mut buffer[..1_000])
            }
        }
        let input: String = (0..5_000).map(|n| format!("opaque-token-number-{n}\n")).collect();
        let expected: Vec<_> = input.lines().map(|line| Token::inspect(line).fingerprint().to_string()).collect();
        let answers = answers(Dribble(io::Cursor::new(input)));
        assert_eq!(answers.len(), expected.len());
        assert!(answers.iter().zip(&expected).all(|(answer, fingerprint)| answer.contains(fingerprint.as_str())));
    }

    #[test]
    fn a_line_too_long_costs_only_itself() {
        let input = io::repeat(b'a').take(LONGEST as u64 + 9).chain(io::Cursor::new(format!("\n{OPAQUE}")));
        let answers = answers(input);
        assert_eq!(answers[0], "{\"line\":1,\"error\":\"longer than 8 MiB\"}");
        assert!(answers[1].starts_with("{\"form\":\"opaque\""));
        assert_eq!(answers.len(), 2);
    }

    /// A producer that writes its second line only when the first one was answered.
    #[test]
    fn a_slow_line_is_answered_at_once() {
        struct Input(mpsc::Receiver<&'static str>);
        impl Read for Input {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let Ok(text) = self.0.recv() else { return Ok(0) };
                buffer[..text.len()].copy_from_slice(text.as_bytes());
                Ok(text.len())
            }
        }
        struct Output(Option<mpsc::Sender<&'static str>>, usize);
        impl Write for Output {
            fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
                self.1 += buffer.iter().filter(|&&byte| byte == b'\n').count();
                if let Some(next) = self.0.take() {
                    next.send("opaque-token-number-2\n").unwrap();
                }
                Ok(buffer.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (next, lines) = mpsc::channel();
        next.send("opaque-token-number-1\n").unwrap();
        let mut output = Output(Some(next), 0);
        run(Input(lines), &mut output, None).unwrap();
        assert_eq!(output.1, 2);
    }

    #[test]
    fn a_closed_output_ends_it() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let endless = io::repeat(b'\n');
        assert!(run(endless, Closed, None).unwrap_err().is_broken_pipe());
    }
}
