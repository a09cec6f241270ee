//! The assistant's Markdown as HTML that is safe to put into a page, whatever a model was made to write.
//!
//! Two nets: the parser turns raw HTML into plain text and images into their descriptions, then an allow-list cleans what came out.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

/// The longest text that is rendered, in bytes; what is longer is cut, and says so.
pub(crate) const LONGEST: usize = 64 * 1024;

/// How deep quotes, lists and emphasis nest; deeper ones lose their marks, not their words. (Cleaning takes time by the square of the depth.)
const DEEPEST: usize = 32;

/// What is left of the HTML: the words' structure, and nothing that loads, runs or poses as the page.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "input",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut cleaner = Builder::empty();
    cleaner
        .tags(HashSet::from(tags))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href", "title"])), ("ol", HashSet::from(["start"]))]))
        .tag_attribute_values(HashMap::from([(
            "input",
            HashMap::from([
                ("type", HashSet::from(["checkbox"])),
                ("disabled", HashSet::from([""])),
                ("checked", HashSet::from([""])),
            ]),
        )]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Custom(Box::new(task_link)))
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// `markdown` as safe HTML. Links go to `http`, `https` and `mailto` addresses, and to tasks (`#t_12`); there are no images and
/// there is no raw HTML. Input beyond [`LONGEST`] bytes is cut.
#[must_use]
pub(crate) fn to_html(markdown: &str) -> String {
    let text = bounded(markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut html = String::with_capacity(text.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, shallow(Parser::new_ext(&text, options)).map(tame));
    CLEANER.clean(&html).to_string()
}

/// `events` without the starts and ends of what is nested deeper than [`DEEPEST`].
fn shallow<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    events
        .scan(0usize, |depth, event| {
            let level = *depth + usize::from(matches!(event, Event::Start(_)));
            match event {
                Event::Start(_) => *depth += 1,
                Event::End(_) => *depth = depth.saturating_sub(1),
                _ => return Some(Some(event)),
            }
            Some((level <= DEEPEST).then_some(event))
        })
        .flatten()
}

/// Raw HTML becomes the text that it is, an image its description, an unsafe link its words.
fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        // Without an address the cleaner leaves nothing of a link but its words; the same serves images.
        Event::Start(Tag::Image { .. }) => Event::Start(Tag::Link {
            link_type: LinkType::Inline,
            dest_url: CowStr::Borrowed(""),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    }
}

/// Of addresses without a scheme only a task's is let through.
fn task_link(url: &str) -> Option<Cow<'_, str>> {
    let number = url.strip_prefix("#t_")?;
    let is_number = (1..=18).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(Cow::Borrowed(url))
}

/// `text`, cut at a character at most [`LONGEST`] bytes in.
fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(LONGEST);
    Cow::Owned(format!("{}\n\n… (cut)", &text[..end]))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("**Done:** *one* task", "<p><strong>Done:</strong> <em>one</em> task</p>\n")]
    #[case(
        "- [x] milk\n- [ ] bread",
        "<ul>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\">\nmilk</li>\n<li><input disabled=\"\" type=\"checkbox\">\nbread</li>\n</ul>\n"
    )]
    #[case(
        "|a|b|\n|-|-|\n|1|2|",
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody></table>\n"
    )]
    #[case("[milk](#t_12)", "<p><a href=\"#t_12\" rel=\"noopener noreferrer nofollow\">milk</a></p>\n")]
    #[case(
        "<https://example.org/?a=1&b=2>",
        "<p><a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener noreferrer nofollow\">https://example.org/?a=1&amp;b=2</a></p>\n"
    )]
    #[case("3. three", "<ol start=\"3\">\n<li>three</li>\n</ol>\n")]
    #[case("`a < b`", "<p><code>a &lt; b</code></p>\n")]
    fn ordinary_markdown_is_kept(#[case] markdown: &str, #[case] html: &str) {
        assert_eq!(to_html(markdown), html);
    }

    #[rstest]
    #[case("<script>alert(1)</script>")]
    #[case("<img src=x onerror=alert(1)>")]
    #[case("hello <b onclick=\"alert(1)\">you</b>")]
    #[case("![x](https://evil.example/pixel.png)")]
    #[case("![x](javascript:alert(1))")]
    #[case("[x](javascript:alert(1))")]
    #[case("[x](JaVaScRiPt:alert(1))")]
    #[case("[x](java&#10;script:alert(1))")]
    #[case("[x](\u{1}javascript:alert(1))")]
    #[case("[x](data:text/html;base64,PHNjcmlwdD4=)")]
    #[case("[x](vbscript:msgbox)")]
    #[case("[x](//evil.example/)")]
    #[case("[x](/api/tasks)")]
    #[case("[x](#top)")]
    #[case("[x](#t_12\"onmouseover=alert(1))")]
    #[case("<javascript:alert(1)>")]
    #[case("<svg/onload=alert(1)>")]
    #[case("<math><mi xlink:href=\"data:x,<script>alert(1)</script>\">")]
    #[case("<iframe srcdoc='<script>alert(1)</script>'></iframe>")]
    #[case("<a href=\"https://x.example\" style=\"position:fixed\">x</a>")]
    #[case("```\"><script>alert(1)</script>\ncode\n```")]
    #[case("```html onload=alert(1)\n<script>alert(1)</script>\n```")]
    #[case("<!-- --><script>alert(1)</script>")]
    #[case("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">")]
    #[case("<form action=https://evil.example><input name=password>")]
    fn nothing_runs_loads_or_poses(#[case] markdown: &str) {
        let html = to_html(markdown);
        // What is left of tags, after the text that only looks like tags (it is escaped).
        let tags: Vec<&str> = html.split('<').skip(1).filter_map(|rest| rest.split('>').next()).collect();
        for tag in tags {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap();
            assert!(["p", "a", "pre", "code", "strong", "em"].contains(&name), "<{tag}> in {html}");
            assert!(!tag.contains("href"), "<{tag}> in {html}");
            for attribute in ["on", "style", "src", "class", "name"] {
                assert!(!tag.contains(&format!(" {attribute}")), "<{tag}> in {html}");
            }
        }
    }

    #[test]
    fn a_link_cannot_break_out_of_its_title() {
        let html = to_html("[x](https://a.example '\" onclick=alert(1) x=\"')");
        assert!(html.contains("title=\"&quot; onclick=alert(1) x=&quot;\""), "{html}");
    }

    #[rstest]
    #[case(&"[".repeat(1_000_000))]
    #[case(&"> ".repeat(500_000))]
    #[case(&"*a ".repeat(300_000))]
    #[case(&"![a](".repeat(200_000))]
    #[case(&"<a".repeat(500_000))]
    #[case(&"é".repeat(500_000))]
    fn huge_input_is_bounded(#[case] markdown: &str) {
        let begun = Instant::now();
        let html = to_html(markdown);
        assert!(html.len() < LONGEST * 24, "{} bytes", html.len());
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
}
