//! Web addresses, with a scheme or without.
//!
//! A text with a scheme is an address. A text without one may be a file name, or two sentences without a
//! space between them, so it must start with `www.` or end with a top-level domain that is often written
//! without a scheme.

use std::ops::Range;

use crate::found::{Found, auto_link};
use crate::text::slice;

/// Common generic top-level domains, in lower case.
const GENERIC: [&str; 22] = [
    "app", "biz", "blog", "cloud", "com", "dev", "edu", "gov", "info", "int", "jobs", "mil", "mobi",
    "museum", "net", "online", "org", "shop", "site", "store", "tech", "xyz",
];

/// Country domains, without those that are file extensions (`md`, `pl`, `py`, `rs`, `sh`, …) or words that
/// often start a sentence (`as`, `do`, `so`, `to`).
const COUNTRIES: &str = " ac ad ae af ag ai al am ao aq ar at au aw ax az ba bb bd be bf bg bh bi bj bm \
    bn bo br bs bt bw by bz ca cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz \
    de dj dk dm dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl \
    gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it \
    je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly \
    ma mc me mg mh mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl \
    no np nr nu nz om pa pe pf pg ph pk pm pn pr pt pw qa re ro ru rw sa sb sc sd \
    se sg si sk sl sm sn sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn tr \
    tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw ";

/// The internationalized country domains, and the generic ones and test names that are common.
const INTERNATIONAL: &str = " рф рус укр бел мкд срб қаз мон бг ею ευ ελ հայ გე الجزائر مصر ایران العراق الاردن عمان \
    پاکستان فلسطين قطر السعودية سوريا تونس امارات اليمن المغرب بھارت भारत ভারত বাংলা ਭਾਰਤ ભારત ଭାରତ இந்தியா இலங்கை \
    భారత్ ಭಾರತ ഭാരതം ලංකා ไทย 中国 中國 香港 澳门 澳門 台湾 台灣 新加坡 한국 網絡 网络 公司 网址 在线 中文网 我爱你 みんな コム \
    онлайн сайт дети орг ком شبكة موقع テスト 测试 測試 испытание δοκιμή 테스트 परीक्षा إختبار טעסט பரிட்சை ";

/// Makes a web link of a match of the link finder, if it is a web address by the rule above. `limit` is the
/// end of the word.
pub(crate) fn web_link(text: &str, range: Range<usize>, limit: usize) -> Option<Found> {
    let range = range_with_wildcard(text, range, limit);
    let address = slice(text, &range);
    if let Some((scheme, _)) = address.split_once("://") {
        let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        return if is_web { auto_link(range, address, address.to_owned()) } else { None };
    }
    if is_bare_address(address) { auto_link(range, address, ["https://", address].concat()) } else { None }
}

/// Adds the `*` that the link finder leaves out at the end of a query (`?x=*`) or after a slash.
fn range_with_wildcard(text: &str, range: Range<usize>, limit: usize) -> Range<usize> {
    let rest = slice(text, &(range.end..limit));
    let address = slice(text, &range);
    let is_part = rest.starts_with('*') && (address.contains('?') || address.ends_with('/'));
    let end = if is_part { range.end + 1 } else { range.end };
    range.start..end
}

/// Whether a text without a scheme is an address.
fn is_bare_address(address: &str) -> bool {
    let host = address.split(['/', '?', '#', ':']).next().unwrap_or_default();
    if host.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www.")) {
        return true;
    }
    let Some((_, domain)) = host.rsplit_once('.') else { return false };
    // A capital letter in the last part alone starts a sentence: "gone.It".
    let domain = if host.chars().any(char::is_lowercase) { domain.to_owned() } else { domain.to_lowercase() };
    let is_in = |list: &str| list.contains(&format!(" {domain} "));
    GENERIC.contains(&domain.as_str())
        || (domain.len() == 2 && is_in(COUNTRIES))
        || (!domain.is_ascii() && is_in(INTERNATIONAL))
}
