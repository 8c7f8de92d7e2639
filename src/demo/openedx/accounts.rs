//! Who is registered with the LMS.

/// The client of an id and the user of a name or e-mail; of a client that acts for itself, its own user.
pub(in crate::demo) fn account(client_id: &str, username: &str) -> Option<(&'static Client, &'static User)> {
    let client = CLIENTS.iter().find(|client| client.id == client_id)?;
    let user = USERS.iter().find(|user| user.is_called(username));
    Some((client, user.or(client.secret.map(|_| client.user))?))
}

/// An account.
#[derive(Debug)]
pub(in crate::demo) struct User {
    pub(super) username: &'static str,
    pub(super) email: &'static str,
    pub(super) password: &'static str,
    pub(super) name: &'static str,
    pub(super) id: u32,
    /// The anonymous id: what `sub` is.
    pub(super) sub: &'static str,
    pub(super) staff: bool,
}

impl User {
    pub(super) fn is_called(&self, name_or_email: &str) -> bool {
        self.username == name_or_email || self.email == name_or_email
    }
}

/// A registered OAuth application.
#[derive(Debug)]
pub(in crate::demo) struct Client {
    pub(super) id: &'static str,
    /// `None` for a public client.
    pub(super) secret: Option<&'static str>,
    /// The grant that the application is registered for, as the JWT writes it.
    pub(super) grant_type: &'static str,
    /// Whose tokens client_credentials yields.
    pub(super) user: &'static User,
}

pub(super) static USERS: [User; 3] = [
    User {
        username: "ada",
        email: "ada@example.org",
        password: "analytical-engine",
        name: "Ada Lovelace",
        id: 4,
        sub: "5c10f66f2d6390b70662c914aae7ef79",
        staff: false,
    },
    User {
        username: "grace",
        email: "grace@example.org",
        password: "nanosecond",
        name: "Grace Hopper",
        id: 5,
        sub: "0b3a9f6c8e1d47259f40d6a7b2c85e13",
        staff: true,
    },
    User {
        username: "grades_worker",
        email: "grades_worker@example.org",
        password: "not-for-people",
        name: "",
        id: 6,
        sub: "e7d1c0a94f3b4e6285b9d2f81a6c7034",
        staff: true,
    },
];

pub(super) static CLIENTS: [Client; 3] = [
    Client { id: "login-service-client-id", secret: None, grant_type: "password", user: &USERS[0] },
    Client {
        id: "grades-service",
        secret: Some("grades-service-secret"),
        grant_type: "client-credentials",
        user: &USERS[2],
    },
    // What breaks clients that forget to form-encode the two halves of HTTP Basic (RFC 6749 §2.3.1).
    Client { id: "odd:service", secret: Some("p@ss:w%rd +/~"), grant_type: "client-credentials", user: &USERS[2] },
];
