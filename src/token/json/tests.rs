use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::*;

fn error(text: &str) -> Option<(usize, &'static str)> {
    Json::parse(text).error().map(|error| (error.offset, error.message))
}

#[test]
fn writes_what_was_written() {
    let check = |input: &str, expected: &str| {
        let json = Json::parse(input);
        assert_eq!(json.error(), None, "{input}");
        assert_eq!(json.compact(0), expected);
        assert_eq!(json.rest(), "");
    };
    let numbers = "[9223372036854775809,1e400,-0.0,123456789012345678901234567890]";
    check(numbers, numbers);
    check(r#" { "b" : 1 , "a" : [ ] , "b" : { } } "#, r#"{"b":1,"a":[],"b":{}}"#);
    check("\"a\u{202e}b\\u202e\\ud800\"", r#""a\u202eb\u202e\ud800""#);
    check("[[[],[null]],true,false]", "[[[],[null]],true,false]");
    check("\"\u{301}\"", r#""\u0301""#);
    check("7", "7");
}

#[test]
fn writes_pretty() {
    let check = |input: &str, expected: &[&str]| assert_eq!(Json::parse(input).pretty(0), expected.join("\n"));
    check(
        r#"{"a":[1,{"b":2}],"c":{},"a":3}"#,
        &["{", "  \"a\": [", "    1,", "    {", "      \"b\": 2", "    }", "  ],", "  \"c\": {},", "  \"a\": 3", "}"],
    );
    check("1", &["1"]);
}

#[test]
fn keeps_what_stands_before_an_error() {
    let check = |input: &str, at: usize, message: &str, kept: &str, rest: &str| {
        assert_eq!(error(input), Some((at, message)), "{input}");
        assert_eq!(Json::parse(input).compact(0), kept, "{input}");
        assert_eq!(Json::parse(input).rest(), rest, "{input}");
    };
    check("", 0, "the text ends too early", "", "");
    check(r#"{"a":1,"b":[2,"#, 14, "the text ends too early", r#"{"a":1,"b":[2]}"#, ",");
    check(r#"{"a":1,"b":"unt"#, 15, "the text ends inside a string", r#"{"a":1}"#, r#","b":"unt"#);
    check(r#"{"a":1} x"#, 8, "text after the end", r#"{"a":1}"#, "x");
    check(r#"{"a":1,}"#, 7, "missing member name in quotes", r#"{"a":1}"#, ",}");
    check("[1 2]", 3, "missing comma or ]", "[1]", " 2]");
    check("[01]", 2, "missing comma or ]", "[0]", "1]");
    check(r#"{"a" 1}"#, 5, "missing colon", "{}", r#""a" 1}"#);
    check("[nul]", 4, "missing value", "[]", "nul]");
    check("[1.]", 3, "missing digit", "[]", "1.]");
    check("[}", 1, "missing value", "[]", "}");
    check("\"\n\"", 1, "a raw control character in a string", "", "\"\n\"");
    check(r#""\x""#, 1, "an escape that JSON does not have", "", r#""\x""#);
    check(",", 0, "missing value", "", ",");
    check("1,2", 1, "text after the end", "1", ",2");
}

#[test]
fn unescapes() {
    let check = |input: &str, expected: &str| {
        let json = Json::parse(input);
        assert_eq!(json.string(&json.nodes()[0]).as_deref(), Some(expected));
    };
    check(r#""plain""#, "plain");
    check(r#""\"\\\/\b\f\n\r\t\u00e9""#, "\"\\/\u{8}\u{c}\n\r\té");
    check(r#""\ud83d\ude00!""#, "\u{1f600}!");
    check(r#""\ud83d!\ude00\ud83d\u0041""#, "\u{fffd}!\u{fffd}\u{fffd}A");
    check(r#""\ud83d""#, "\u{fffd}");
}

#[test]
fn finds_its_way() {
    let json = Json::parse(r#"{"a/~":[1,[2,3]],"b":4,"\u0062":5}"#);
    let pointers: Vec<_> = (0..json.nodes().len()).map(|node| json.pointer(node)).collect();
    assert_eq!(pointers, ["", "/a~1~0", "/a~1~0/0", "/a~1~0/1", "/a~1~0/1/0", "/a~1~0/1/1", "/b", "/b"]);
    let raw = |nodes: Vec<&Node>| nodes.into_iter().map(|node| json.raw(node)).collect::<Vec<_>>();
    assert_eq!(raw(json.members("b").collect()), ["4", "5"]);
    assert_eq!(json.member("b").map(|node| json.raw(node)), Some("5"));
    assert_eq!(json.member("c"), None);
    assert_eq!(json.children(3).map(|(_, node)| json.raw(node)).collect::<Vec<_>>(), ["2", "3"]);
    assert_eq!([0, 1, 4, 7].map(|node| json.parent(node)), [None, Some(0), Some(3), Some(0)]);
    // Of duplicate members the last one is found.
    let found: Vec<_> = pointers.iter().map(|pointer| json.find(pointer)).collect();
    assert_eq!(found, [0, 1, 2, 3, 4, 5, 7, 7].map(Some));
    assert_eq!(["/c", "/b/0", "/a~1~0/2", "/a~1~0/-", "b", "/"].map(|pointer| json.find(pointer)), [None; 6]);
    assert_eq!(json.raw(&json.nodes()[1]), "[1,[2,3]]");
    assert_eq!(Json::parse("[1]").members("a").count(), 0);
}

#[test]
fn any_depth() {
    let deep = 1 << 20;
    let open = Json::parse("[".repeat(deep));
    assert_eq!(open.error().map(|error| error.offset), Some(deep));
    assert_eq!(open.nodes().len(), deep);
    let deep = deep / 16;
    let closed = Json::parse("{\"a\":".repeat(deep) + "1" + &"}".repeat(deep));
    assert_eq!(closed.error(), None);
    assert_eq!(closed.compact(0), closed.text());
    assert!(closed.pretty(0).len() < 200 * deep);
}

#[test]
fn debug_shows_no_text() {
    assert!(!format!("{:?}", Json::parse(r#"{"a":"marker"}"#)).contains("marker"));
}

/// The value of a document without duplicates, as serde_json sees it.
fn value(json: &Json, index: usize) -> Value {
    let node = &json.nodes()[index];
    match node.kind {
        Kind::Object => json
            .children(index)
            .map(|(child, node)| (json.key(node).unwrap().into_owned(), value(json, child)))
            .collect(),
        Kind::Array => json.children(index).map(|(child, _)| value(json, child)).collect(),
        Kind::String => Value::String(json.string(node).unwrap().into_owned()),
        Kind::Number => serde_json::from_str(json.raw(node)).unwrap(),
        Kind::True => Value::Bool(true),
        Kind::False => Value::Bool(false),
        Kind::Null => Value::Null,
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Halves and quarters, because serde_json rounds the last digit of others.
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 32, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..8).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_serde_json_on_what_is_json(
        text in r#"[\[\]{},:"0-9eE.+\-truefalsn \\u]{0,16}"#,
        any in any::<String>(),
    ) {
        for text in [text, any] {
            let json = Json::parse(text.as_str());
            prop_assert_eq!(json.error().is_none(), serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
            let kept = json.compact(0);
            prop_assert!(kept.is_empty() || serde_json::from_str::<IgnoredAny>(&kept).is_ok(), "{text} gave {kept}");
            prop_assert!(json.text().ends_with(json.rest()));
        }
    }

    #[test]
    fn agrees_with_serde_json_on_values(
        expected in any_value(),
        pretty in any::<bool>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
        let text = write(&expected).unwrap();
        let json = Json::parse(text.as_str());
        prop_assert_eq!(&value(&json, 0), &expected);
        for written in [json.compact(0), json.pretty(0)] {
            prop_assert_eq!(&serde_json::from_str::<Value>(&written).unwrap(), &expected);
        }
        // Copied whole or value by value, it is the same.
        let bare = Json::parse(serde_json::to_string(&expected).unwrap());
        prop_assert_eq!(bare.compact(0), Json::parse(serde_json::to_string_pretty(&expected).unwrap()).compact(0));
        let cut = Json::parse(&text[..text.floor_char_boundary(cut.index(text.len()))]);
        prop_assert!(cut.nodes().is_empty() || serde_json::from_str::<Value>(&cut.compact(0)).is_ok());
    }
}
