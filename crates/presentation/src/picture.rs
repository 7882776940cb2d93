//! Pictures as SVG, the same in report, console and docs.
//!
//! Colours come from the page's style sheet by class, so that one drawing serves light, dark and
//! print. Each bar carries its numbers as text and as a title: nothing is said by colour alone.

pub mod map;
pub mod peers;

use std::fmt::Write;

use crate::assessment::Range;

/// One part of a bar.
#[derive(Debug, Clone)]
pub struct Part {
    /// Class that colours it: `act`, `attend`, `track-closely`, `track`, `none`, `past`.
    pub class: &'static str,
    /// What it counts, in words.
    pub name: &'static str,
    /// How many.
    pub count: usize,
}

/// A named bar of parts.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What stands beside it.
    pub label: String,
    /// Its parts, from the left.
    pub parts: Vec<Part>,
}

/// A named range on a scale from 0 to 100.
#[derive(Debug, Clone)]
pub struct Span {
    /// What stands beside it.
    pub label: String,
    /// Class that colours it.
    pub class: &'static str,
    /// From where to where.
    pub range: Range,
}

const WIDTH: f64 = 560.0;
const LABEL: f64 = 170.0;
const ROW: f64 = 24.0;
const BAR: f64 = 15.0;
const NUMBERS: f64 = 44.0;

/// Horizontal bars, stacked, the longest as wide as the picture.
#[must_use]
pub fn bars(title: &str, bars: &[Bar]) -> String {
    let total = |bar: &Bar| bar.parts.iter().map(|part| part.count).sum::<usize>();
    let most = bars.iter().map(total).max().unwrap_or(0).max(1) as f64;
    let room = WIDTH - LABEL - NUMBERS;
    let mut svg = open(title, bars.len() as f64 * ROW);
    for (number, bar) in bars.iter().enumerate() {
        let top = number as f64 * ROW;
        label(&mut svg, &bar.label, top);
        let mut left = LABEL;
        for part in bar.parts.iter().filter(|part| part.count > 0) {
            let width = part.count as f64 / most * room;
            let about = format!("{}: {} {}", bar.label, part.count, part.name);
            rectangle(&mut svg, part.class, (left, top, width), &about);
            // A number stands in its part where it has room, three characters being about 22 wide.
            if width > 22.0 && bar.parts.len() > 1 {
                let middle = left + width / 2.0;
                let _ = write!(
                    svg,
                    r#"<text class="in on-{}" x="{middle:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                    part.class,
                    top + 16.0,
                    part.count
                );
            }
            left += width;
        }
        number_at(&mut svg, left + 6.0, top, &total(bar).to_string());
    }
    close(svg)
}

/// Ranges on a scale from 0 to 100, one a row.
#[must_use]
pub fn spans(title: &str, spans: &[Span]) -> String {
    let room = WIDTH - LABEL - NUMBERS - 20.0;
    let x = |value: f64| LABEL + value.clamp(0.0, 100.0) / 100.0 * room;
    let mut svg = open(title, spans.len() as f64 * ROW + 20.0);
    for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let _ = write!(
            svg,
            r#"<line class="grid" x1="{0:.1}" x2="{0:.1}" y1="0" y2="{1:.1}"/><text class="tick" x="{0:.1}" y="{2:.1}" text-anchor="middle">{tick:.0}</text>"#,
            x(tick),
            spans.len() as f64 * ROW,
            spans.len() as f64 * ROW + 15.0
        );
    }
    for (number, span) in spans.iter().enumerate() {
        let top = number as f64 * ROW;
        label(&mut svg, &span.label, top);
        let (left, right) = (x(span.range.low), x(span.range.high));
        let about = format!("{}: {} of 100", span.label, span.range.whole());
        // The sure part is a thin line from zero; the bar is what may be.
        let _ = write!(
            svg,
            r#"<line class="stem" x1="{:.1}" x2="{left:.1}" y1="{1:.1}" y2="{1:.1}"/>"#,
            x(0.0),
            top + ROW / 2.0
        );
        let width = (right - left).max(5.0);
        rectangle(&mut svg, span.class, (right - width, top, width), &about);
        number_at(&mut svg, right + 6.0, top, &span.range.whole());
    }
    close(svg)
}

/// Columns side by side, such as years; each stacked from the bottom.
#[must_use]
pub fn columns(title: &str, bars: &[Bar]) -> String {
    const HEIGHT: f64 = 150.0;
    const FOOT: f64 = 20.0;
    const HEAD: f64 = 16.0;
    let total = |bar: &Bar| bar.parts.iter().map(|part| part.count).sum::<usize>();
    let most = bars.iter().map(total).max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / bars.len().max(1) as f64;
    let width = (step * 0.7).min(46.0);
    let mut svg = open(title, HEIGHT + FOOT + HEAD);
    for (number, bar) in bars.iter().enumerate() {
        let middle = (number as f64 + 0.5) * step;
        let mut bottom = HEAD + HEIGHT;
        for part in bar.parts.iter().filter(|part| part.count > 0) {
            let height = part.count as f64 / most * HEIGHT;
            bottom -= height;
            let _ = write!(
                svg,
                r#"<rect class="{}" x="{:.1}" y="{bottom:.1}" width="{width:.1}" height="{height:.1}"><title>{}</title></rect>"#,
                part.class,
                middle - width / 2.0,
                escape(&format!("{}: {} {}", bar.label, part.count, part.name))
            );
        }
        let _ = write!(
            svg,
            r#"<text class="number" x="{middle:.1}" y="{:.1}" text-anchor="middle">{}</text><text class="tick" x="{middle:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            bottom - 4.0,
            total(bar),
            HEAD + HEIGHT + 15.0,
            escape(&bar.label)
        );
    }
    let _ =
        write!(svg, r#"<line class="axis" x1="0" x2="{WIDTH}" y1="{0}" y2="{0}"/>"#, HEAD + HEIGHT);
    close(svg)
}

fn open(title: &str, height: f64) -> String {
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {:.0}" role="img" aria-label="{}">"#,
        height.max(1.0),
        escape(title)
    )
}

fn close(mut svg: String) -> String {
    svg.push_str("</svg>");
    svg
}

fn label(svg: &mut String, text: &str, top: f64) {
    let cut = cut(text, LABEL - 12.0);
    let _ = write!(
        svg,
        r#"<text class="label" x="{:.1}" y="{:.1}" text-anchor="end">{}<title>{}</title></text>"#,
        LABEL - 8.0,
        top + 16.0,
        escape(&cut),
        escape(text)
    );
}

/// As much of a text as has room, by how wide letters of 12 px usually are.
fn cut(text: &str, room: f64) -> String {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | 'f' | 'r' | 't' | 'I' | ' ' | '.' | ',' | ':' | '-' | '(' | ')' | '/' => {
            4.5
        }
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 11.0,
        'A'..='Z' => 8.5,
        // Ideographs and syllables of East Asia are as wide as high.
        '\u{2E80}'..='\u{FFEF}' => 12.5,
        _ => 7.0,
    };
    let total: f64 = text.chars().map(width).sum();
    if total <= room {
        return text.to_owned();
    }
    let mut left = room - 12.0;
    let fits = |c: &char| {
        left -= width(*c);
        left >= 0.0
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

fn number_at(svg: &mut String, left: f64, top: f64, text: &str) {
    let _ = write!(
        svg,
        r#"<text class="number" x="{left:.1}" y="{:.1}">{}</text>"#,
        top + 16.0,
        escape(text)
    );
}

/// A bar at `(left, top, width)` of its row.
fn rectangle(svg: &mut String, class: &str, (left, top, width): (f64, f64, f64), about: &str) {
    let _ = write!(
        svg,
        r#"<rect class="{class}" x="{left:.1}" y="{:.1}" width="{width:.1}" height="{BAR}"><title>{}</title></rect>"#,
        top + (ROW - BAR) / 2.0,
        escape(about)
    );
}

/// Text from a document as text in markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Bar, Part, Span, bars, spans};
    use crate::assessment::Range;

    #[test]
    fn a_name_with_markup_in_it_stays_text() {
        let bar = Bar {
            label: "<script>alert(1)</script>".to_owned(),
            parts: vec![Part { class: "act", name: "act", count: 1 }],
        };
        let svg = bars("t\"><script>", &[bar]);
        assert!(!svg.contains("<script"), "{svg}");
    }

    #[test]
    fn a_long_name_is_cut_by_its_width() {
        let kept = |text: &str| super::cut(text, 158.0).chars().count();
        assert_eq!(kept("release version unknown"), 23);
        assert!(kept(&"A".repeat(40)) < 20);
        assert!(kept(&"界".repeat(40)) < 14);
        assert!(kept(&"i".repeat(40)) > 30);
    }

    #[test]
    fn the_longest_bar_ends_inside_the_picture() {
        let part = |count| vec![Part { class: "act", name: "act", count }];
        let svg = bars("t", &[Bar { label: "a".into(), parts: part(10) }]);
        assert!(svg.contains(r#"width="346.0""#), "{svg}");
    }

    #[test]
    fn a_known_risk_is_still_seen() {
        let range = Range { low: 70.0, high: 70.0 };
        let svg = spans("t", &[Span { label: "a".into(), class: "act", range }]);
        assert!(svg.contains(r#"width="5.0""#), "{svg}");
    }
}
