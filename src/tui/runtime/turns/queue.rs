//! What waits to be handled. What the user does comes before all news: it is about what is on screen, and its frame waits for
//! none of them.

use std::{
    collections::VecDeque,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use crate::tui::runtime::Event;

/// The events that came, in two lines.
pub(super) struct Queue<'a> {
    received: &'a Receiver<Event>,
    input: VecDeque<Event>,
    news: VecDeque<Event>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(received: &'a Receiver<Event>) -> Self {
        Self { received, input: VecDeque::new(), news: VecDeque::new() }
    }

    fn sort(&mut self) {
        for event in self.received.try_iter() {
            let line = if matches!(event, Event::Input(_)) { &mut self.input } else { &mut self.news };
            line.push_back(event);
        }
    }

    /// What comes next, if anything waits.
    pub(super) fn next(&mut self) -> Option<Event> {
        self.sort();
        self.input.pop_front().or_else(|| self.news.pop_front())
    }

    /// What comes behind an event in the same frame.
    pub(super) fn behind(&mut self, is_input: bool) -> Option<Event> {
        self.sort();
        if is_input { self.input.pop_front() } else { self.next() }
    }

    /// What comes next; `None`: nothing does for so long.
    pub(super) fn wait(&mut self, most: Option<Duration>) -> Option<Event> {
        let next = self.next();
        let result = match (&next, most) {
            (Some(_), _) => return next,
            (None, None) => self.received.recv().map_err(|_| RecvTimeoutError::Disconnected),
            (None, Some(most)) => self.received.recv_timeout(most),
        };
        match result {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => unreachable!("the loop has a sender of its own"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::tui::app::{Message, key::Key};

    fn key(c: char) -> Event {
        Event::Input(Box::new(Message::Key(Key::char(c))))
    }

    fn words(event: Option<Event>) -> String {
        match event {
            Some(Event::Input(message)) => match *message {
                Message::Key(key) => format!("{:?}", key.code),
                other => format!("{other:?}"),
            },
            Some(_) => "news".to_owned(),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_key_waits_for_no_news_and_its_frame_for_none_either() {
        let (sender, received) = mpsc::channel();
        let mut queue = Queue::new(&received);
        for event in [Event::Woken, Event::Woken, key('a'), Event::Woken, key('b')] {
            sender.send(event).unwrap();
        }
        assert_eq!(words(queue.wait(None)), "Char('a')");
        assert_eq!(words(queue.behind(true)), "Char('b')");
        assert_eq!(words(queue.behind(true)), "nothing", "the frame of a key comes before the news");
        assert_eq!(words(queue.next()), "news");
        sender.send(key('c')).unwrap();
        assert_eq!(words(queue.behind(false)), "Char('c')", "it comes while news are handled");
        assert_eq!([words(queue.next()), words(queue.next()), words(queue.next())], ["news", "news", "nothing"]);
    }
}
