//! A browser that a script drives: it follows redirects, keeps cookies, and presses the button of each page.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part")]

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use url::Url;

/// More pages than any login has.
const PAGES: usize = 30;

/// A browser with its cookies, which it shows to the host that set them.
pub struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<(String, String), String>,
    /// The link that it follows where a page has one: `Approve`, `Deny`.
    choice: &'static str,
}

impl Browser {
    pub fn new(choice: &'static str) -> Self {
        #[allow(clippy::disallowed_methods, reason = "a browser is not the program's own client")]
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, cookies: BTreeMap::new(), choice }
    }

    /// Opens a page, and goes on until there is nothing left to follow or press: the text of the last page.
    pub async fn open(&mut self, url: &str) -> String {
        let mut url = Url::parse(url).unwrap();
        let mut form: Option<Vec<(String, String)>> = None;
        for _ in 0..PAGES {
            let cookies: Vec<_> = (self.cookies.iter())
                .filter(|((host, _), _)| *host == authority(&url))
                .map(|((_, name), value)| format!("{name}={value}"))
                .collect();
            let request = match form.take() {
                Some(fields) => {
                    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                    let request = self.client.post(url.clone()).body(body);
                    request.header("content-type", "application/x-www-form-urlencoded")
                }
                None => self.client.get(url.clone()),
            };
            let response = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
            for cookie in response.headers().get_all(SET_COOKIE) {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.insert((authority(&url), name.to_owned()), value.to_owned());
            }
            if let Some(to) = response.headers().get(LOCATION) {
                url = url.join(to.to_str().unwrap()).unwrap();
                continue;
            }
            let page = response.text().await.unwrap();
            if let Some(link) = link(&page, self.choice) {
                url = url.join(&link).unwrap();
            } else if let Some((action, fields)) = button(&page) {
                url = url.join(&action).unwrap();
                form = Some(fields);
            } else {
                return page;
            }
        }
        panic!("{PAGES} pages and no end, the last one at {url}");
    }
}

fn authority(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap())
}

/// The address of the link with this text.
fn link(page: &str, text: &str) -> Option<String> {
    let before = page.split(&format!(">{text}</a>")).next().filter(|before| before.len() < page.len())?;
    attribute(&before[before.rfind("<a ")?..], "href")
}

/// The action of a page's first form, and its fields.
fn button(page: &str) -> Option<(String, Vec<(String, String)>)> {
    let form = &page[page.find("<form")?..];
    let form = &form[..form.find("</form>").unwrap_or(form.len())];
    let inputs = form.split("<input").skip(1);
    let fields =
        inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())));
    Some((attribute(form, "action")?, fields.collect()))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}
