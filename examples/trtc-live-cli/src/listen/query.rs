//! Queries as they are shown: with the signature blanked.

use reqwest::Url;

/// In place of a signature.
const BLANK: &str = "…";

/// Returns the query with the value of each `Sign` blanked, however its name is written.
pub(crate) fn blanked(query: &str) -> String {
    let pairs = query.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name_is = |wanted| decoded(name).eq_ignore_ascii_case(wanted);
        // A leading question mark is not part of the name for the receiver.
        if !value.is_empty() && (name_is("Sign") || name_is("?Sign")) {
            format!("{name}={BLANK}")
        } else {
            pair.to_owned()
        }
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn decoded(name: &str) -> String {
    let Ok(mut url) = Url::parse("http://localhost/") else { return name.to_owned() };
    url.set_query(Some(name));
    url.query_pairs().next().map_or_else(String::new, |(name, _)| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::blanked;

    #[test]
    fn signatures_are_blanked_however_they_are_written() {
        for (query, shown) in [
            ("SdkAppid=1&Sign=abc&RequestTime=7", "SdkAppid=1&Sign=…&RequestTime=7"),
            ("sign=abc&SIGN=def&%53ign=ghi", "sign=…&SIGN=…&%53ign=…"),
            ("?Sign=abc", "?Sign=…"),
            ("Sign=a=b", "Sign=…"),
            ("Sign=&Signed=1&Design=2&x", "Sign=&Signed=1&Design=2&x"),
            ("", ""),
        ] {
            assert_eq!(blanked(query), shown);
        }
    }
}
