//! Horizontal bar chart, as SVG.

use std::fmt;

/// Shown at its own size in a README, where less would be too small to read.
const WIDTH: usize = 800;
const MARGIN: usize = 24;
/// Room for the title.
const TOP: usize = 64;
/// A label, with its bar below it: a long label then takes no room from the bars.
const ROW: usize = 46;
/// Length of the longest bar, which leaves room for the value behind it.
const LONGEST: f64 = 690.0;

/// Has a background of its own, so that it is legible on any page; on a dark one, it is dark itself, where the
/// viewer supports that.
const STYLE: &str = "
    text { font: 14px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
    .title { font-size: 16px; font-weight: 600 }
    .value { font-weight: 600 }
    .card { fill: #ffffff; stroke: #d1d9e0 }
    .bar { fill: #2f7cd6 }
    .one { stroke: #1f2328; stroke-width: 2 }
    @media (prefers-color-scheme: dark) {
        text { fill: #f0f6fc }
        .card { fill: #0d1117; stroke: #3d444d }
        .one { stroke: #f0f6fc }
    }
";

/// Ratios, one bar each. A mark on every bar shows where 1.00 is.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// Label and ratio.
    pub(crate) bars: Vec<(&'a str, f64)>,
}

impl fmt::Display for Chart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let height = TOP + ROW * self.bars.len() + MARGIN / 2;
        // The mark must stay on the canvas, even if every ratio is below it.
        let scale = LONGEST / self.bars.iter().fold(1.0, |longest, (_, ratio)| ratio.max(longest));
        let title = escape(self.title);
        writeln!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">"#
        )?;
        writeln!(f, "<title>{title}</title>\n<style>{STYLE}</style>")?;
        writeln!(
            f,
            r#"<rect class="card" x="0.5" y="0.5" width="{}" height="{}" rx="8"/>"#,
            WIDTH - 1,
            height - 1
        )?;
        writeln!(f, r#"<text class="title" x="{MARGIN}" y="36">{title}</text>"#)?;
        for ((label, ratio), top) in self.bars.iter().zip((TOP..).step_by(ROW)) {
            let (label, length) = (escape(label), ratio * scale);
            let value = length.max(scale) + 8.0;
            writeln!(f, r#"<g transform="translate({MARGIN} {top})">"#)?;
            writeln!(f, r#"<text class="label" y="13">{label}</text>"#)?;
            writeln!(f, r#"<rect class="bar" y="20" width="{length:.1}" height="16" rx="2"/>"#)?;
            writeln!(f, r#"<path class="one" d="M{scale:.1} 18v20"/>"#)?;
            writeln!(f, r#"<text class="value" x="{value:.1}" y="33">{ratio:.2}</text>"#)?;
            writeln!(f, "</g>")?;
        }
        writeln!(f, "</svg>")
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use roxmltree::{Document, Node};

    use super::*;

    const TITLE: &str = "Time & <space>";
    const BARS: [(&str, f64); 3] = [("a: floor", 1.0), ("b: Vec<&str> ]]>", 2.5), ("c: \"less\"", 0.25)];

    fn drawn(bars: &[(&str, f64)]) -> String {
        Chart { title: TITLE, bars: bars.to_vec() }.to_string()
    }

    fn of_class<'a>(document: &'a Document<'_>, class: &str) -> Vec<Node<'a, 'a>> {
        document.descendants().filter(|node| node.attribute("class") == Some(class)).collect()
    }

    #[track_caller]
    fn number(node: Node<'_, '_>, name: &str) -> f64 {
        node.attribute(name).unwrap().parse().unwrap()
    }

    #[test]
    fn every_estimate_has_its_bar_label_and_value() {
        let svg = drawn(&BARS);
        let document = Document::parse(&svg).unwrap();
        let texts = |class| -> Vec<_> {
            of_class(&document, class).iter().map(|node| node.text().unwrap().to_owned()).collect()
        };
        assert_eq!(texts("label"), BARS.map(|(label, _)| label));
        assert_eq!(texts("value"), ["1.00", "2.50", "0.25"]);
        let lengths: Vec<_> =
            of_class(&document, "bar").iter().map(|bar| bar.attribute("width").unwrap()).collect();
        assert_eq!(lengths, ["276.0", "690.0", "69.0"]);
        // Behind the bar, and behind the mark.
        let values = of_class(&document, "value").into_iter().map(|value| number(value, "x"));
        assert!(values.eq([284.0, 698.0, 284.0]), "{svg}");
    }

    #[test]
    fn the_title_is_escaped() {
        let svg = drawn(&BARS);
        let document = Document::parse(&svg).unwrap();
        assert_eq!(of_class(&document, "title").first().unwrap().text(), Some(TITLE));
        let title = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
        assert_eq!(title.text(), Some(TITLE));
    }

    #[test]
    fn everything_stays_on_the_canvas() {
        for bars in [&BARS[..], &BARS[2..], &[]] {
            let svg = drawn(bars);
            let document = Document::parse(&svg).unwrap();
            let root = document.root_element();
            for row in of_class(&document, "value") {
                assert!(number(row, "x") < number(root, "width") - 80.0, "{svg}");
            }
            let rows = document.descendants().filter_map(|node| node.attribute("transform"));
            for row in rows {
                let (_, top) = row.strip_suffix(')').unwrap().split_once(' ').unwrap();
                assert!(top.parse::<f64>().unwrap() + 38.0 < number(root, "height"), "{svg}");
            }
        }
    }
}
