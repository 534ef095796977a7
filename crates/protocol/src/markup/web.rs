//! Web addresses, with a scheme or without.
//!
//! What has a scheme was meant as an address. What has none may be a file's name, or two sentences without a space
//! between, so it has to begin with `www.` or to end with a domain that people do leave the scheme away before.

use std::ops::Range;

use super::cut;
use super::find::{Found, auto};

/// Domains of common use, in lower case.
const GENERIC: [&str; 22] = [
    "app", "biz", "blog", "cloud", "com", "dev", "edu", "gov", "info", "int", "jobs", "mil", "mobi",
    "museum", "net", "online", "org", "shop", "site", "store", "tech", "xyz",
];

/// The domains of countries, without those that end files' names (`md`, `pl`, `py`, `rs`, `sh`, …) or are words at
/// which a sentence often goes on without a space (`as`, `do`, `so`, `to`).
const COUNTRIES: &str = " ac ad ae af ag ai al am ao aq ar at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt \
    bw by bz ca cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm dz ec ee eg er es et eu fi fj fk fm fo \
    fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo \
    jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc me mg mh mm mn mo mp mq mr ms mt mu mv \
    mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pm pn pr pt pw qa re ro ru rw sa sb sc sd se \
    sg si sk sl sm sn sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn tr tt tv tw tz ua ug uk us uy uz va vc ve \
    vg vi vn vu wf ws ye yt za zm zw ";

/// A link of what the finder takes for one.
pub(super) fn link(text: &str, range: Range<usize>) -> Option<Found> {
    let said = cut(text, &range);
    if said.contains("://") {
        let (scheme, _) = said.split_once("://")?;
        let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        return if web { auto(range, said, said.to_owned()) } else { None };
    }
    if without_scheme(said) { auto(range, said, ["https://", said].concat()) } else { None }
}

fn without_scheme(said: &str) -> bool {
    let host = said.split(['/', '?', '#', ':']).next().unwrap_or_default();
    if host.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www.")) {
        return true;
    }
    let Some((_, domain)) = host.rsplit_once('.') else { return false };
    // A capital in the last part alone begins a sentence: "gone.It".
    let domain = if host.chars().any(char::is_lowercase) { domain.to_owned() } else { domain.to_lowercase() };
    GENERIC.contains(&domain.as_str()) || (domain.len() == 2 && COUNTRIES.contains(&format!(" {domain} ")))
}
