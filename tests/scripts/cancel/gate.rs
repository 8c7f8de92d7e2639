//! A door in front of a server: it lets so many requests of one kind through, and holds the next until it is opened.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

#[derive(Default)]
struct State {
    /// What the held requests begin with; none: all go through.
    held: Option<&'static str>,
    /// So many of them go through.
    left: usize,
    /// One of them has come.
    has_come: bool,
}

#[derive(Clone)]
pub(super) struct Gate {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Gate {
    /// An open one.
    pub(super) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gate = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let within = gate.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (gate, server) = (within.clone(), TcpStream::connect(server).unwrap());
                let (mut answers, mut asker) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut answers, &mut asker));
                thread::spawn(move || gate.pass(client, server));
            }
        });
        gate
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, after so many more, requests that begin with this are held.
    pub(super) fn hold(&self, requests: &'static str, after: usize) {
        *self.state.0.lock().unwrap() = State { held: Some(requests), left: after, has_come: false };
    }

    /// Returns when one is held.
    pub(super) fn wait(&self) {
        let state = self.state.0.lock().unwrap();
        drop(self.state.1.wait_while(state, |state| !state.has_come).unwrap());
    }

    pub(super) fn open(&self) {
        self.state.0.lock().unwrap().held = None;
        self.state.1.notify_all();
    }

    /// What a client sends: a request comes in one piece, or its head does.
    fn pass(&self, mut client: TcpStream, mut server: TcpStream) {
        let mut piece = [0; 16_384];
        while let Ok(length @ 1..) = client.read(&mut piece) {
            self.admit(&piece[..length]);
            if server.write_all(&piece[..length]).is_err() {
                break;
            }
        }
        let _ = server.shutdown(Shutdown::Write);
    }

    fn admit(&self, piece: &[u8]) {
        let (state, changed) = &*self.state;
        let mut state = state.lock().unwrap();
        if state.held.is_none_or(|held| !piece.starts_with(held.as_bytes())) {
            return;
        }
        if state.left > 0 {
            state.left -= 1;
            return;
        }
        state.has_come = true;
        changed.notify_all();
        drop(changed.wait_while(state, |state| state.held.is_some()).unwrap());
    }
}
