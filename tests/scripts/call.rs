//! `tokscope call`: the token goes to the profile's own origins, whatever a server answers.

mod api;
mod hostile;

use std::{io::Write as _, process::Stdio};

use tokscope::demo::Refreshes;

use self::api::{Api, whole};
use crate::{support::program::Done, world::World};

/// A world whose profile `demo` may call this API; its access token.
fn allowed(api: &Api, more: &str) -> (World, String) {
    let world = World::new(3_600);
    world.amend("demo", &format!("origins = [\"{}\"]\n{more}", api.url));
    let token = world.run(&["token", "demo"]).0.trim().to_owned();
    (world, token)
}

fn call<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["call", "demo", "--no-input"], arguments].concat()
}

#[test]
fn each_system_takes_its_own_scheme() {
    let world = World::new(3_600);
    world.systems();
    let raw = ["--header", "X-Response-Format: raw"];
    for (profile, request, more, answer) in [
        ("edx-learner", &["/api/user/v1/me"][..], &[][..], "{\"username\": \"ada\"}"),
        ("practicus", &["/console/api/central/clusterdefinition/"], &[], "REGION_NAME"),
        ("seta", &["POST", "/seta-search/api/v1/corpus", "--data", "{\"term\":\"x\"}"], &[], "{"),
        ("passwork", &["/api/v1/users/info"], &raw, "\"email\""),
    ] {
        let arguments = [&["call", profile, "--no-input", "--include"][..], request, more].concat();
        let (out, words, code) = world.run(&arguments);
        assert_eq!(code, 0, "{profile}: {out} {words}");
        assert!(words.contains("HTTP 200 OK\n") && out.starts_with("HTTP 200 OK\n"), "{profile}: {words}");
        assert!(out.contains(answer), "{profile}: {out}");
    }
    // What the server says when the scheme is not its own.
    let (_, words, code) =
        world.run(&["call", "edx-learner", "/api/user/v1/me", "--header", "Authorization: Bearer x"]);
    assert_eq!((code, words.contains("tokscope sets Authorization")), (2, true), "{words}");
}

#[test]
fn a_request_is_what_was_asked_for() {
    let api = Api::new(whole("200 OK", "X-A: 1\r\n", "{\"a\":1}\n"));
    let (world, token) = allowed(&api, "");
    let file = world.path().join("body");
    std::fs::write(&file, "a=1&b=2").unwrap();
    let data = format!("@{}", file.display());
    let authorization = format!("authorization: Bearer {token}\r\n");
    let url = format!("{}/u", api.url);
    for (arguments, first, has) in [
        (&["/x?q=1"][..], "GET /x?q=1 HTTP/1.1\r\n", &[][..]),
        (&["head", "/x"], "HEAD /x HTTP/1.1\r\n", &[]),
        (&["DELETE", &url], "DELETE /u HTTP/1.1\r\n", &[]),
        (&["//evil.example/x"], "GET /evil.example/x HTTP/1.1\r\n", &[]),
        (
            &["/x", "--data", "{\"a\":1}"],
            "POST /x HTTP/1.1\r\n",
            &["content-type: application/json\r\n", "\r\n\r\n{\"a\":1}"],
        ),
        (&["/x", "--data", &data], "POST /x HTTP/1.1\r\n", &["application/x-www-form-urlencoded", "\r\n\r\na=1&b=2"]),
        (
            &["PUT", "/x", "--data", "<a/>", "--header", "Content-Type: text/xml", "--header", "X-Trace: 1 2"],
            "PUT /x HTTP/1.1\r\n",
            &["content-type: text/xml\r\n", "x-trace: 1 2\r\n", "\r\n\r\n<a/>"],
        ),
        (&["/x", "--header", "Accept: text/csv", "--header", "User-Agent: me"], "GET /x", &["accept: text/csv\r\n"]),
    ] {
        let (_, words, code) = world.run(&call(arguments));
        let seen = api.seen();
        assert_eq!((code, words.as_str(), seen.len()), (0, "HTTP 200 OK\n", 1), "{arguments:?}");
        assert!(seen[0].starts_with(first) && seen[0].contains(&authorization), "{}", seen[0]);
        assert!(has.iter().all(|has| seen[0].contains(has)), "{}", seen[0]);
        for once in ["authorization:", "content-type:", "accept:", "user-agent:"] {
            assert!(seen[0].matches(once).count() <= 1, "{}", seen[0]);
        }
    }
    let (out, ..) = world.run(&call(&["/x"]));
    assert_eq!(out, "{\"a\":1}\n", "the body as it is");
    let (out, ..) = world.run(&call(&["/x", "--include"]));
    assert_eq!(out, "HTTP 200 OK\nx-a: 1\ncontent-length: 8\n\n{\"a\":1}\n");
    assert_eq!(world.refreshes().granted, 0);
    // A status that is no success is an answer all the same.
    api.answer_with(whole("404 Nowhere", "", "gone"));
    assert_eq!(world.run(&call(&["/x"])), ("gone".to_owned(), "HTTP 404 Not Found\n".to_owned(), 1));
}

#[test]
fn a_file_takes_the_body_and_stays_as_it_is_until_one_comes() {
    let api = Api::new(whole("200 OK", "", "new"));
    let (world, _) = allowed(&api, "");
    let file = world.path().join("out");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "what was there before").unwrap();
    assert_eq!(world.run(&call(&["https://evil.example/", "--output", path])).2, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "what was there before");
    assert_eq!(world.run(&call(&["/x", "--output", path])), (String::new(), "HTTP 200 OK\n".to_owned(), 0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
    api.seen();
    let (_, words, code) = world.run(&call(&["/x", "--output", "/no/such/folder/file"]));
    assert_eq!((code, api.seen().len()), (2, 0), "nothing is sent for which there is no place: {words}");
}

#[test]
fn the_token_goes_to_the_profiles_own_origins_alone() {
    let (api, other) = (Api::new(whole("200 OK", "", "")), Api::new(whole("200 OK", "", "")));
    let (world, token) = allowed(&api, "");
    let host = api.url.strip_prefix("http://").unwrap();
    let port = host.split(':').nth(1).unwrap();
    for foreign in [
        format!("{}/x", other.url),
        format!("https://{host}/x"),
        format!("http://localhost:{port}/x"),
        format!("http://127.0.0.2:{port}/x"),
        format!("http://{host}@{}/x", other.url.strip_prefix("http://").unwrap()),
        format!("http://ada:pw@{host}/x"),
        format!("{}.evil.example/x", api.url),
        "http:/x".to_owned(),
        "ftp://127.0.0.1/x".to_owned(),
        "data:text/plain,x".to_owned(),
        "x".to_owned(),
        String::new(),
    ] {
        let (out, words, code) = world.run(&call(&[&foreign]));
        assert_eq!((out.as_str(), code), ("", 2), "{foreign}: {words}");
        assert!(words.contains("hint: ") && !words.contains(&token), "{foreign}: {words}");
    }
    assert_eq!((api.seen().len(), other.seen().len()), (0, 0));
    // A profile that lists nothing has no place for its token.
    let (_, words, code) = world.run(&["login", "fresh", "--no-input"]);
    assert_eq!(code, 0, "{words}");
    for target in ["/x".to_owned(), format!("{}/x", api.url)] {
        assert_eq!(world.run(&["call", "fresh", &target]).2, 2);
    }
    world.amend("fresh", "origins = [\"http://127.0.0.1/api\"]");
    let (_, words, code) = world.run(&["call", "fresh", "/x"]);
    assert!(code == 2 && words.contains("origins: must list origins only"), "{words}");
    assert_eq!(api.seen().len(), 0);
}

#[test]
fn a_401_costs_one_renewal_and_one_more_try_where_the_profile_says_so() {
    let api = Api::new(whole("401 Unauthorized", "WWW-Authenticate: Bearer\r\n", "no"));
    let (world, token) = allowed(&api, "");
    assert_eq!(world.run(&call(&["/x"])), ("no".to_owned(), "HTTP 401 Unauthorized\n".to_owned(), 1));
    assert_eq!((api.seen().len(), world.refreshes().granted), (1, 0), "not without being told to");

    world.amend("demo", "renew_on_401 = true");
    let (out, words, code) = world.run(&call(&["/x", "--data", "a=1"]));
    let seen = api.seen();
    assert_eq!((out.as_str(), code, seen.len()), ("no", 1, 2), "no third time: {words}");
    assert!(seen[0].contains(&token) && !seen[1].contains(&token) && seen[1].ends_with("a=1"), "{seen:?}");
    assert_eq!(world.refreshes(), Refreshes { granted: 1, replayed: 0 });
    let expected = "remark: the server answered 401: refreshing once, then trying once more\nHTTP 401 Unauthorized\n";
    assert_eq!(words, expected);

    // A body from a pipe is sent once.
    let mut child = world.command(&call(&["/x", "--data", "-"])).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"b=2").unwrap();
    let (out, words, code) = Done::from(child.wait_with_output().unwrap()).parts();
    assert_eq!((out.as_str(), code, api.seen().len(), world.refreshes().granted), ("no", 1, 1, 1));
    assert!(words.contains("a body from standard input is not sent twice"), "{words}");

    let renewed = world.run(&["token", "demo"]).0.trim().to_owned();
    let picky = Api::deciding(move |request| match request.contains(&renewed) {
        true => whole("401 Unauthorized", "", "no"),
        false => whole("200 OK", "", "yes"),
    });
    world.amend("demo", &format!("origins = [\"{}\"]", picky.url));
    let (out, _, code) = world.run(&call(&["/x"]));
    assert_eq!((out.as_str(), code, picky.seen().len(), world.refreshes().granted), ("yes", 0, 2, 2));
}

#[test]
fn a_token_with_too_little_life_is_renewed_first() {
    let api = Api::new(whole("200 OK", "", ""));
    let (world, _) = allowed(&api, "");
    world.expire();
    let (_, words, code) = world.run(&call(&["/x"]));
    assert_eq!((words.as_str(), code, world.refreshes().granted), ("HTTP 200 OK\n", 0, 1));
    let token = world.run(&["token", "demo"]).0;
    assert!(api.seen()[0].contains(token.trim()));
    let (out, words, code) = world.run(&["call", "fresh", "/x", "--no-input"]);
    assert_eq!((out.as_str(), code), ("", 1), "{words}");
    assert!(words.contains("log in again"), "{words}");
}

#[test]
fn a_protected_environment_is_changed_by_name_only() {
    let api = Api::new(whole("200 OK", "", ""));
    let (world, _) = allowed(&api, "environment = \"Production-EU\"");
    let code = |arguments: &[&str]| {
        let code = world.run(&call(arguments)).2;
        (code, api.seen().len())
    };
    for reading in [&["/x"][..], &["HEAD", "/x"], &["POST", "/x", "--yes-env", "production-eu"]] {
        assert_eq!(code(reading), (0, 1), "{reading:?}");
    }
    for refused in [
        &["POST", "/x"][..],
        &["/x", "--data", "a"],
        &["options", "/x"],
        &["PURGE", "/x"],
        &["POST", "/x", "--yes-env", "staging"],
        &["/x", "--yes-env", "staging"],
    ] {
        assert_eq!(code(refused), (2, 0), "{refused:?}");
    }
    let (_, words, _) = world.run(&call(&["DELETE", "/x"]));
    assert!(words.contains("--yes-env Production-EU confirms it"), "{words}");
    std::fs::write(world.path().join("config.toml"), "[environments]\nprotected = [\"live\"]\n").unwrap();
    assert_eq!(code(&["DELETE", "/x"]), (0, 1), "the settings say which ones are");
    std::fs::write(world.path().join("config.toml"), "[environments]\nprotected = [\"*-eu\"]\n").unwrap();
    assert_eq!(code(&["DELETE", "/x"]), (2, 0));
}

#[test]
fn what_is_wrong_is_not_sent_and_not_repeated() {
    let api = Api::new(whole("200 OK", "", ""));
    let (world, token) = allowed(&api, "");
    for wrong in [
        &["/x", "--header", "X: a\r\nAuthorization: Bearer marker"][..],
        &["/x", "--header", "X: a\nmarker"],
        &["/x", "--header", "X\r\nmarker: a"],
        &["/x", "--header", "marker"],
        &["/x", "--header", "Authorization: marker"],
        &["/x", "--header", "proxy-authorization: marker"],
        &["/x", "--header", "Host: marker.example"],
        &["/x", "--header", "Transfer-Encoding: marker"],
        &["/x", "--header", "X: märker"],
        &["TRACE", "/x"],
        &["CONNECT", "/x"],
        &["GET /marker", "/x"],
        &["/x", "--data", "@/no/such/file"],
        &["/x", "--min-ttl", "soon"],
        &[],
    ] {
        let (out, words, code) = world.run(&call(wrong));
        assert_eq!((out.as_str(), code), ("", 2), "{wrong:?}: {words}");
        assert!(!words.contains("marker") && !words.contains(&token), "{words}");
    }
    assert_eq!(api.seen().len(), 0);
    // A line break in a path is not one on the wire.
    assert_eq!(world.run(&call(&["/x\r\nX-Evil: 1"])).2, 0);
    assert!(!api.seen()[0].to_lowercase().contains("\nx-evil"));
}
